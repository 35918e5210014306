/** Float32 scores as integers that sort alike, and a table that finds where a score falls among given ones. @module */

/** The bits of float32 scores, without a copy. */
export function scoreBits(scores: Float32Array): Int32Array {
  return new Int32Array(scores.buffer, scores.byteOffset, scores.length);
}

/** Whether these bits are a NaN. */
export function isNanBits(bits: number): boolean {
  return (bits & 0x7fffffff) > 0x7f800000;
}

/** The key of a float32 by its bits: keys of two scores compare as the scores do, and −0 has the key of 0. Not for NaN. */
export function scoreKey(bits: number): number {
  const key = bits ^ ((bits >> 31) & 0x7fffffff); // magnitudes of negative floats grow downwards
  return key === -1 ? 0 : key; // −0, and nothing else, lands on −1
}

/** Sorted distinct keys. They cut the line of all scores into `2 × size + 1` intervals. */
export interface KeyTable {
  readonly size: number;
  /** The interval of a key: `2i + 1` where it equals the i-th key, `2i` where it lies between the keys i − 1 and i. */
  interval(key: number): number;
}

const BINS = 65536; // by the upper 16 bits: sign, exponent and 7 bits of the mantissa

/** The table of the distinct values of `keys`, which it sorts in place. */
export function keyTable(keys: Int32Array): KeyTable {
  keys.sort();
  let size = 0;
  for (let i = 0; i < keys.length; i++) {
    if (i === 0 || keys[i] !== keys[i - 1]) keys[size++] = keys[i];
  }
  const distinct = keys.slice(0, size);
  const starts = new Int32Array(BINS + 1); // a search then only looks at keys of its own bin
  for (let i = 0; i < size; i++) starts[(distinct[i] >> 16) + BINS / 2 + 1]++;
  for (let bin = 0; bin < BINS; bin++) starts[bin + 1] += starts[bin];
  return {
    size,
    interval(key) {
      const bin = (key >> 16) + BINS / 2;
      const end = starts[bin + 1];
      let low = starts[bin], high = end;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (distinct[middle] < key) low = middle + 1;
        else high = middle;
      }
      return low < end && distinct[low] === key ? 2 * low + 1 : 2 * low;
    },
  };
}
