/** Search in ascending numbers. @module */

/** The first index of `ascending` whose value is at least `value`; its length where there is none. */
export function firstAtLeast(ascending: Float32Array | Float64Array, value: number): number {
  let low = 0, high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
