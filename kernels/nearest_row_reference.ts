/** Nearest rows by the definition, in float64, for tests. @module */

/** A row and its squared distance. */
export interface Found {
  /** Sum of squared differences. */
  readonly squared: number;
  /** Row number. */
  readonly index: number;
}

/** All rows of `bank` by squared distance to query `i`, then index; `columns` numbers a row. */
export function byDistance(queries: ArrayLike<number>, bank: ArrayLike<number>, columns: number, i: number): Found[] {
  const found = Array.from({ length: bank.length / columns }, (_, index) => {
    let squared = 0;
    for (let c = 0; c < columns; c++) squared += (queries[i * columns + c] - bank[index * columns + c]) ** 2;
    return { squared, index };
  });
  return found.sort((a, b) => a.squared - b.squared || a.index - b.index);
}

/** Small integers: exact in float32, full of ties. */
export const integers = (length: number, seed: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, i) => Math.imul(i + seed, 2654435761) >>> 28);

/** Reals in −1 … 1. */
export const reals = (length: number, seed: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, i) => Math.sin(seed * (i + 1)));

/** Reals in −8 … 8 without order, by MurmurHash3's finalizer. */
export const scattered = (length: number, seed: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, i) => {
    let hash = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 28 - 8;
  });

/** Scales columns so that the first vary most, as along principal axes; whole numbers stay whole, and small enough for exact sums in float32. */
export const decreasing = (rows: Float32Array<ArrayBuffer>, columns: number): Float32Array<ArrayBuffer> =>
  rows.map((value, i) => value * Math.max(1, 32 >> Math.floor((i % columns) / 3)));
