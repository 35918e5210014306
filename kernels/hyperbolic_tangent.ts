/**
 * Hyperbolic tangent of each number, and its gradient. @module
 *
 * y = tanh x = sign(x)·(1 − e)/(1 + e) with e = exp(−2|x|), which overflows nowhere; below |x| = 2⁻¹² y = x, where float32 knows no
 * difference. Gradient: dx = dy·(1 − y²).
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";

/** Some ten operations a number, read and written once. */
export const hyperbolicTangentCost = (count: number, columns: number): { flops: number; bytes: number } => ({
  flops: 10 * count * columns,
  bytes: 8 * count * columns,
});

/** Three operations a number; two are read, one is written. */
export const hyperbolicTangentGradientCost = (count: number, columns: number): { flops: number; bytes: number } => ({
  flops: 3 * count * columns,
  bytes: 12 * count * columns,
});

/** Invocations of a launch in x; what is more lies in y. */
const ACROSS = 2 ** 16;

const forward = defineKernel({
  name: "hyperbolic-tangent",
  workgroup: 64,
  bindings: { rows: "read vec4f", output: "read_write vec4f" },
  sizes: { quads: "u32", across: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = thread.y * sizes.across + thread.x;
      if (at >= sizes.quads) { return; }
      let x = rows[at];
      let e = exp(-2.0 * abs(x));
      let y = sign(x) * (1.0 - e) / (1.0 + e);
      output[at] = select(y, x, abs(x) < vec4f(0x1p-12)); // 0 stays 0 whatever exp says, so a row's padding does
    }`,
});

const backward = defineKernel({
  name: "hyperbolic-tangent-gradient",
  workgroup: 64,
  bindings: { upstream: "read vec4f", output: "read vec4f", gradient: "read_write vec4f" },
  sizes: { quads: "u32", across: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = thread.y * sizes.across + thread.x;
      if (at >= sizes.quads) { return; }
      let y = output[at];
      gradient[at] = upstream[at] * (1.0 - y) * (1.0 + y); // near ±1 no digits are lost
    }`,
});

const launchOf = (quads: number) => ({
  sizes: { quads, across: ACROSS },
  constants: {},
  threads: [Math.min(quads, ACROSS), Math.ceil(quads / ACROSS)] as const,
});

/** tanh of all numbers. Reads nothing back. @throws {GpuOutOfMemory} */
export function hyperbolicTangent(gpu: Gpu, { rows }: { readonly rows: Rows }): Rows {
  const { count, columns, stride } = rows, output = gpu.buffer("f32", count * stride);
  forward.dispatch(gpu, { buffers: { rows: rows.values, output }, ...launchOf(count * stride / 4) });
  return { values: output, count, columns, stride, [Symbol.dispose]: () => output[Symbol.dispose]() };
}

/**
 * Gradient at the numbers whose {@linkcode hyperbolicTangent} is `output`. Reads nothing back.
 * @throws {ShapeMismatch} for rows of another form @throws {GpuOutOfMemory}
 */
export function hyperbolicTangentGradient(
  gpu: Gpu,
  { upstream, output }: { readonly upstream: Rows; readonly output: Rows },
): Rows {
  const { count, columns, stride } = output;
  if (upstream.count !== count || upstream.columns !== columns || upstream.stride !== stride) {
    throw new ShapeMismatch(
      "hyperbolic-tangent-gradient",
      `${count} × ${columns} numbers from above`,
      `${upstream.count} × ${upstream.columns}`,
    );
  }
  const gradient = gpu.buffer("f32", count * stride);
  backward.dispatch(gpu, {
    buffers: { upstream: upstream.values, output: output.values, gradient },
    ...launchOf(count * stride / 4),
  });
  return { values: gradient, count, columns, stride, [Symbol.dispose]: () => gradient[Symbol.dispose]() };
}
