/**
 * The gradient of a leaky rectifier. @module
 *
 * y = lrelu_s(t), t for t > 0, otherwise s·t, gives dL/dt = dL/dy · (y > 0 ? 1 : s): for s > 0 the output has the sign of the input, so that
 * the input need not be kept. At 0 the slope is s, as in torch. For s = 0, max(t, 0), it holds as well.
 */
import { threadsOver } from "./add_slices.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";

/** Cost: a multiplication a number; two numbers are read for each one written. */
export const leakyReluGradientCost = (count: number, columns: number): { flops: number; bytes: number } => ({
  flops: count * columns,
  bytes: 12 * count * columns,
});

const kernel = defineKernel({
  name: "leaky-relu-gradient",
  workgroup: 64,
  bindings: { upstream: "read vec4f", output: "read vec4f", gradient: "read_write vec4f" },
  sizes: { quads: "u32", slope: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = thread.y * 1048576u + thread.x;
      if (at >= sizes.quads) { return; }
      gradient[at] = upstream[at] * select(vec4f(sizes.slope), vec4f(1.0), output[at] > vec4f());
    }`,
});

/** What {@linkcode leakyReluGradient} needs. */
export interface LeakyReluGradientRequest {
  /** dL/dy. */
  readonly upstream: Rows;
  /** y, as many rows and columns. */
  readonly output: Rows;
  /** s, at least 0. */
  readonly slope: number;
}

/** dL/dt of y = lrelu(t). Reads nothing back. @throws {ShapeMismatch} for operands of unequal size @throws {GpuOutOfMemory} */
export function leakyReluGradient(gpu: Gpu, { upstream, output, slope }: LeakyReluGradientRequest): Rows {
  const { count, columns, stride } = output;
  if (upstream.count !== count || upstream.columns !== columns || upstream.stride !== stride) {
    const got = `${upstream.count} × ${upstream.columns}`;
    throw new ShapeMismatch("leaky-relu-gradient", `an upstream gradient of ${count} × ${columns}`, got);
  }
  const gradient = gpu.buffer("f32", count * stride), quads = count * stride / 4;
  kernel.dispatch(gpu, {
    buffers: { upstream: upstream.values, output: output.values, gradient },
    sizes: { quads, slope },
    constants: {},
    threads: threadsOver(quads),
  });
  return { values: gradient, count, columns, stride, [Symbol.dispose]: () => gradient[Symbol.dispose]() };
}
