/**
 * What a scan's offsets from registered normal surfaces tell of each point. @module
 *
 * With r_j the offset from member j, and G a Gaussian over the map's pixels that hold a point, normalised by the weights of those:
 *   offset = min_j |G(r_j)|: how far the surface lies from the normal one that is nearest to it, noise smoothed out
 *   tilt: as it comes
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode offsetChannels} needs. */
export interface OffsetChannelsRequest {
  /** One row a point: the offsets from the members, then the tilt. */
  readonly offsets: Rows;
  /** The map pixel of each point, row-major. */
  readonly pixels: GpuBuffer<"u32">;
  /** `size²`: the point of each pixel, 0xffffffff where there is none. */
  readonly pointOf: GpuBuffer<"u32">;
  /** Pixels a side. */
  readonly size: number;
  /** Deviation of the Gaussian, pixels; it ends at three deviations. */
  readonly sigma: number;
}

/** Cost on a full map: a window of (6σ + 1)² pixels a point. */
export const offsetChannelsCost = (
  points: number,
  columns: number,
  sigma: number,
): { flops: number; bytes: number } => ({
  flops: points * (6 * sigma + 1) ** 2 * (2 * columns + 2),
  bytes: points * (4 * columns + 24),
});

const kernel = defineKernel({
  name: "offset-channels",
  workgroup: { gpu: 64, software: 32 },
  constants: ["MEMBERS", "QUADS"],
  bindings: {
    offsets: "read vec4f",
    pixels: "read u32",
    pointOf: "read u32",
    weights: "read f32",
    channels: "read_write vec4f",
  },
  sizes: { count: "u32", size: "u32", radius: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let radius = i32(sizes.radius);
      let size = i32(sizes.size);
      let pixel = i32(pixels[thread.x]);
      let row = pixel / size;
      let column = pixel % size;
      var sums: array<vec4f, 5>;
      for (var i = 0u; i < QUADS; i++) { sums[i] = vec4f(); }
      var total = 0.0;
      for (var y = max(row - radius, 0); y <= min(row + radius, size - 1); y++) {
        let down = weights[abs(y - row)];
        for (var x = max(column - radius, 0); x <= min(column + radius, size - 1); x++) {
          let point = pointOf[y * size + x];
          if (point < sizes.count) {
            let weight = down * weights[abs(x - column)];
            for (var i = 0u; i < QUADS; i++) { sums[i] = fma(vec4f(weight), offsets[point * QUADS + i], sums[i]); }
            total += weight;
          }
        }
      }
      var nearest = abs(sums[0].x);
      for (var j = 1u; j < MEMBERS; j++) { nearest = min(nearest, abs(sums[j / 4u][j % 4u])); }
      let tilt = offsets[thread.x * QUADS + MEMBERS / 4u][MEMBERS % 4u];
      channels[thread.x] = vec4f(tilt, nearest / total, 0.0, 0.0);
    }`,
});

/** One row of two columns a point: tilt, offset. Reads nothing back. @throws {ShapeMismatch} for a map that the points don't fit */
export function offsetChannels(
  gpu: Gpu,
  { offsets, pixels, pointOf, size, sigma }: OffsetChannelsRequest,
): Rows {
  const { count, columns, stride } = offsets, radius = Math.ceil(3 * sigma);
  if (
    pixels.length < count || pointOf.length < size * size || !(sigma > 0 && radius <= 100) || columns < 2 ||
    columns > 17
  ) {
    throw new ShapeMismatch(
      "offset-channels",
      "1 to 16 members and the tilt, a pixel for each point, a map of size², and a deviation up to 33 pixels",
      `${columns} columns, ${count} points, ${pixels.length} pixels, ${pointOf.length} places for size ${size}, deviation ${sigma}`,
    );
  }
  using weights = gpu.upload(
    "f32",
    Float32Array.from({ length: radius + 1 }, (_, i) => Math.exp(-(i ** 2) / (2 * sigma ** 2))),
  );
  const channels = gpu.buffer("f32", 4 * count);
  kernel.dispatch(gpu, {
    buffers: { offsets: offsets.values, pixels, pointOf, weights, channels },
    sizes: { count, size, radius },
    constants: { MEMBERS: columns - 1, QUADS: stride / 4 },
    threads: count,
  });
  return { values: channels, count, columns: 2, stride: 4, [Symbol.dispose]: () => channels[Symbol.dispose]() };
}
