/**
 * Mean squared distance of scores to a goal, and its gradient. @module
 *
 * L = w · mean_b (y_b − g)², dL/dy_b = 2·w·(y_b − g)/B. With w = ½, g = 1 and 0 the terms of a discriminator's loss, with w = 1, g = 1 a
 * generator's. Source: Mao et al., "Least squares generative adversarial networks", 2017, with the labels 0 and 1.
 */
import { type Rows, strideOf } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Five operations a score; a row of four floats is read and one written. */
export const squaredErrorCost = (count: number): { flops: number; bytes: number } => ({
  flops: 5 * count,
  bytes: 32 * count,
});

const kernel = defineKernel({
  name: "squared-error",
  workgroup: 1,
  bindings: { scores: "read vec4f", gradient: "read_write vec4f", losses: "read_write f32" },
  sizes: { count: "u32", place: "u32", goal: "f32", share: "f32" },
  wgsl: /* wgsl */ `
    // There is a score a cloud, a few in all: one invocation adds them in order.
    @compute @workgroup_size(WORKGROUP)
    fn main() {
      var sum = 0.0;
      for (var i = 0u; i < sizes.count; i++) {
        let off = scores[i].x - sizes.goal;
        sum += off * off;
        gradient[i] = vec4f(2.0 * sizes.share * off, 0.0, 0.0, 0.0);
      }
      losses[sizes.place] += sizes.share * sum;
    }`,
});

/** Scores and where their loss goes. */
export interface SquaredErrorRequest {
  /** One column, one row or more: few, as they are added one by one. */
  readonly scores: Rows;
  /** What every score should be. */
  readonly goal: number;
  /** Factor of the mean. */
  readonly weight: number;
  /** Losses; the term is added to element `at`. */
  readonly into: GpuBuffer<"f32">;
  /** The element of `into`. */
  readonly at: number;
}

/**
 * Gradient at the scores, in their form; the term itself is added to `into`. Reads nothing back.
 * @throws {ShapeMismatch} for no scores, more than one column, more scores than an invocation may add, or no element `at`
 */
export function squaredError(gpu: Gpu, { scores, goal, weight, into, at }: SquaredErrorRequest): Rows {
  const { count, columns } = scores, stride = strideOf(1), most = gpu.limits.loopIterations;
  if (columns !== 1 || scores.stride !== stride || !(count >= 1 && count <= most)) {
    throw new ShapeMismatch("squared-error", `1 to ${most} rows of one score`, `${count} × ${columns}`);
  }
  if (!(Number.isInteger(at) && at >= 0 && at < into.length)) {
    throw new ShapeMismatch("squared-error", `an element of ${into.length} losses`, `element ${at}`);
  }
  const gradient = gpu.buffer("f32", count * stride);
  kernel.dispatch(gpu, {
    buffers: { scores: scores.values, gradient, losses: into },
    sizes: { count, place: at, goal, share: weight / count },
    constants: {},
    threads: 1,
  });
  return { values: gradient, count, columns, stride, [Symbol.dispose]: () => gradient[Symbol.dispose]() };
}
