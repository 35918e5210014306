/**
 * How far from a scan the points of a shape are, seen on the scan's map. @module
 *
 * out(i) = √squares(p) · pitch metres, p the pixel in which the camera sees point i; −1 where the point lies behind a central camera, or is
 * seen outside of the map.
 */
import { CAMERA_SIZES, cameraSizes, type MapCamera, pixelOfSnippet } from "./map_camera.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode gapAtPoints} looks up. */
export interface GapAtPointsRequest {
  /** `total × 4`: x, y, z in the camera's frame, metres, and a number that is not read. */
  readonly points: GpuBuffer<"f32">;
  /** Where the map's pixels look. */
  readonly camera: MapCamera;
  /** `size²`: squared distances in pixels to the nearest pixel with a point, from `distanceTransform`. */
  readonly squares: GpuBuffer<"f32">;
  /** Pixels a side. */
  readonly size: number;
  /** Metres a pixel. */
  readonly pitch: number;
}

/** Cost: a projection and a root a point; bytes: points in, a square each, distances out. */
export const gapAtPointsCost = (total: number): { flops: number; bytes: number } => ({
  flops: 14 * total,
  bytes: 24 * total,
});

const kernel = defineKernel({
  name: "gap-at-points",
  workgroup: { gpu: 64, software: 32 },
  bindings: { points: "read vec4f", squares: "read f32", gaps: "read_write f32" },
  sizes: { ...CAMERA_SIZES, count: "u32", size: "u32", pitch: "f32" },
  snippets: [pixelOfSnippet],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let pixel = pixelOf(points[thread.x].xyz, sizes.size);
      var gap = -1.0;
      if (pixel.x >= 0.0) { gap = sqrt(squares[u32(pixel.y) * sizes.size + u32(pixel.x)]) * sizes.pitch; }
      gaps[thread.x] = gap;
    }`,
});

/** `total` distances in metres, −1 for points that the map does not see. Reads nothing back. @throws {ShapeMismatch} for a map or points that do not fit */
export function gapAtPoints(
  gpu: Gpu,
  { points, camera, squares, size, pitch }: GapAtPointsRequest,
): GpuBuffer<"f32"> {
  const count = points.length / 4;
  const isMap = Number.isInteger(size) && size >= 1 && squares.length === size ** 2;
  if (!(isMap && Number.isInteger(count) && pitch > 0)) {
    throw new ShapeMismatch(
      "gap-at-points",
      "a map of size², four numbers a point and a pitch above 0",
      `${squares.length} for a side of ${size}, ${points.length} and ${pitch}`,
    );
  }
  const gaps = gpu.buffer("f32", count);
  if (count > 0) {
    kernel.dispatch(gpu, {
      buffers: { points, squares, gaps },
      sizes: { ...cameraSizes(camera), count, size, pitch },
      constants: {},
      threads: count,
    });
  }
  return gaps;
}
