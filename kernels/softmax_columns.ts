/**
 * Softmax of each column over all rows, and its gradient. @module
 *
 *     w_ic = exp(a_ic) / Σ_j exp(a_jc),  g_a = w ⊙ (g_w − Σ_j w_j ⊙ g_w,j)
 *
 * With a row a key and a column a query it is the softmax of dot-product attention. The largest of each slice of rows is subtracted first, then that of
 * the column, so no exponential overflows. Columns lie side by side in memory, so a quad of them is one invocation's at each slice.
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";
import { slicesOf, sliceSums } from "./slice_sums.ts";

/** Per number a maximum, two differences, two exponentials, a sum and a product; read twice, as the sums come first, and written once. */
export const softmaxColumnsCost = (count: number, columns: number): { flops: number; bytes: number } => ({
  flops: 7 * count * columns,
  bytes: 12 * count * columns,
});

/** Five operations a number; both operands are read twice, as the sums come first, the result is written once. */
export const softmaxColumnsGradientCost = (count: number, columns: number): { flops: number; bytes: number } => ({
  flops: 5 * count * columns,
  bytes: 20 * count * columns,
});

const sizes = { count: "u32", slices: "u32", span: "u32", quads: "u32" } as const;

const slices = defineKernel({
  name: "softmax-columns-slices",
  workgroup: 64,
  bindings: { rows: "read vec4f", parts: "read_write vec4f" },
  sizes,
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x % sizes.quads;
      let slice = thread.x / sizes.quads;
      if (slice >= sizes.slices) { return; }
      let start = slice * sizes.span;
      let end = min(start + sizes.span, sizes.count);
      var top = rows[start * sizes.quads + quad];
      for (var row = start + 1u; row < end; row++) { top = max(top, rows[row * sizes.quads + quad]); }
      var sum = vec4f();
      for (var row = start; row < end; row++) { sum += exp(rows[row * sizes.quads + quad] - top); }
      parts[2u * slice * sizes.quads + quad] = top;
      parts[(2u * slice + 1u) * sizes.quads + quad] = sum;
    }`,
});

const forward = defineKernel({
  name: "softmax-columns",
  workgroup: 64,
  bindings: { rows: "read vec4f", parts: "read vec4f", output: "read_write vec4f" },
  sizes: { ...sizes, columns: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x % sizes.quads;
      let slice = thread.x / sizes.quads;
      if (slice >= sizes.slices) { return; }
      var top = parts[quad];
      for (var i = 1u; i < sizes.slices; i++) { top = max(top, parts[2u * i * sizes.quads + quad]); }
      var sum = vec4f();
      for (var i = 0u; i < sizes.slices; i++) {
        sum += parts[(2u * i + 1u) * sizes.quads + quad] * exp(parts[2u * i * sizes.quads + quad] - top);
      }
      let kept = vec4f(4u * quad + vec4u(0u, 1u, 2u, 3u) < vec4u(sizes.columns)); // padding stays 0
      let end = min((slice + 1u) * sizes.span, sizes.count);
      for (var row = slice * sizes.span; row < end; row++) {
        output[row * sizes.quads + quad] = kept * exp(rows[row * sizes.quads + quad] - top) / sum;
      }
    }`,
});

const gradientSums = defineKernel({
  name: "softmax-columns-sums",
  workgroup: 64,
  bindings: { upstream: "read vec4f", output: "read vec4f", parts: "read_write vec4f" },
  sizes,
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x % sizes.quads;
      let slice = thread.x / sizes.quads;
      if (slice >= sizes.slices) { return; }
      var sum = vec4f();
      let end = min((slice + 1u) * sizes.span, sizes.count);
      for (var row = slice * sizes.span; row < end; row++) {
        sum += output[row * sizes.quads + quad] * upstream[row * sizes.quads + quad];
      }
      parts[2u * slice * sizes.quads + quad] = sum;
      parts[(2u * slice + 1u) * sizes.quads + quad] = vec4f();
    }`,
});

const backward = defineKernel({
  name: "softmax-columns-gradient",
  workgroup: 64,
  bindings: { upstream: "read vec4f", output: "read vec4f", sums: "read vec4f", gradient: "read_write vec4f" },
  sizes,
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x % sizes.quads;
      let slice = thread.x / sizes.quads;
      if (slice >= sizes.slices) { return; }
      let sum = sums[quad];
      let end = min((slice + 1u) * sizes.span, sizes.count);
      for (var row = slice * sizes.span; row < end; row++) {
        let at = row * sizes.quads + quad;
        gradient[at] = output[at] * (upstream[at] - sum);
      }
    }`,
});

/** How the kernels of this file are launched on rows of this form. */
function launchOf({ count, stride }: Rows) {
  const { span, slices } = slicesOf(count), quads = stride / 4;
  return { sizes: { count, slices, span, quads }, constants: {}, threads: slices * quads };
}

const rowsLike = ({ count, columns, stride }: Rows, values: GpuBuffer<"f32">): Rows => ({
  values,
  count,
  columns,
  stride,
  [Symbol.dispose]: () => values[Symbol.dispose](),
});

/** The weights, which add up to 1 in each column. Reads nothing back. @throws {ShapeMismatch} for no rows @throws {GpuOutOfMemory} */
export function softmaxColumns(gpu: Gpu, { rows }: { readonly rows: Rows }): Rows {
  if (rows.count === 0) throw new ShapeMismatch("softmax-columns", "at least one row", "none");
  const launch = launchOf(rows), output = gpu.buffer("f32", rows.count * rows.stride);
  using parts = gpu.buffer("f32", 2 * launch.sizes.slices * rows.stride);
  slices.dispatch(gpu, { buffers: { rows: rows.values, parts }, ...launch });
  forward.dispatch(gpu, {
    buffers: { rows: rows.values, parts, output },
    ...launch,
    sizes: { ...launch.sizes, columns: rows.columns },
  });
  return rowsLike(rows, output);
}

/**
 * Gradient at the numbers whose {@linkcode softmaxColumns} is `output`. Reads nothing back.
 * @throws {ShapeMismatch} for rows of another form @throws {GpuOutOfMemory}
 */
export function softmaxColumnsGradient(
  gpu: Gpu,
  { upstream, output }: { readonly upstream: Rows; readonly output: Rows },
): Rows {
  const { count, columns, stride } = output;
  if (upstream.count !== count || upstream.columns !== columns || upstream.stride !== stride) {
    const got = `${upstream.count} × ${upstream.columns}`;
    throw new ShapeMismatch("softmax-columns-gradient", `${count} × ${columns} numbers from above`, got);
  }
  const launch = launchOf(output), operands = { upstream: upstream.values, output: output.values };
  using parts = gpu.buffer("f32", 2 * launch.sizes.slices * stride);
  gradientSums.dispatch(gpu, { buffers: { ...operands, parts }, ...launch });
  using sums = sliceSums(gpu, { parts, groups: 1, slices: launch.sizes.slices, like: output });
  const gradient = gpu.buffer("f32", count * stride);
  backward.dispatch(gpu, { buffers: { ...operands, sums: sums.values, gradient }, ...launch });
  return rowsLike(output, gradient);
}
