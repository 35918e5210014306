/**
 * What distances normal patches have to each row of the bank. @module
 *
 * n patches of held-out normal scans, with sum s and sum of squares q of their distances, are nearest to a row. Few rows have many, so
 * a row's mean and variance lean on those of its group, the rows nearest to the same anchor, and these on those of all patches:
 *   m0 = (S + w g0)/(N + w),  v0 = (Q + w (g1² + g0²))/(N + w) − m0²,  m = (s + w m0)/(n + w),  v = (q + w (v0 + m0²))/(n + w) − m²
 */
import { gatherRows, type Gpu, nearestRow, type Rows } from "../../kernels/mod.ts";

/** How many patches a prior weighs as much as. */
const WEIGHT = 5;

/** Rows that share a group, on average. */
const GROUP = 10;

/** Distances of held-out normal patches by the row that each is nearest to. */
export interface RowCounts {
  readonly n: Float64Array;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

/** Counts of a bank of so many rows, all 0. */
export const emptyCounts = (rows: number): RowCounts => ({
  n: new Float64Array(rows),
  sum: new Float64Array(rows),
  squares: new Float64Array(rows),
});

/** Adds the patches of one scan, or with `sign` −1 takes them out again. */
export function addCounts(counts: RowCounts, rows: Uint32Array, distances: Float32Array, sign: 1 | -1 = 1): void {
  rows.forEach((row, i) => {
    counts.n[row] += sign;
    counts.sum[row] += sign * distances[i];
    counts.squares[row] += sign * distances[i] ** 2;
  });
}

/** The group of each bank row: its nearest of every tenth row. Read back: the groups. */
export async function groupRows(gpu: Gpu, bank: Rows): Promise<Uint32Array> {
  const anchors = Uint32Array.from({ length: Math.ceil(bank.count / GROUP) }, (_, i) => i * GROUP);
  using indices = gpu.upload("u32", anchors), rows = gatherRows(gpu, { rows: bank, indices });
  using nearest = nearestRow(gpu, { queries: bank, bank: rows });
  return await gpu.read(nearest.indices);
}

/** `rows × 2`: mean and 1 / deviation of the distances to each row; an inverse of 0 where nothing varies. */
export function spreadOfRows(
  { n, sum, squares }: RowCounts,
  groups: Uint32Array,
  [mean, deviation]: readonly [number, number],
): Float32Array<ArrayBuffer> {
  const many = Math.ceil(n.length / GROUP);
  const N = new Float64Array(many), S = new Float64Array(many), Q = new Float64Array(many);
  groups.forEach((group, row) => {
    N[group] += n[row];
    S[group] += sum[row];
    Q[group] += squares[row];
  });
  const spread = new Float32Array(2 * n.length);
  groups.forEach((group, row) => {
    const all = N[group] + WEIGHT, groupMean = (S[group] + WEIGHT * mean) / all;
    const groupVariance = (Q[group] + WEIGHT * (deviation ** 2 + mean ** 2)) / all - groupMean ** 2;
    const own = n[row] + WEIGHT, rowMean = (sum[row] + WEIGHT * groupMean) / own;
    const variance = (squares[row] + WEIGHT * (groupVariance + groupMean ** 2)) / own - rowMean ** 2;
    spread[2 * row] = rowMean;
    spread[2 * row + 1] = variance > 1e-9 * rowMean ** 2 ? 1 / Math.sqrt(variance) : 0;
  });
  return spread;
}
