/** The ball that a generator bends: one for every cloud, step and scan, so that a point's number is its place on it. @module */
import { type Gpu, type GpuBuffer, type Rows, uploadRows } from "../../kernels/mod.ts";
import { knownGraph, type Tape } from "../../nets/mod.ts";
import type { Ball } from "./generator.ts";

/** Nearly uniform points on the unit ball: a Fibonacci sphere, centred at its mean and divided by its largest radius; `count × 3`. */
export function fibonacciBall(count: number): Float64Array {
  const points = new Float64Array(3 * count), mean = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const c = 1 - (2 * i + 1) / count, radius = Math.sqrt(1 - c * c), angle = Math.PI * (1 + Math.sqrt(5)) * (i + 0.5);
    points.set([radius * Math.cos(angle), radius * Math.sin(angle), c], 3 * i);
    for (let axis = 0; axis < 3; axis++) mean[axis] += points[3 * i + axis] / count;
  }
  let largest = 0;
  for (let i = 0; i < count; i++) {
    for (let axis = 0; axis < 3; axis++) points[3 * i + axis] -= mean[axis];
    largest = Math.max(largest, Math.hypot(points[3 * i], points[3 * i + 1], points[3 * i + 2]));
  }
  return points.map((value) => value / largest);
}

/** The k nearest other points of each, nearest first, ties to the smaller number; in float64, as float32 would swap near ties. `count × k`. */
export function ballNeighbours(points: Float64Array, k: number): Uint32Array {
  const count = points.length / 3, neighbours = new Uint32Array(count * k);
  const nearest = new Float64Array(k), numbers = new Uint32Array(k);
  for (let i = 0; i < count; i++) {
    let found = 0;
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      const x = points[3 * j] - points[3 * i], y = points[3 * j + 1] - points[3 * i + 1];
      const z = points[3 * j + 2] - points[3 * i + 2], square = x * x + y * y + z * z;
      if (found === k && square >= nearest[k - 1]) continue;
      let at = found < k ? found++ : k - 1;
      for (; at > 0 && nearest[at - 1] > square; at--) {
        nearest[at] = nearest[at - 1];
        numbers[at] = numbers[at - 1];
      }
      nearest[at] = square;
      numbers[at] = j;
    }
    neighbours.set(numbers, i * k);
  }
  return neighbours;
}

/** A ball on the GPU. */
export interface BallRows extends Disposable {
  /** N × 3. */
  readonly one: Rows;
  /** The same for each cloud, clouds · N × 3. */
  readonly all: Rows;
  /** N × k. */
  readonly neighbours: GpuBuffer<"u32">;
  /** Clouds of a batch. */
  readonly clouds: number;
  /** Those whose edges are in memory at once while training. */
  readonly atOnce: number;
}

/** Uploads a ball for batches of so many clouds. */
export function uploadBall(
  gpu: Gpu,
  points: Float64Array,
  neighbours: Uint32Array,
  clouds: number,
  atOnce: number = clouds,
): BallRows {
  using owned = new DisposableStack();
  const copies = new Float32Array(clouds * points.length);
  for (let cloud = 0; cloud < clouds; cloud++) copies.set(points, cloud * points.length);
  const one = owned.use(uploadRows(gpu, points, 3)), all = owned.use(uploadRows(gpu, copies, 3));
  const graph = owned.use(gpu.upload("u32", Uint32Array.from(neighbours))), kept = owned.move();
  return { one, all, neighbours: graph, clouds, atOnce, [Symbol.dispose]: () => kept.dispose() };
}

/** The ball as what a tape bends, which stays its owner's. */
export const ballOn = (tape: Tape, { one, all, neighbours, clouds, atOnce }: BallRows): Ball => ({
  one: tape.constant(one),
  all: tape.constant(all),
  graph: knownGraph(tape, neighbours, one.count),
  clouds,
  atOnce,
});
