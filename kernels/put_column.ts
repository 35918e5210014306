/** One column of a table of rows from a list of numbers. @module */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** No arithmetic; a number read and one written a row. */
export const putColumnCost = (count: number): { flops: number; bytes: number } => ({ flops: 0, bytes: 8 * count });

const kernel = defineKernel({
  name: "put-column",
  workgroup: 64,
  bindings: { values: "read f32", table: "read_write f32" },
  sizes: { count: "u32", step: "u32", first: "u32", column: "u32", columns: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      table[thread.x * sizes.columns + sizes.column] = values[sizes.first + thread.x * sizes.step];
    }`,
});

/** What {@linkcode putColumn} moves. */
export interface PutColumnRequest {
  /** Where the numbers come from. */
  readonly values: GpuBuffer<"f32">;
  /** Every `step`-th number is taken; each one unless said. */
  readonly step?: number;
  /** The number that goes to the first row; the first unless said. */
  readonly first?: number;
  /** `count × columns`; its other columns stay as they are. */
  readonly table: GpuBuffer<"f32">;
  /** Numbers of a row. */
  readonly columns: number;
  /** The column that is written, from 0. */
  readonly column: number;
}

/** Writes a column. Reads nothing back. @throws {ShapeMismatch} for a column or values that the table doesn't have room for */
export function putColumn(gpu: Gpu, { values, step = 1, first = 0, table, columns, column }: PutColumnRequest): void {
  const count = table.length / columns;
  if (!(column >= 0 && column < columns) || values.length <= first + (count - 1) * step) {
    throw new ShapeMismatch(
      "put-column",
      `a column below ${columns} and ${count} numbers, one in ${step}`,
      `column ${column} and ${values.length} numbers`,
    );
  }
  kernel.dispatch(gpu, {
    buffers: { values, table },
    sizes: { count, step, first, column, columns },
    constants: {},
    threads: count,
  });
}
