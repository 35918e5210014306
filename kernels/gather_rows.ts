/** Rows by their numbers. @module */
import { rowBlocks } from "./row_blocks.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

/** No arithmetic; each row is read and written once. */
export const gatherRowsCost = (count: number, stride: number): { flops: number; bytes: number } => ({
  flops: 0,
  bytes: 4 * count * (2 * stride + 1),
});

const kernel = defineKernel({
  name: "gather-rows",
  workgroup: 64,
  constants: ["QUADS"],
  bindings: { rows: "read vec4f", indices: "read u32", gathered: "read_write vec4f" },
  sizes: { wanted: "u32", base: "u32", count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.wanted) { return; }
      let row = indices[thread.x] - sizes.base; // wraps to a large number where another block has the row
      if (row < sizes.count) { gathered[thread.x * QUADS + thread.y] = rows[row * QUADS + thread.y]; }
    }`,
});

/**
 * The rows whose numbers `indices` holds, in its order; numbers count through all blocks, and one past the end gives a row of zeros.
 * @throws {ShapeMismatch} for blocks of unequal columns
 * @throws {GpuOutOfMemory} where the result is more than one binding holds
 */
export function gatherRows(
  gpu: Gpu,
  { rows, indices }: { readonly rows: Rows | readonly Rows[]; readonly indices: GpuBuffer<"u32"> },
): Rows {
  const { blocks, columns, stride } = rowBlocks("gather-rows", rows), wanted = indices.length;
  const gathered = gpu.zeros("f32", wanted * stride);
  for (const { rows: { values, count }, base } of blocks) {
    kernel.dispatch(gpu, {
      buffers: { rows: values, indices, gathered },
      sizes: { wanted, base, count },
      constants: { QUADS: stride / 4 },
      threads: [wanted, stride / 4],
    });
  }
  return { values: gathered, count: wanted, columns, stride, [Symbol.dispose]: () => gathered[Symbol.dispose]() };
}
