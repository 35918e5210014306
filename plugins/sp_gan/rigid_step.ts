/** The small rigid motion that brings points nearer to their partners: one step of Gauss and Newton. @module */
import { about } from "./common_frame.ts";

/**
 * The motion p ↦ R p + t that makes Σ |R pᵢ + t − qᵢ|² smaller, R turned by the vector that the sum's linear form asks for; repeated with
 * new partners it is point-to-point ICP (Besl and McKay 1992). Points that lie on one line turn about it by nothing.
 * `points` and `partners` are `count × 3` with at least one row; only rows with `used[i] = 1` count.
 */
export function rigidStep(points: Float32Array, partners: Float32Array, used: Uint8Array): Float64Array {
  const count = used.reduce((sum, one) => sum + one, 0), middle = [0, 0, 0], aim = [0, 0, 0];
  used.forEach((one, i) => {
    if (!one) return;
    for (let axis = 0; axis < 3; axis++) {
      middle[axis] += points[3 * i + axis] / count;
      aim[axis] += partners[3 * i + axis] / count;
    }
  });
  const spread = [0, 0, 0, 0, 0, 0], moment = [0, 0, 0]; // of r: xx, xy, xz, yy, yz, zz; of r × d
  used.forEach((one, i) => {
    if (!one) return;
    const [x, y, z] = middle.map((value, axis) => points[3 * i + axis] - value);
    const [u, v, w] = aim.map((value, axis) => partners[3 * i + axis] - value);
    [x * x, x * y, x * z, y * y, y * z, z * z].forEach((value, n) => spread[n] += value);
    moment[0] += y * w - z * v;
    moment[1] += z * u - x * w;
    moment[2] += x * v - y * u;
  });
  return about(turnOf(spread, moment), middle, aim);
}

/** Keeps the system solvable where points leave a turn open: this share of their spread is added to its diagonal. */
const RIDGE = 1e-6;

/** Rotation by the vector ω with (tr(S) I − S) ω = moment. */
function turnOf([xx, xy, xz, yy, yz, zz]: readonly number[], moment: readonly number[]): number[] {
  const ridge = RIDGE * (xx + yy + zz) + Number.MIN_VALUE;
  const a = yy + zz + ridge, b = -xy, c = -xz, d = xx + zz + ridge, e = -yz, f = xx + yy + ridge;
  const cofactors = [d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b];
  const determinant = a * cofactors[0] + b * cofactors[1] + c * cofactors[2];
  const [p, q, r, s, t, u] = cofactors, [m, n, o] = moment;
  const vector = [p * m + q * n + r * o, q * m + s * n + t * o, r * m + t * n + u * o].map((value) =>
    determinant > 0 ? value / determinant : 0
  );
  const angle = Math.hypot(...vector), [x, y, z] = vector.map((value) => angle > 0 ? value / angle : 0);
  const sine = Math.sin(angle), rest = 1 - Math.cos(angle), cosine = 1 - rest;
  return [
    cosine + rest * x * x,
    rest * x * y - sine * z,
    rest * x * z + sine * y,
    rest * x * y + sine * z,
    cosine + rest * y * y,
    rest * y * z - sine * x,
    rest * x * z - sine * y,
    rest * y * z + sine * x,
    cosine + rest * z * z,
  ];
}
