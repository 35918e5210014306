/**
 * Principal axes of rows: the directions in which they vary most. @module
 *
 * The axes are eigenvectors of the rows' covariance, by Householder's reduction to a tridiagonal matrix and QL steps with Wilkinson's shift
 * (Golub and Van Loan, Matrix Computations, 4th ed., §8.3.1 and §8.3.3). The mean does not change distances between rows, so rows are projected with it.
 */
import { ShapeMismatch } from "../kernels/mod.ts";

/** Axes in descending order of the variance along them. */
export interface PrincipalAxes {
  /** `kept × columns`, row-major, orthonormal; of each axis the component that is largest by magnitude is positive. */
  readonly axes: Float32Array<ArrayBuffer>;
  /** Variance of the rows along each axis, `kept`, in the rows' units squared. */
  readonly variances: Float64Array<ArrayBuffer>;
  /** How many axes there are: `most`, or all columns. */
  readonly kept: number;
}

/**
 * The `most` first principal axes of rows of `columns` numbers, `stride` apart; in float64.
 * @throws {ShapeMismatch} for no rows, part of a row, or numbers that are not finite
 */
export function principalAxes(rows: Float32Array, columns: number, stride: number, most: number): PrincipalAxes {
  const count = rows.length / stride;
  if (!(columns >= 1 && stride >= columns && count >= 1 && Number.isInteger(count) && most >= 1)) {
    throw new ShapeMismatch(
      "principal-axes",
      `at least one row of ${columns} numbers, ${stride} apart, and one axis`,
      `${rows.length} numbers and ${most} axes`,
    );
  }
  const matrix = covariance(rows, count, columns, stride);
  const scale = matrix.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0); // NaN stays NaN
  if (!Number.isFinite(scale)) throw new ShapeMismatch("principal-axes", "finite numbers", "infinity or NaN");
  if (scale > 0) { for (let i = 0; i < matrix.length; i++) matrix[i] /= scale; }
  const { diagonal, beside, betas } = tridiagonal(matrix, columns);
  const vectors = diagonalise(diagonal, beside);
  const kept = Math.min(Math.floor(most), columns);
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[b] - diagonal[a] || a - b).slice(0, kept);
  const axes = new Float32Array(kept * columns);
  order.forEach((at, i) => {
    const vector = vectors.subarray(at * columns, (at + 1) * columns);
    reflectBack(vector, matrix, betas);
    let largest = 0;
    for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
    for (let c = 0; c < columns; c++) axes[i * columns + c] = largest < 0 ? -vector[c] : vector[c];
  });
  return { axes, variances: Float64Array.from(order, (at) => Math.max(0, diagonal[at] * scale)), kept };
}

/** Rows whose products are summed before they are added to the matrix, so that it is read and written less often. */
const TOGETHER = 4;

/** Mean product of the rows' deviations from their mean, `columns × columns`, both halves. */
function covariance(rows: Float32Array, count: number, columns: number, stride: number): Float64Array {
  const mean = new Float64Array(columns), matrix = new Float64Array(columns * columns);
  for (let row = 0; row < count; row++) {
    for (let c = 0; c < columns; c++) mean[c] += rows[row * stride + c];
  }
  for (let c = 0; c < columns; c++) mean[c] /= count;
  const [p, q, r, s] = Array.from({ length: TOGETHER }, () => new Float64Array(columns));
  for (let first = 0; first < count; first += TOGETHER) {
    [p, q, r, s].forEach((deviation, i) => {
      const at = (first + i) * stride;
      for (let c = 0; c < columns; c++) deviation[c] = first + i < count ? rows[at + c] - mean[c] : 0;
    });
    for (let i = 0; i < columns; i++) {
      const a = p[i], b = q[i], c = r[i], d = s[i];
      for (let j = 0, at = i * columns; j <= i; j++, at++) matrix[at] += a * p[j] + b * q[j] + c * r[j] + d * s[j];
    }
  }
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) {
      matrix[j * columns + i] = matrix[i * columns + j] /= count;
    }
  }
  return matrix;
}

/**
 * Reduces a symmetric matrix by reflections 1 − β v vᵀ. Of its rows, each keeps its v from one past the diagonal on; the first component of v is 1.
 * `beside[i]` stands between diagonal elements i and i + 1; its last is 0.
 */
