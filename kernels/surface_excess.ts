/**
 * How far the points of a scan lie above or below everything that whole shapes have there. @module
 *
 * out(p) = 1000 · max(0, z − most(p) − allowance, least(p) − z − allowance) millimetres, z the depth of the point of pixel p; 0 where p has
 * no point, and where least is above most: no shape is near.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode surfaceExcess} compares. */
export interface SurfaceExcessRequest {
  /** `count × 4`: x, y, z in the camera's frame, metres, and a number that is not read. */
  readonly points: GpuBuffer<"f32">;
  /** `pixels`: the point of each pixel, 0xffffffff where there is none. */
  readonly pointOf: GpuBuffer<"u32">;
  /** `pixels × 2`, metres: least and largest depth, from `depthEnvelope`. */
  readonly envelope: GpuBuffer<"f32">;
  /** Metres, 0 or more: what lies less far beyond counts as within. */
  readonly allowance: number;
}

/** Cost: two differences and their maximum a pixel; bytes: a point, its index and two depths in, the excess out. */
export const surfaceExcessCost = (pixels: number): { flops: number; bytes: number } => ({
  flops: 6 * pixels,
  bytes: 32 * pixels,
});

const kernel = defineKernel({
  name: "surface-excess",
  workgroup: { gpu: 64, software: 32 },
  bindings: { points: "read vec4f", pointOf: "read u32", envelope: "read vec2f", excess: "read_write f32" },
  sizes: { pixels: "u32", count: "u32", allowance: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.pixels) { return; }
      let at = pointOf[thread.x];
      let between = envelope[thread.x];
      var beyond = 0.0;
      if (at < sizes.count && between.x <= between.y) {
        let z = points[at].z;
        beyond = 1000.0 * max(0.0, max(z - between.y, between.x - z) - sizes.allowance);
      }
      excess[thread.x] = beyond;
    }`,
});

/** `pixels`, millimetres. Reads nothing back. @throws {ShapeMismatch} for buffers that do not fit, or an allowance below 0 */
export function surfaceExcess(
  gpu: Gpu,
  { points, pointOf, envelope, allowance }: SurfaceExcessRequest,
): GpuBuffer<"f32"> {
  const pixels = pointOf.length, count = points.length / 4;
  if (!(pixels > 0 && Number.isInteger(count) && envelope.length === 2 * pixels && allowance >= 0)) {
    throw new ShapeMismatch(
      "surface-excess",
      "a point, a least and a largest depth a pixel, four numbers a point, and an allowance of 0 or more",
      `${pixels}, ${envelope.length}, ${points.length} and ${allowance}`,
    );
  }
  const excess = gpu.buffer("f32", pixels);
  const sizes = { pixels, count, allowance };
  kernel.dispatch(gpu, { buffers: { points, pointOf, envelope, excess }, sizes, constants: {}, threads: pixels });
  return excess;
}
