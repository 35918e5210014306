/**
 * Distances to bank rows against what normal patches have to the same row. @module
 *
 * z_i = (d_i − mean_r) / deviation_r with r the bank row nearest to patch i: a row in a crowd of like patches expects short distances, a
 * lonely one long ones. Source of the idea: the re-weighting of PatchCore, Roth et al. 2022, section 3.3, here by measured spread.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode rowSpread} needs. */
export interface RowSpreadRequest {
  /** Distance of each patch to its nearest bank row. */
  readonly distances: GpuBuffer<"f32">;
  /** That row. */
  readonly rows: GpuBuffer<"u32">;
  /** `bank × 2`: mean and 1 / deviation of each row; an inverse of 0 says nothing of its patches. */
  readonly spread: GpuBuffer<"f32">;
}

/** Cost: two flops and five numbers a patch. */
export const rowSpreadCost = (count: number): { flops: number; bytes: number } => ({
  flops: 2 * count,
  bytes: 20 * count,
});

const kernel = defineKernel({
  name: "row-spread",
  workgroup: 64,
  bindings: { distances: "read f32", rows: "read u32", spread: "read vec2f", z: "read_write f32" },
  sizes: { count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let row = spread[rows[thread.x]];
      z[thread.x] = (distances[thread.x] - row.x) * row.y;
    }`,
});

/** One number a patch. Reads nothing back. @throws {ShapeMismatch} for fewer rows than distances */
export function rowSpread(gpu: Gpu, { distances, rows, spread }: RowSpreadRequest): GpuBuffer<"f32"> {
  if (rows.length < distances.length) {
    throw new ShapeMismatch("row-spread", `a row for each of ${distances.length} distances`, `${rows.length}`);
  }
  const z = gpu.buffer("f32", distances.length);
  kernel.dispatch(gpu, {
    buffers: { distances, rows, spread, z },
    sizes: { count: distances.length },
    constants: {},
    threads: distances.length,
  });
  return z;
}
