/**
 * Mean absolute distance of rows to others, and its gradient. @module
 *
 * L = w · mean |x − g|, dL/dx = w·sign(x − g)/n, 0 where they are equal; n counts all numbers. Source: the feature distance of an inversion, Zhang et
 * al., "Unsupervised 3D shape completion through GAN inversion", 2021.
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Four operations a number; two are read and one is written. */
export const absoluteErrorCost = (count: number, columns: number): { flops: number; bytes: number } => ({
  flops: 4 * count * columns,
  bytes: 12 * count * columns,
});

const kernel = defineKernel({
  name: "absolute-error",
  workgroup: 1,
  bindings: { rows: "read vec4f", goal: "read vec4f", gradient: "read_write vec4f", losses: "read_write f32" },
  sizes: { quads: "u32", place: "u32", share: "f32" },
  wgsl: /* wgsl */ `
    // A feature a cloud, a few hundred vectors in all: one invocation adds them in order.
    @compute @workgroup_size(WORKGROUP)
    fn main() {
      var sum = vec4f();
      for (var i = 0u; i < sizes.quads; i++) {
        let off = rows[i] - goal[i]; // 0 in a row's padding
        sum += abs(off);
        gradient[i] = sizes.share * sign(off);
      }
      losses[sizes.place] += sizes.share * (sum.x + sum.y + sum.z + sum.w);
    }`,
});

/** Rows and where their loss goes. */
export interface AbsoluteErrorRequest {
  /** One or more, of few numbers, as they are added one by one. */
  readonly rows: Rows;
  /** What they should be, in their form. */
  readonly goal: Rows;
  /** Factor of the mean. */
  readonly weight: number;
  /** Losses; the term is added to element `at`. */
  readonly into: GpuBuffer<"f32">;
  /** The element of `into`. */
  readonly at: number;
}

/**
 * Gradient at the rows, in their form; the term itself is added to `into`. Reads nothing back.
 * @throws {ShapeMismatch} for no rows, a goal of another form, more numbers than an invocation may add, or no element `at`
 */
export function absoluteError(gpu: Gpu, { rows, goal, weight, into, at }: AbsoluteErrorRequest): Rows {
  const { count, columns, stride } = rows, quads = count * stride / 4, most = gpu.limits.loopIterations;
  if (!(quads >= 1 && quads <= most)) {
    throw new ShapeMismatch("absolute-error", `1 to ${4 * most} numbers`, `${count} × ${columns}`);
  }
  if (goal.count !== count || goal.columns !== columns || goal.stride !== stride) {
    throw new ShapeMismatch("absolute-error", `a goal of ${count} × ${columns}`, `${goal.count} × ${goal.columns}`);
  }
  if (!(Number.isInteger(at) && at >= 0 && at < into.length)) {
    throw new ShapeMismatch("absolute-error", `an element of ${into.length} losses`, `element ${at}`);
  }
  const gradient = gpu.buffer("f32", count * stride);
  kernel.dispatch(gpu, {
    buffers: { rows: rows.values, goal: goal.values, gradient, losses: into },
    sizes: { quads, place: at, share: weight / (count * columns) },
    constants: {},
    threads: 1,
  });
  return { values: gradient, count, columns, stride, [Symbol.dispose]: () => gradient[Symbol.dispose]() };
}
