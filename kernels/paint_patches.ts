/** Values of patches to the pixels of a map. @module */
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

/** No arithmetic; a number read and one written a pixel. */
export const paintPatchesCost = (pixels: number): { flops: number; bytes: number } => ({
  flops: 0,
  bytes: 12 * pixels,
});

const kernel = defineKernel({
  name: "paint-patches",
  workgroup: 64,
  bindings: { values: "read f32", patchOf: "read u32", map: "read_write f32" },
  sizes: { pixels: "u32", count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.pixels) { return; }
      let patch_ = patchOf[thread.x];
      var value = 0.0;
      if (patch_ < sizes.count) { value = values[patch_]; }
      map[thread.x] = value;
    }`,
});

/** Each pixel gets the value of its patch, 0 where `patchOf` names none (0xffffffff). Reads nothing back. */
export function paintPatches(
  gpu: Gpu,
  { values, patchOf }: { readonly values: GpuBuffer<"f32">; readonly patchOf: GpuBuffer<"u32"> },
): GpuBuffer<"f32"> {
  const map = gpu.buffer("f32", patchOf.length);
  kernel.dispatch(gpu, {
    buffers: { values, patchOf, map },
    sizes: { pixels: patchOf.length, count: values.length },
    constants: {},
    threads: patchOf.length,
  });
  return map;
}
