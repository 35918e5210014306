/**
 * A generated shape with points between its points. @module
 *
 * A shape is drawn by discs as wide as its points are apart. A generator's thousand points are millimetres apart, so that the discs of its rim
 * would reach as far over what was scanned; points halfway between neighbours lie within it, and make the discs small.
 */
import { type Gpu, nearestPoints, uploadRows } from "../../kernels/mod.ts";

/** Nearest other points of each that it is joined to, round by round. */
const ROUNDS = [7, 6];

/** Points farther apart than so many times the median of joined ones are not joined: there may be a hole between them. */
const FARTHEST = 2;

/** A shape with a value for each point. */
export interface ValuedShape {
  /** `N × 3`. */
  readonly points: Float32Array;
  /** `N`. */
  readonly values: Float32Array;
}

/** The points, then those halfway between neighbours, twice; values halfway too. Waits for the GPU once a round. */
export async function denseShape(gpu: Gpu, shape: ValuedShape): Promise<ValuedShape> {
  let dense = shape;
  for (const k of ROUNDS) dense = await joined(gpu, dense, k);
  return dense;
}

async function joined(gpu: Gpu, { points, values }: ValuedShape, most: number): Promise<ValuedShape> {
  const count = values.length, k = Math.min(most + 1, count);
  using rows = uploadRows(gpu, points, 3);
  using near = nearestPoints(gpu, { queries: rows, points: rows, k });
  const [indices, squares] = await Promise.all([gpu.read(near.indices), gpu.read(near.squared)]);
  const pairs: { readonly i: number; readonly j: number; readonly square: number }[] = [], known = new Set<number>();
  for (let at = 0; at < indices.length; at++) {
    const from = Math.floor(at / k), [i, j] = from < indices[at] ? [from, indices[at]] : [indices[at], from];
    if (i === j || known.has(i * count + j)) continue;
    known.add(i * count + j);
    pairs.push({ i, j, square: squares[at] });
  }
  const sorted = pairs.map(({ square }) => square).sort((a, b) => a - b);
  const limit = FARTHEST ** 2 * sorted[Math.floor(sorted.length / 2)];
  const close = pairs.filter(({ square }) => square > 0 && square <= limit), all = count + close.length;
  const dense = { points: new Float32Array(3 * all), values: new Float32Array(all) };
  dense.points.set(points);
  dense.values.set(values);
  close.forEach(({ i, j }, n) => {
    for (let axis = 0; axis < 3; axis++) {
      dense.points[3 * (count + n) + axis] = (points[3 * i + axis] + points[3 * j + axis]) / 2;
    }
    dense.values[count + n] = (values[i] + values[j]) / 2;
  });
  return dense;
}
