/** A share of one list of numbers added to another, or to a share of it. @module */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Cost: two multiplications and an addition a number. */
export const addScaledCost = (count: number): { flops: number; bytes: number } => ({
  flops: 3 * count,
  bytes: 12 * count,
});

const kernel = defineKernel({
  name: "add-scaled",
  workgroup: 64,
  bindings: { values: "read f32", sums: "read_write f32" },
  sizes: { count: "u32", factor: "f32", keep: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x < sizes.count) { sums[thread.x] = sizes.keep * sums[thread.x] + sizes.factor * values[thread.x]; }
    }`,
});

/** `to[i] ← keep · to[i] + factor · values[i]`. Reads nothing back. @throws {ShapeMismatch} for lists of unequal length */
export function addScaled(
  gpu: Gpu,
  { values, to, factor, keep = 1 }: {
    readonly values: GpuBuffer<"f32">;
    readonly to: GpuBuffer<"f32">;
    readonly factor: number;
    /** 1 when left out. */
    readonly keep?: number;
  },
): void {
  if (values.length !== to.length) throw new ShapeMismatch("add-scaled", `${to.length} numbers`, `${values.length}`);
  kernel.dispatch(gpu, {
    buffers: { values, sums: to },
    sizes: { count: to.length, factor, keep },
    constants: {},
    threads: to.length,
  });
}
