/** Means of short lists of rows: the features of a patch from those of its points. @module */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Cost with every list full: a row is read and added; bytes: rows once, lists once, results once. */
export const meanRowsCost = (count: number, width: number, columns: number): { flops: number; bytes: number } => ({
  flops: count * columns * (width + 1),
  bytes: 4 * count * (width * (columns + 1) + columns),
});

const kernel = defineKernel({
  name: "mean-rows",
  workgroup: 64,
  constants: ["QUADS"],
  bindings: { rows: "read vec4f", members: "read u32", means: "read_write vec4f" },
  sizes: { count: "u32", width: "u32", rowCount: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      var sum = vec4f();
      var found = 0.0;
      for (var i = 0u; i < sizes.width; i++) {
        let row = members[thread.x * sizes.width + i];
        if (row < sizes.rowCount) {
          sum += rows[row * QUADS + thread.y];
          found += 1.0;
        }
      }
      means[thread.x * QUADS + thread.y] = sum / max(found, 1.0);
    }`,
});

/**
 * Row i is the mean of the rows whose numbers stand in `members[i·width … (i+1)·width)`, those past the rows' end left out; an empty
 * list gives zeros. Reads nothing back. @throws {ShapeMismatch} for part of a list @throws {GpuOutOfMemory}
 */
export function meanRows(
  gpu: Gpu,
  { rows, members, width }: { readonly rows: Rows; readonly members: GpuBuffer<"u32">; readonly width: number },
): Rows {
  const { columns, stride } = rows, count = members.length / width, quads = stride / 4;
  if (!Number.isInteger(count)) {
    throw new ShapeMismatch("mean-rows", `whole lists of ${width} numbers`, `${members.length} numbers`);
  }
  const means = gpu.buffer("f32", count * stride);
  kernel.dispatch(gpu, {
    buffers: { rows: rows.values, members, means },
    sizes: { count, width, rowCount: rows.count },
    constants: { QUADS: quads },
    threads: [count, quads],
  });
  return { values: means, count, columns, stride, [Symbol.dispose]: () => means[Symbol.dispose]() };
}
