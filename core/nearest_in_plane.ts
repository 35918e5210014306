/**
 * The nearest points of a cloud in the plane, exact, on the host. @module
 *
 * For query q: the point p_i that is least by (|p_i − q|², i), in float64. Points lie in a tree whose every node halves what is left of them
 * by x or y in turn (k-d tree; Bentley, "Multidimensional binary search trees used for associative searching", 1975): unlike cells of one
 * size it stays fast where the cloud is uneven, has strays, or lies far from the queries.
 */

/** What is nearest to each query. */
export interface NearestInPlane {
  /** Which point. */
  readonly indices: Uint32Array;
  /** In the points' unit, squared. */
  readonly squares: Float64Array;
}

/** Points that are compared one by one. */
const LEAF = 8;

/** `points` and `queries` are `count × 2`, finite; of points there is at least one. */
export function nearestInPlane(points: Float32Array, queries: Float32Array): NearestInPlane {
  const order = Uint32Array.from({ length: points.length / 2 }, (_, i) => i);
  arrange(points, order, 0, order.length, 0);
  const count = queries.length / 2, indices = new Uint32Array(count), squares = new Float64Array(count);
  let x = 0, y = 0, best = Infinity, bestAt = 0;

  const consider = (i: number) => {
    const dx = points[2 * i] - x, dy = points[2 * i + 1] - y, square = dx * dx + dy * dy;
    if (square > best || (square === best && i > bestAt)) return;
    best = square;
    bestAt = i;
  };
  const search = (first: number, end: number, axis: number) => {
    if (end - first <= LEAF) {
      for (let at = first; at < end; at++) consider(order[at]);
      return;
    }
    const middle = (first + end) >> 1, gap = (axis === 0 ? x : y) - points[2 * order[middle] + axis];
    consider(order[middle]);
    const before = () => search(first, middle, 1 - axis), behind = () => search(middle + 1, end, 1 - axis);
    const [near, far] = gap < 0 ? [before, behind] : [behind, before];
    near();
    if (gap * gap <= best) far(); // not only where it is less: the smaller index of two that are as near may lie there
  };

  for (let i = 0; i < count; i++) {
    x = queries[2 * i];
    y = queries[2 * i + 1];
    best = Infinity;
    search(0, order.length, 0);
    indices[i] = bestAt;
    squares[i] = best;
  }
  return { indices, squares };
}

/** Puts the middle of `first … end − 1` where it would stand if they were sorted, what is less before it, and so on in both halves. */
function arrange(points: Float32Array, order: Uint32Array, first: number, end: number, axis: number): void {
  if (end - first <= LEAF) return;
  const middle = (first + end) >> 1, valueAt = (at: number) => points[2 * order[at] + axis];
  // Hoare, "Algorithm 65: Find", 1961
  for (let low = first, high = end - 1; low < high;) {
    const pivot = valueAt(middle);
    let i = low, j = high;
    while (i <= j) {
      while (valueAt(i) < pivot) i++;
      while (pivot < valueAt(j)) j--;
      if (i > j) break;
      [order[i], order[j]] = [order[j], order[i]];
      i++;
      j--;
    }
    if (j < middle) low = i;
    if (middle < i) high = j;
  }
  arrange(points, order, first, middle, 1 - axis);
  arrange(points, order, middle + 1, end, 1 - axis);
}
