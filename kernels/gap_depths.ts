/**
 * How deep each pixel lies in a gap of a part: a place without a point that has points on both sides. @module
 *
 * Four lines go through a pixel without a patch: across, down, both diagonals. Where both ways along at least three of them meet a patch
 * within the reach, the pixel lies in a hole, and its depth is the fewest steps to one. Where only two do, it lies in a notch of the outline,
 * which every rough part has: depth ½. What lies beside the part, or in a wide opening of it, has depth 0.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode gapDepths} looks at. */
export interface GapRequest {
  /** `size²`: 0xffffffff where a pixel has no patch. */
  readonly patchOf: GpuBuffer<"u32">;
  /** Pixels a side. */
  readonly size: number;
  /** Pixels, 1 to 48. */
  readonly reach: number;
}

/** Cost where every pixel looks along its lines to the end. */
export const gapDepthsCost = (size: number, reach: number): { flops: number; bytes: number } => ({
  flops: size ** 2 * 8 * reach,
  bytes: 8 * size ** 2,
});

const kernel = defineKernel({
  name: "gap-depths",
  workgroup: { gpu: 64, software: 32 },
  bindings: { patchOf: "read u32", depths: "read_write f32" },
  sizes: { size: "u32", reach: "u32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;

    /** Steps to the first patch that way; one more than the reach where there is none. */
    fn stepsTo(column: i32, row: i32, across: i32, down: i32) -> i32 {
      let size = i32(sizes.size);
      let reach = i32(sizes.reach);
      for (var i = 1; i <= reach; i++) {
        let x = column + i * across;
        let y = row + i * down;
        if (x < 0 || y < 0 || x >= size || y >= size) { break; }
        if (patchOf[y * size + x] != NONE) { return i; }
      }
      return reach + 1;
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.size * sizes.size) { return; }
      var depth = 0.0;
      if (patchOf[thread.x] == NONE) {
        let reach = i32(sizes.reach);
        let row = i32(thread.x) / i32(sizes.size);
        let column = i32(thread.x) % i32(sizes.size);
        var lines = 0;
        var least = reach + 1;
        for (var line = 0; line < 4; line++) {
          let across = select(1, 0, line == 1);
          let down = select(select(1, -1, line == 3), 0, line == 0);
          let there = stepsTo(column, row, across, down);
          let back = stepsTo(column, row, -across, -down);
          if (max(there, back) <= reach) { lines += 1; }
          least = min(least, min(there, back));
        }
        if (lines == 2) { depth = 0.5; }
        if (lines > 2) { depth = f32(least); }
      }
      depths[thread.x] = depth;
    }`,
});

/** `size²` depths in pixels, ½ in notches, 0 outside gaps. Reads nothing back. @throws {ShapeMismatch} for a reach that cannot be, or a map of another size */
export function gapDepths(gpu: Gpu, { patchOf, size, reach }: GapRequest): GpuBuffer<"f32"> {
  if (!(Number.isInteger(reach) && reach >= 1 && reach <= 48) || patchOf.length !== size * size) {
    throw new ShapeMismatch(
      "gap-depths",
      `a map of ${size}² and a reach of 1 to 48 pixels`,
      `${patchOf.length} and ${reach}`,
    );
  }
  const depths = gpu.buffer("f32", patchOf.length);
  kernel.dispatch(gpu, {
    buffers: { patchOf, depths },
    sizes: { size, reach },
    constants: {},
    threads: patchOf.length,
  });
  return depths;
}
