/**
 * WGSL: the smallest eigenvector of a symmetric 3×3 matrix in closed form, with the sign that Open3D gives it. @module
 *
 * Source of the eigenvalues: D. Eberly, "A Robust Eigensolver for 3×3 Symmetric Matrices", section 5 (trigonometric solution, vectors by
 * cross products), in the variant that Open3D's `estimate_normals(fast_normal_computation = true)` follows: the choice between the
 * branches, and with it the sign of the vector, is a function of the matrix. Needs `acosSnippet` before it.
 */

/**
 * `symmetricEigen(d, o)`: `d` = (xx, yy, zz), `o` = (xy, xz, yz). Gives the unit vector of the smallest eigenvalue, and all three
 * eigenvalues ascending. (0, 0, 1) and zeros for the zero matrix.
 */
export const symmetricEigenSnippet = /* wgsl */ `
struct SymmetricEigen { vector: vec3f, values: vec3f }

/** The matrix times v. */
fn symmetricTimes(d: vec3f, o: vec3f, v: vec3f) -> vec3f {
  return vec3f(
    d.x * v.x + o.x * v.y + o.y * v.z,
    o.x * v.x + d.y * v.y + o.z * v.z,
    o.y * v.x + o.z * v.y + d.z * v.z,
  );
}

/** The eigenvector of an eigenvalue that is not repeated: the longest cross product of two rows of A − λI. */
fn eigenvectorBesidesRows(d: vec3f, o: vec3f, value: f32) -> vec3f {
  let r0 = vec3f(d.x - value, o.x, o.y);
  let r1 = vec3f(o.x, d.y - value, o.z);
  let r2 = vec3f(o.y, o.z, d.z - value);
  let c01 = cross(r0, r1);
  let c02 = cross(r0, r2);
  let c12 = cross(r1, r2);
  var longest = c01;
  var square = dot(c01, c01);
  if (dot(c02, c02) > square) { longest = c02; square = dot(c02, c02); }
  if (dot(c12, c12) > square) { longest = c12; square = dot(c12, c12); }
  return longest / sqrt(max(square, 0x1p-120f));
}

/** The eigenvector of another eigenvalue, orthogonal to the unit eigenvector v. */
fn eigenvectorOrthogonalTo(d: vec3f, o: vec3f, v: vec3f, value: f32) -> vec3f {
  var a: vec3f;
  if (abs(v.x) > abs(v.y)) { a = vec3f(-v.z, 0.0, v.x) / sqrt(v.x * v.x + v.z * v.z); }
  else { a = vec3f(0.0, v.z, -v.y) / sqrt(v.y * v.y + v.z * v.z); }
  let b = cross(v, a);
  let timesA = symmetricTimes(d, o, a);
  let timesB = symmetricTimes(d, o, b);
  let m00 = dot(a, timesA) - value;
  let m01 = dot(a, timesB);
  let m11 = dot(b, timesB) - value;
  let diagonal = select(m11, m00, abs(m00) >= abs(m11));
  if (max(abs(diagonal), abs(m01)) == 0.0) { return a; }
  var onDiagonal: f32; // (onDiagonal, beside) is (diagonal, m01) at unit length, with the sign of the larger taken out
  var beside: f32;
  if (abs(diagonal) >= abs(m01)) {
    let t = m01 / diagonal;
    onDiagonal = 1.0 / sqrt(1.0 + t * t);
    beside = t * onDiagonal;
  } else {
    let t = diagonal / m01;
    beside = 1.0 / sqrt(1.0 + t * t);
    onDiagonal = t * beside;
  }
  if (abs(m00) >= abs(m11)) { return beside * a - onDiagonal * b; }
  return onDiagonal * a - beside * b;
}

fn symmetricEigen(diagonal: vec3f, beside: vec3f) -> SymmetricEigen {
  let top = max(
    max(max(diagonal.x, diagonal.y), diagonal.z),
    max(max(beside.x, beside.y), beside.z),
  );
  if (top <= 0.0) { return SymmetricEigen(vec3f(0.0, 0.0, 1.0), vec3f()); }
  let d = diagonal / top;
  let o = beside / top;
  let e = dot(o, o);
  if (e == 0.0) {
    let low = min(min(d.x, d.y), d.z);
    let high = max(max(d.x, d.y), d.z);
    let middle = max(min(d.x, d.y), min(max(d.x, d.y), d.z));
    var axis = vec3f(0.0, 0.0, 1.0);
    if (d.x < d.y && d.x < d.z) { axis = vec3f(1.0, 0.0, 0.0); }
    else if (d.y < d.x && d.y < d.z) { axis = vec3f(0.0, 1.0, 0.0); }
    return SymmetricEigen(axis, top * vec3f(low, middle, high));
  }
  let q = (d.x + d.y + d.z) / 3.0;
  let b = d - q;
  let p = sqrt((dot(b, b) + 2.0 * e) / 6.0);
  let determinant = b.x * (b.y * b.z - o.z * o.z) - o.x * (o.x * b.z - o.z * o.y) + o.y * (o.x * o.z - b.y * o.y);
  let h = clamp(0.5 * (determinant / p / p / p), -1.0, 1.0);
  let third = acosExact(h) / 3.0;
  let cosine = cosineExact(third);
  let sine = sineExact(third);
  // 2 cos φ, 2 cos(φ + 2π/3), and minus their sum
  let factors = vec3f(-cosine - 1.7320508075688772 * sine, -cosine + 1.7320508075688772 * sine, 2.0 * cosine);
  let values = q + p * factors;
  var vector: vec3f;
  if (h < 0.0) {
    vector = eigenvectorBesidesRows(d, o, values.x);
  } else {
    let largest = eigenvectorBesidesRows(d, o, values.z);
    vector = cross(eigenvectorOrthogonalTo(d, o, largest, values.y), largest);
  }
  return SymmetricEigen(vector, top * values);
}
`;
