/**
 * Between which depths whole shapes lie, pixel by pixel of a map. @module
 *
 * least(p), most(p) = the least and largest z among the points of all shapes whose projection lies within `reach` of the centre of p; the
 * reach lets steep flanks, and shapes that lie a pixel beside a scan, count. Where no point projects near, least is above most.
 *
 * A scatter. Extremes are those of whole numbers: the bits of a float, with the others turned where its sign is set and the sign turned
 * where it isn't, are ordered as floats are. Both are maxima (the least one of turned bits), so that 0 stands for no point. No maximum
 * depends on the order.
 */
import { CAMERA_SIZES, cameraSizes, type MapCamera, pixelOfSnippet } from "./map_camera.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode depthEnvelope} looks at. */
export interface DepthEnvelopeRequest {
  /** `total × 4`: x, y, z in the camera's frame, metres, and a number that is not read. */
  readonly points: GpuBuffer<"f32">;
  /** `total`: below 0 where a point is left out. */
  readonly spacing: GpuBuffer<"f32">;
  /** Where the map's pixels look. Points behind it are left out, and those whose projection is outside of the map. */
  readonly camera: MapCamera;
  /** Pixels a side of the map. */
  readonly size: number;
  /** Pixels, 0 to 8. */
  readonly reach: number;
}

const MOST_REACH = 8;

/** Cost where a point is near `near` pixels; bytes: points in, two words of each of those pixels there and back, and both maps three times. */
export const depthEnvelopeCost = (total: number, near: number, size: number): { flops: number; bytes: number } => ({
  flops: total * (18 + near * 5),
  bytes: total * (20 + near * 16) + 24 * size ** 2,
});

const scatter = defineKernel({
  name: "depth-envelope",
  workgroup: { gpu: 64, software: 32 },
  bindings: { points: "read vec4f", spacing: "read f32", words: "read_write atomic<u32>" },
  sizes: { ...CAMERA_SIZES, count: "u32", size: "u32", reach: "f32" },
  snippets: [pixelOfSnippet],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let point = points[thread.x].xyz;
      let pixel = pixelOf(point, sizes.size);
      if (pixel.x < 0.0 || !(spacing[thread.x] >= 0.0)) { return; }
      let bits = bitcast<u32>(point.z + 0.0); // -0 and 0 are one depth
      let key = select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
      let low = max(vec2i(ceil(pixel - sizes.reach - 0.5)), vec2i(0));
      let high = min(vec2i(floor(pixel + sizes.reach - 0.5)), vec2i(i32(sizes.size) - 1));
      for (var y = low.y; y <= high.y; y++) {
        for (var x = low.x; x <= high.x; x++) {
          let away = vec2f(vec2i(x, y)) + 0.5 - pixel;
          if (away.x * away.x + away.y * away.y <= sizes.reach * sizes.reach) {
            let at = 2u * (u32(y) * sizes.size + u32(x));
            atomicMax(&words[at], ~key);
            atomicMax(&words[at + 1u], key);
          }
        }
      }
    }`,
});

const depths = defineKernel({
  name: "depth-envelope-depths",
  workgroup: { gpu: 64, software: 32 },
  bindings: { words: "read vec2u", envelope: "read_write vec2f" },
  sizes: { count: "u32" },
  wgsl: /* wgsl */ `
    fn depthOf(key: u32) -> f32 {
      return bitcast<f32>(select(~key, key & 0x7fffffffu, (key & 0x80000000u) != 0u));
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let word = words[thread.x];
      if (word.y == 0u) { envelope[thread.x] = vec2f(1.0, -1.0); }
      else { envelope[thread.x] = vec2f(depthOf(~word.x), depthOf(word.y)); }
    }`,
});

/**
 * `size² × 2`, metres: least and largest depth of a pixel, 1 and −1 where no point projects near. Reads nothing back.
 * @throws {ShapeMismatch} for a size or a reach that cannot be, or buffers of unequal length
 */
export function depthEnvelope(
  gpu: Gpu,
  { points, spacing, camera, size, reach }: DepthEnvelopeRequest,
): GpuBuffer<"f32"> {
  const count = spacing.length;
  const isMap = Number.isInteger(size) && size >= 1 && reach >= 0 && reach <= MOST_REACH;
  if (!(isMap && points.length === 4 * count)) {
    throw new ShapeMismatch(
      "depth-envelope",
      `a side of whole pixels, a reach up to ${MOST_REACH}, and x, y, z, w and a spacing a point`,
      `${size}, ${reach}, ${points.length} and ${count}`,
    );
  }
  const pixels = size ** 2;
  using owned = new DisposableStack();
  const envelope = owned.use(gpu.buffer("f32", 2 * pixels));
  using words = gpu.zeros("u32", 2 * pixels);
  if (count > 0) {
    const sizes = { ...cameraSizes(camera), count, size, reach };
    scatter.dispatch(gpu, { buffers: { points, spacing, words }, sizes, constants: {}, threads: count });
  }
  depths.dispatch(gpu, { buffers: { words, envelope }, sizes: { count: pixels }, constants: {}, threads: pixels });
  owned.move(); // from here the caller owns the result
  return envelope;
}
