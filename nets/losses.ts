/** Losses: each adds its value to a buffer, and sends its gradient on its way back. @module */
import {
  absoluteError,
  addScaled,
  chamferTerm,
  gatherPull,
  gatherRows,
  type GpuBuffer,
  inverseNeighbours,
  markNearest,
  nearestPoints,
  squaredError,
} from "../kernels/mod.ts";
import type { Tape, Tensor } from "./tape.ts";

/** Where a loss is added up. */
interface Sum {
  readonly into: GpuBuffer<"f32">;
  /** The element of `into`. */
  readonly at: number;
}

/** weight · mean (score − goal)², a term of a least-squares GAN. */
export function leastSquares(
  tape: Tape,
  scores: Tensor,
  { goal, weight, into, at }: Sum & { readonly goal: number; readonly weight: number },
): void {
  tape.flow(scores, squaredError(tape.gpu, { scores: scores.rows, goal, weight, into, at }));
}

/** weight · mean |x − goal|; no gradient goes to the goal. */
export function absoluteDistance(
  tape: Tape,
  x: Tensor,
  { goal, weight, into, at }: Sum & { readonly goal: Tensor; readonly weight: number },
): void {
  tape.flow(x, absoluteError(tape.gpu, { rows: x.rows, goal: goal.rows, weight, into, at }));
}

/** Points of `a` (A × 3) that are among the `k` nearest of any point of `b`, once for each of these, the same ones as the mask of {@linkcode chamfer}. */
export function nearestOf(
  tape: Tape,
  { a, b, k }: { readonly a: Tensor; readonly b: Tensor; readonly k: number },
): Tensor {
  const { gpu } = tape, { indices } = tape.keep(nearestPoints(gpu, { queries: b.rows, points: a.rows, k, clouds: 1 }));
  return tape.result(gatherRows(gpu, { rows: a.rows, indices }), a.wanted, (upstream) => {
    using inverse = inverseNeighbours(gpu, { neighbours: indices, rows: a.rows.count });
    using pulled = gatherPull(gpu, { gradients: upstream, inverse, count: a.rows.count });
    const sums = gpu.zeros("f32", pulled.values.length);
    addScaled(gpu, { values: pulled.values, to: sums, factor: -1 });
    tape.flow(a, { ...pulled, values: sums, [Symbol.dispose]: () => sums[Symbol.dispose]() });
  });
}

/** One side of a Chamfer distance. */
export interface ChamferLoss extends Sum {
  /** Clouds · A × 3: each looks for its nearest in `b`. */
  readonly a: Tensor;
  /** Clouds · B × 3. */
  readonly b: Tensor;
  /** 1 unless given. */
  readonly clouds?: number;
  /** Squared distances, or distances. */
  readonly form: "squared" | "norm";
  /** 2: across the viewing direction alone; both the search and the distance. */
  readonly dimensions?: 2 | 3;
  /** Factor of the sum, or of the mean. */
  readonly weight: number;
  readonly mean: boolean;
  /** Only the points of `a` that are among so many nearest, in three dimensions, of any point of `b`: a gap of `b` pulls nothing. */
  readonly mask?: number;
}

/** weight · Σ or mean of the distance of each (kept) point of a to the nearest point of b. */
export function chamfer(
  tape: Tape,
  { a, b, clouds = 1, form, dimensions = 3, weight, mean, mask, into, at }: ChamferLoss,
): void {
  const { gpu } = tape;
  using near = nearestPoints(gpu, { queries: a.rows, points: b.rows, clouds, k: 1, dimensions });
  using looked = mask === undefined
    ? undefined
    : nearestPoints(gpu, { queries: b.rows, points: a.rows, clouds, k: mask });
  using kept = looked && markNearest(gpu, { indices: looked.indices, count: a.rows.count });
  const gradients = chamferTerm(gpu, {
    a: a.rows,
    b: b.rows,
    indices: near.indices,
    kept,
    form,
    dimensions,
    weight,
    mean,
    into,
    at,
  });
  if (b.wanted) {
    using inverse = inverseNeighbours(gpu, { neighbours: near.indices, rows: b.rows.count });
    tape.flow(b, gatherPull(gpu, { gradients, inverse, count: b.rows.count }));
  }
  tape.flow(a, gradients);
}
