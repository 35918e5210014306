/**
 * Scores for the gaps of a part: what their rims score, and more where a gap is deeper than normal ones. @module
 *
 * A gap's pixel gets the mean of the scores around, weighted by a Gaussian of a third of the reach, plus min(most, depth − usual) where that
 * is above 0. So a hole whose bottom returned nothing is seen, and a drop-out that normal scans have too is not.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode fillGaps} fills. */
export interface FillRequest {
  /** `size²`. */
  readonly map: GpuBuffer<"f32">;
  /** `size²`: 0xffffffff where a pixel has no patch. */
  readonly patchOf: GpuBuffer<"u32">;
  /** `size²`: 0 outside gaps. */
  readonly depths: GpuBuffer<"f32">;
  /** Pixels a side. */
  readonly size: number;
  /** The reach that the depths were found with, pixels. */
  readonly reach: number;
  /** Depth that gaps of normal scans have, pixels. */
  readonly usual: number;
  /** The most that depth adds. */
  readonly most: number;
}

/** Cost where one pixel in twenty lies in a gap. */
export const fillGapsCost = (size: number, reach: number): { flops: number; bytes: number } => ({
  flops: size ** 2 * 0.05 * (2 * reach + 1) ** 2 * 3,
  bytes: 16 * size ** 2,
});

const kernel = defineKernel({
  name: "fill-gaps",
  workgroup: { gpu: 64, software: 32 },
  bindings: { map: "read f32", patchOf: "read u32", depths: "read f32", weights: "read f32", filled: "read_write f32" },
  sizes: { size: "u32", reach: "u32", usual: "f32", most: "f32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.size * sizes.size) { return; }
      var value = map[thread.x];
      let depth = depths[thread.x];
      if (depth > 0.0) {
        let size = i32(sizes.size);
        let reach = i32(sizes.reach);
        let row = i32(thread.x) / size;
        let column = i32(thread.x) % size;
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
        value = sum / total + clamp(depth - sizes.usual, 0.0, sizes.most);
      }
      filled[thread.x] = value;
    }`,
});

/** The map with its gaps filled. Reads nothing back. @throws {ShapeMismatch} for a reach that cannot be, or maps of unequal size */
export function fillGaps(gpu: Gpu, { map, patchOf, depths, size, reach, usual, most }: FillRequest): GpuBuffer<"f32"> {
  const fits = [map, patchOf, depths].every(({ length }) => length === size * size);
  if (!(Number.isInteger(reach) && reach >= 1 && reach <= 48) || !fits) {
    throw new ShapeMismatch(
      "fill-gaps",
      `three maps of ${size}² and a reach of 1 to 48 pixels`,
      `${map.length}, ${patchOf.length}, ${depths.length} and ${reach}`,
    );
  }
  const deviation = reach / 3;
  using weights = gpu.upload(
    "f32",
    Float32Array.from({ length: reach + 1 }, (_, i) => Math.exp(-(i ** 2) / (2 * deviation ** 2))),
  );
  const filled = gpu.buffer("f32", map.length);
  kernel.dispatch(gpu, {
    buffers: { map, patchOf, depths, weights, filled },
    sizes: { size, reach, usual, most },
    constants: {},
    threads: map.length,
  });
  return filled;
}
