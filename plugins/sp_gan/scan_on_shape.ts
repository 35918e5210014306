/** Scans laid on shapes: point-to-point ICP that what a scan lacks says nothing in. @module */
import { type Gpu, nearestPoints, uploadRows } from "../../kernels/mod.ts";
import { composed } from "./common_frame.ts";
import { moved } from "./normal_shapes.ts";
import { rigidStep } from "./rigid_step.ts";

/** Share of the scan's points that may be unlike any normal shape, such as a bump: those farthest from it don't count. */
export const TRIM = 0.1;

/** Scans with a shape for each of them. */
export interface Pairs {
  /** One after the other, each as many points; `count × 3` in all. */
  readonly scans: Float32Array;
  /** In the same order. */
  readonly shapes: Float32Array;
  /** How many pairs; one unless given. */
  readonly clouds?: number;
}

/**
 * The one motion of all scans by so many steps of ICP towards the nearest points of their shapes; the worst tenth of the points doesn't count.
 * Waits for the GPU at each step.
 */
export async function layOnShape(
  gpu: Gpu,
  { scans, shapes, clouds = 1 }: Pairs,
  steps: number,
): Promise<Float64Array> {
  using points = uploadRows(gpu, shapes, 3);
  let motion: Float64Array = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0), at = scans;
  for (let step = 0; step < steps; step++) {
    using queries = uploadRows(gpu, at, 3);
    using near = nearestPoints(gpu, { queries, points, clouds, k: 1 });
    const [indices, squares] = await Promise.all([gpu.read(near.indices), gpu.read(near.squared)]);
    const partners = Float32Array.from(at, (_, i) => shapes[3 * indices[Math.floor(i / 3)] + i % 3]);
    motion = composed(rigidStep(at, partners, nearest(squares)), motion);
    at = moved(scans, motion);
  }
  return motion;
}

/** 1 for all but the farthest tenth, ties to the first. */
function nearest(squares: Float32Array): Uint8Array {
  const order = Array.from(squares, (_, i) => i).sort((a, b) => squares[a] - squares[b] || a - b);
  const used = new Uint8Array(squares.length);
  for (const i of order.slice(0, Math.max(1, Math.ceil((1 - TRIM) * squares.length)))) used[i] = 1;
  return used;
}