function tridiagonal(matrix: Float64Array, n: number) {
  const diagonal = new Float64Array(n), beside = new Float64Array(n), betas = new Float64Array(n);
  const product = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    diagonal[k] = matrix[k * n + k];
    if (k === n - 1) break;
    const v = matrix.subarray(k * n, (k + 1) * n), head = v[k + 1];
    let tail = 0;
    for (let i = k + 2; i < n; i++) tail += v[i] * v[i];
    beside[k] = head;
    if (tail === 0) continue; // β = 0
    const norm = Math.sqrt(head * head + tail);
    beside[k] = head <= 0 ? norm : -norm;
    const pivot = head - beside[k]; // both of one sign, so nothing cancels
    betas[k] = -pivot / beside[k];
    v[k + 1] = 1;
    for (let i = k + 2; i < n; i++) v[i] /= pivot;
    let along = 0; // A ← A − v wᵀ − w vᵀ with w = β A v − β/2 (β A v · v) v
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1, at = i * n + j; j < n; j++, at++) sum += matrix[at] * v[j];
      product[i] = betas[k] * sum;
      along += product[i] * v[i];
    }
    const half = betas[k] * along / 2;
    for (let i = k + 1; i < n; i++) product[i] -= half * v[i];
    for (let i = k + 1; i < n; i++) {
      const a = v[i], b = product[i];
      for (let j = k + 1, at = i * n + j; j < n; j++, at++) matrix[at] -= a * product[j] + b * v[j];
    }
  }
  return { diagonal, beside, betas };
}

/** Eigenvectors of a tridiagonal matrix, one a row; `diagonal` becomes the eigenvalues, unordered, and `beside` zeros. */
function diagonalise(diagonal: Float64Array, beside: Float64Array): Float64Array {
  const n = diagonal.length, vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let low = 0; low < n; low++) {
    for (;;) {
      let high = low; // the block from low to high is not yet split
      while (high < n - 1) {
        const around = Math.abs(diagonal[high]) + Math.abs(diagonal[high + 1]);
        if (Math.abs(beside[high]) <= Number.EPSILON * around || Math.abs(beside[high]) < 1e-300) break;
        high++;
      }
      if (high === low) break;
      step(diagonal, beside, vectors, low, high);
    }
  }
  return vectors;
}

/** One implicit QL step on the block from `low` to `high`, with the eigenvalue of its first two rows that is nearest to the first as the shift. */
function step(diagonal: Float64Array, beside: Float64Array, vectors: Float64Array, low: number, high: number): void {
  const n = diagonal.length, slope = (diagonal[low + 1] - diagonal[low]) / (2 * beside[low]);
  const root = Math.hypot(slope, 1);
  let chase = diagonal[high] - diagonal[low] + beside[low] / (slope + (slope >= 0 ? root : -root));
  let sine = 1, cosine = 1, carried = 0;
  for (let i = high - 1; i >= low; i--) {
    const out = sine * beside[i], inner = cosine * beside[i], length = Math.hypot(out, chase);
    beside[i + 1] = length;
    if (length === 0) { // the block has split
      diagonal[i + 1] -= carried;
      beside[high] = 0;
      return;
    }
    sine = out / length;
    cosine = chase / length;
    const shifted = diagonal[i + 1] - carried, twist = (diagonal[i] - shifted) * sine + 2 * cosine * inner;
    carried = sine * twist;
    diagonal[i + 1] = shifted + carried;
    chase = cosine * twist - inner;
    for (let k = 0, a = i * n, b = a + n; k < n; k++, a++, b++) {
      const upper = vectors[b];
      vectors[b] = sine * vectors[a] + cosine * upper;
      vectors[a] = cosine * vectors[a] - sine * upper;
    }
  }
  diagonal[low] -= carried;
  beside[low] = chase;
  beside[high] = 0;
}

/** Takes an eigenvector of the tridiagonal matrix to one of the matrix that {@linkcode tridiagonal} was given. */
function reflectBack(vector: Float64Array, reflections: Float64Array, betas: Float64Array): void {
  const n = vector.length;
  for (let k = n - 3; k >= 0; k--) {
    if (betas[k] === 0) continue;
    let along = 0;
    for (let i = k + 1; i < n; i++) along += reflections[k * n + i] * vector[i];
    for (let i = k + 1; i < n; i++) vector[i] -= betas[k] * along * reflections[k * n + i];
  }
}
