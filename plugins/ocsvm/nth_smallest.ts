/** One order statistic without a sort. @module */

/**
 * The value that has `rank` others before it in rising order, 0-based; Hoare's selection, O(n) for any order that occurs. Reorders `values`.
 */
export function nthSmallest(values: Float64Array, rank: number): number {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const pivot = medianOfThree(values[low], values[(low + high) >>> 1], values[high]);
    let i = low, j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const kept = values[i];
      values[i++] = values[j];
      values[j--] = kept;
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else return pivot; // between both parts all are equal to it
  }
  return values[rank];
}

const medianOfThree = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
