/**
 * Values for the pixels of a map that lie in gaps of a part: narrow places without a point that have points on both sides. @module
 *
 * A pixel without a patch lies in a gap where, along at least two of the four lines through it (across, down, both diagonals), both ways
 * meet a patch within the reach. It gets the mean of the values around, weighted by a Gaussian of a third of the reach. So a hole whose
 * depth returned nothing is scored by its rim, while what lies beside the part, or in a wide opening of it, stays at 0.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode fillGaps} fills. */
export interface FillRequest {
  /** `size²`. */
  readonly map: GpuBuffer<"f32">;
  /** `size²`: 0xffffffff where a pixel has no patch. */
  readonly patchOf: GpuBuffer<"u32">;
  /** Pixels a side. */
  readonly size: number;
  /** Pixels, 1 to 48. */
  readonly reach: number;
}

/** Cost where every pixel looks along its lines and one in ten lies in a gap. */
export const fillGapsCost = (size: number, reach: number): { flops: number; bytes: number } => ({
  flops: size ** 2 * (8 * reach + 0.1 * (2 * reach + 1) ** 2 * 3),
  bytes: 12 * size ** 2,
});

const kernel = defineKernel({
  name: "fill-gaps",
  workgroup: { gpu: 64, software: 32 },
  bindings: { map: "read f32", patchOf: "read u32", weights: "read f32", filled: "read_write f32" },
  sizes: { size: "u32", reach: "u32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;

    /** Whether a patch lies within the reach, going that way. */
    fn meets(column: i32, row: i32, across: i32, down: i32) -> bool {
      let size = i32(sizes.size);
      for (var i = 1; i <= i32(sizes.reach); i++) {
        let x = column + i * across;
        let y = row + i * down;
        if (x < 0 || y < 0 || x >= size || y >= size) { return false; }
        if (patchOf[y * size + x] != NONE) { return true; }
      }
      return false;
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.size * sizes.size) { return; }
      let size = i32(sizes.size);
      let row = i32(thread.x) / size;
      let column = i32(thread.x) % size;
      var value = map[thread.x];
      if (patchOf[thread.x] == NONE) {
        var lines = 0;
        if (meets(column, row, 1, 0) && meets(column, row, -1, 0)) { lines += 1; }
        if (meets(column, row, 0, 1) && meets(column, row, 0, -1)) { lines += 1; }
        if (meets(column, row, 1, 1) && meets(column, row, -1, -1)) { lines += 1; }
        if (meets(column, row, 1, -1) && meets(column, row, -1, 1)) { lines += 1; }
        if (lines >= 2) {
          let reach = i32(sizes.reach);
          var sum = 0.0;
          var total = 0.0;
          for (var y = max(row - reach, 0); y <= min(row + reach, size - 1); y++) {
            for (var x = max(column - reach, 0); x <= min(column + reach, size - 1); x++) {
              if (patchOf[y * size + x] != NONE) {
                let weight = weights[abs(x - column)] * weights[abs(y - row)];
                sum = fma(weight, map[y * size + x], sum);
                total += weight;
              }
            }
          }
          value = sum / total;
        }
      }
      filled[thread.x] = value;
    }`,
});

/** The map with its gaps filled. Reads nothing back. @throws {ShapeMismatch} for a reach that cannot be, or maps of another size */
export function fillGaps(gpu: Gpu, { map, patchOf, size, reach }: FillRequest): GpuBuffer<"f32"> {
  if (
    !(Number.isInteger(reach) && reach >= 1 && reach <= 48) || map.length !== size * size ||
    patchOf.length !== map.length
  ) {
    throw new ShapeMismatch(
      "fill-gaps",
      `two maps of ${size}² and a reach of 1 to 48 pixels`,
      `${map.length}, ${patchOf.length} and ${reach}`,
    );
  }
  const deviation = reach / 3;
  using weights = gpu.upload(
    "f32",
    Float32Array.from({ length: reach + 1 }, (_, i) => Math.exp(-(i ** 2) / (2 * deviation ** 2))),
  );
  const filled = gpu.buffer("f32", map.length);
  kernel.dispatch(gpu, {
    buffers: { map, patchOf, weights, filled },
    sizes: { size, reach },
    constants: {},
    threads: map.length,
  });
  return filled;
}
