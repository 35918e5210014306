/** Point feature histograms in float64, in the form of Open3D; the definition is that of `kernels/fpfh.ts`. @module */

/** x, y, z. */
export type Vector = readonly [number, number, number];
/** a·b */
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
/** s·a */
export const scaled = (s: number, a: Vector): Vector => [s * a[0], s * a[1], s * a[2]];
/** a × b */
export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const difference = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

/** A histogram; `certain` is false where a feature is so near to a bin's end that float32 may put it on the other side. */
export interface Histogram {
  readonly row: Float64Array;
  readonly certain: boolean;
}

/** Bins nearer to their end than this, in bins, are uncertain: 60 times what float32 pair features were seen to be off. */
const NEAR = 1e-4;

/** Where in [0, 11] the three features of a pair lie; two squares as near as rounding make the choice of the source uncertain. */
function places(p: Vector, n: Vector, q: Vector, m: Vector): { at: Vector; tied: boolean } {
  let d = difference(q, p), [source, target] = [n, m];
  const length = Math.sqrt(dot(d, d));
  if (length === 0) return { at: [5.5, 5.5, 5.5], tied: false };
  const own = dot(n, d) / length, other = dot(m, d) / length, swapped = Math.abs(own) < Math.abs(other);
  if (swapped) {
    [source, target] = [m, n];
    d = scaled(-1, d);
  }
  const v = cross(d, source), size = Math.sqrt(dot(v, v)), tied = Math.abs(Math.abs(own) - Math.abs(other)) < 1e-6;
  if (size === 0) return { at: [5.5, 5.5, 5.5], tied };
  const unit = scaled(1 / size, v), angle = Math.atan2(dot(cross(source, unit), target), dot(source, target));
  const line = (x: number) => 11 * (x + 1) / 2;
  return { at: [11 * (angle + Math.PI) / (2 * Math.PI), line(dot(unit, target)), line(swapped ? -other : own)], tied };
}

/** Simple and full histograms of every point; `lists` are its neighbours, itself first. */
export function histograms(
  points: readonly Vector[],
  normals: readonly Vector[],
  lists: readonly (readonly number[])[],
): { spfh: Histogram[]; fpfh: Histogram[] } {
  const spfh = lists.map((list, i) => {
    const row = new Float64Array(33), others = list.slice(1);
    let certain = true;
    for (const j of others) {
      const { at, tied } = places(points[i], normals[i], points[j], normals[j]);
      if (tied || at.some((place) => Math.abs(place - Math.round(place)) < NEAR)) certain = false;
      at.forEach((place, g) => row[11 * g + Math.max(0, Math.min(10, Math.floor(place)))] += 100 / others.length);
    }
    return { row, certain };
  });
  const fpfh = lists.map((list, i) => {
    const sum = new Float64Array(33);
    for (const j of list.slice(1)) {
      const d = difference(points[j], points[i]), square = dot(d, d);
      if (square > 0) spfh[j].row.forEach((v, c) => sum[c] += v / square);
    }
    const row = spfh[i].row.map((v, c) => {
      const group = sum.subarray(c - c % 11, c - c % 11 + 11).reduce((a, b) => a + b, 0);
      return v + (group > 0 ? 100 * sum[c] / group : 0);
    });
    return { row, certain: list.every((j) => spfh[j].certain) };
  });
  return { spfh, fpfh };
}
