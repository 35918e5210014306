/** Sums of consecutive rows: the gradient of a bias, or of what all places of a cloud share. @module */
import { addSlices, threadsOver } from "./add_slices.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";

/** Cost: an addition a number; each is read once, each sum written once. */
export const sumRowsCost = (count: number, columns: number, groups: number): { flops: number; bytes: number } => ({
  flops: count * columns,
  bytes: 4 * (count + groups) * columns,
});

/** An invocation adds four columns of one slice of a group's rows. */
const kernel = defineKernel({
  name: "sum-rows",
  workgroup: 64,
  bindings: { rows: "read vec4f", partial: "read_write vec4f" },
  sizes: { groups: "u32", groupRows: "u32", slices: "u32", sliceRows: "u32", quads: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = thread.y * 1048576u + thread.x;
      if (at >= sizes.groups * sizes.slices * sizes.quads) { return; }
      let slice = at / sizes.quads;
      let start = slice / sizes.slices * sizes.groupRows;
      let first = slice % sizes.slices * sizes.sliceRows;
      let end = start + min(first + sizes.sliceRows, sizes.groupRows);
      var sum = vec4f();
      for (var row = start + first; row < end; row++) { sum += rows[row * sizes.quads + at % sizes.quads]; }
      partial[at] = sum;
    }`,
});

/** Invocations that keep an adapter busy, and rows below which one more is not worth its partial sum. */
const BUSY = { software: 2 ** 11, gpu: 2 ** 15 }, FEWEST_ROWS = 32;

/**
 * s_g = Σ x_i over the rows of group g: `groups` runs of equally many consecutive rows, one unless given. Gives `groups × columns`; sums of no
 * rows are 0. Reads nothing back.
 * @throws {ShapeMismatch} where the groups don't divide the rows
 * @throws {GpuOutOfMemory}
 */
export function sumRows(gpu: Gpu, { rows, groups = 1 }: { readonly rows: Rows; readonly groups?: number }): Rows {
  const { count, columns, stride } = rows, quads = stride / 4, groupRows = count / groups;
  if (!(groups >= 1 && Number.isInteger(groupRows))) {
    throw new ShapeMismatch("sum-rows", `groups that divide ${count} rows`, `${groups}`);
  }
  const busy = BUSY[gpu.adapter.software ? "software" : "gpu"];
  const wanted = Math.min(Math.ceil(busy / (groups * quads)), Math.ceil(groupRows / FEWEST_ROWS));
  const sliceRows = Math.min(Math.ceil(groupRows / Math.max(1, wanted)), gpu.limits.loopIterations);
  const slices = Math.ceil(groupRows / Math.max(1, sliceRows));
  using partial = gpu.buffer("f32", groups * slices * stride);
  kernel.dispatch(gpu, {
    buffers: { rows: rows.values, partial },
    sizes: { groups, groupRows, slices, sliceRows, quads },
    constants: {},
    threads: threadsOver(groups * slices * quads),
  });
  const sums = gpu.buffer("f32", groups * stride);
  addSlices(gpu, { partial, groups, slices, sliceLength: stride, length: stride, sums, onto: false });
  return { values: sums, count: groups, columns, stride, [Symbol.dispose]: () => sums[Symbol.dispose]() };
}
