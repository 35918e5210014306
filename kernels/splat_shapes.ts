/**
 * Which pixels of a map whole shapes cover, and how far from a scan their points usually are there. @module
 *
 * A point covers the pixels whose centres lie within ρ of its projection, ρ = ½ · 1.5 · s · √|det matrix| / z pixels (z is 1 for a camera
 * with parallel rays), at least 0.71 and at most 6: s is its spacing, so that neighbouring points leave no pixel between them uncovered.
 * out(j, p) = max t + min max(0, |p − point| − 0.71) · pixel over the points of shape j that cover p, t a point's usual distance and a pixel
 * as many metres as at the point; −1 where none does. From a place beside a point it is at most so much farther to the nearest measurement
 * than from the point, so only what exceeds it says that the point is missing: a disc that reaches over an outline claims nothing there.
 * The largest usual distance, as points that are off now here, now there have neighbours of which some were.
 *
 * A scatter. No two points may overwrite each other, so both are maxima of whole numbers: the bits of floats that are not negative are
 * ordered as the floats are. One is added to those of t, those of the other are taken from the largest whole number, which leaves 0 for
 * pixels without a point. A maximum does not depend on the order.
 */
import { CAMERA_SIZES, cameraSizes, type MapCamera, pixelOfSnippet } from "./map_camera.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Where the points of a shape lie among all. */
export interface ShapeRange {
  /** Its first point. */
  readonly first: number;
  /** Number of its points. */
  readonly count: number;
}

/** What {@linkcode splatShapes} draws. */
export interface SplatShapesRequest {
  /** `total × 4`: x, y, z in the camera's frame, metres, and a number that is not read. */
  readonly points: GpuBuffer<"f32">;
  /** One range of points a shape. */
  readonly shapes: readonly ShapeRange[];
  /** `total`, metres, 0 or more: how far from a scan a point usually is; 0 for each unless given. */
  readonly usual?: GpuBuffer<"f32">;
  /** `total`, metres: how far a point is from its third-nearest of the same shape; below 0 where the point is left out. */
  readonly spacing: GpuBuffer<"f32">;
  /** Where the map's pixels look. Points behind it are left out, and those whose projection is outside of the map. */
  readonly camera: MapCamera;
  /** Pixels a side of the map. */
  readonly size: number;
}

const SHARE = 0.5 * 1.5; // of the spacing: half of it is the least that could close a square grid, and 1.5 makes up for uneven ones
const LEAST = 0.71, MOST = 6; // pixels: the least covers the pixel that the point is in

/** By how many pixels a disc is larger than the least one, from the spacing in pixels: a drawn shape reaches so far over its outline. */
export const splatOverhang = (spacing: number): number => Math.min(MOST, Math.max(LEAST, SHARE * spacing)) - LEAST;

/** Cost where a point covers 12 pixels; bytes: points in, each of those pixels there and back twice, and the maps cleared, read and written. */
export const splatShapesCost = (total: number, shapes: number, size: number): { flops: number; bytes: number } => ({
  flops: total * (20 + 12 * 10),
  bytes: total * (24 + 12 * 16) + 20 * shapes * size ** 2,
});

const splat = defineKernel({
  name: "splat-shapes",
  workgroup: { gpu: 64, software: 32 },
  bindings: {
    points: "read vec4f",
    usual: "read f32",
    spacing: "read f32",
    words: "read_write atomic<u32>",
    near: "read_write atomic<u32>",
  },
  sizes: {
    ...CAMERA_SIZES,
    first: "u32",
    count: "u32",
    base: "u32",
    size: "u32",
    scale: "f32",
    metres: "f32",
    smallest: "f32",
    largest: "f32",
  },
  snippets: [pixelOfSnippet],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let at = sizes.first + thread.x;
      let point = points[at].xyz;
      let pixel = pixelOf(point, sizes.size);
      if (pixel.x < 0.0 || !(spacing[at] >= 0.0)) { return; }
      var radius = sizes.scale * spacing[at];
      var metres = sizes.metres;
      if (sizes.central != 0u) {
        radius = radius / point.z;
        metres = metres * point.z;
      }
      radius = clamp(radius, sizes.smallest, sizes.largest);
      let word = bitcast<u32>(max(usual[at], 0.0)) + 1u;
      let low = max(vec2i(ceil(pixel - radius - 0.5)), vec2i(0));
      let high = min(vec2i(floor(pixel + radius - 0.5)), vec2i(i32(sizes.size) - 1));
      for (var y = low.y; y <= high.y; y++) {
        for (var x = low.x; x <= high.x; x++) {
          let away = vec2f(vec2i(x, y)) + 0.5 - pixel;
          let square = away.x * away.x + away.y * away.y;
          if (square <= radius * radius) {
            let place = sizes.base + u32(y) * sizes.size + u32(x);
            let beside = max(0.0, sqrt(square) - sizes.smallest) * metres;
            atomicMax(&words[place], word);
            atomicMax(&near[place], 0xffffffffu - bitcast<u32>(beside));
          }
        }
      }
    }`,
});

const distances = defineKernel({
  name: "splat-distances",
  workgroup: { gpu: 64, software: 32 },
  bindings: { words: "read u32", near: "read u32", covers: "read_write f32" },
  sizes: { count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let word = words[thread.x];
      if (word == 0u) { covers[thread.x] = -1.0; }
      else { covers[thread.x] = bitcast<f32>(word - 1u) + bitcast<f32>(0xffffffffu - near[thread.x]); }
    }`,
});

/**
 * `shapes × size²`, metres: how far from a scan the pixel usually is by the points of the shape that cover it, −1 where none does.
 * Reads nothing back. @throws {ShapeMismatch} for no shape, a size that cannot be, buffers of unequal length or a range outside of them
 */
export function splatShapes(gpu: Gpu, request: SplatShapesRequest): GpuBuffer<"f32"> {
  const { points, shapes, usual, spacing, camera, size } = request, total = spacing.length;
  const fits = points.length === 4 * total && (usual === undefined || usual.length === total);
  const lies = ({ first, count }: ShapeRange) =>
    Number.isInteger(first) && Number.isInteger(count) && first >= 0 && count >= 0 && first + count <= total;
  if (!(Number.isInteger(size) && size >= 1 && shapes.length > 0 && fits && shapes.every(lies))) {
    const ranges = shapes.map(({ first, count }) => `${first} + ${count}`).join(", ");
    throw new ShapeMismatch(
      "splat-shapes",
      "a side of whole pixels, x, y, z, w and a distance a point, and shapes that lie in them",
      `${size}, ${points.length}, ${usual?.length ?? total}, ${total} and ${ranges || "no shape"}`,
    );
  }
  const [a, b, c, d] = camera.matrix, pixels = shapes.length * size ** 2, perMetre = Math.sqrt(Math.abs(a * d - b * c));
  using owned = new DisposableStack();
  const covers = owned.use(gpu.buffer("f32", pixels));
  using words = gpu.zeros("u32", pixels), near = gpu.zeros("u32", pixels), none = gpu.zeros("f32", usual ? 0 : total);
  shapes.forEach(({ first, count }, shape) => {
    if (count === 0) return;
    splat.dispatch(gpu, {
      buffers: { points, usual: usual ?? none, spacing, words, near },
      sizes: {
        ...cameraSizes(camera),
        first,
        count,
        base: shape * size ** 2,
        size,
        scale: SHARE * perMetre,
        metres: 1 / perMetre,
        smallest: LEAST,
        largest: MOST,
      },
      constants: {},
      threads: count,
    });
  });
  distances.dispatch(gpu, {
    buffers: { words, near, covers },
    sizes: { count: pixels },
    constants: {},
    threads: pixels,
  });
  owned.move(); // from here the caller owns the result
  return covers;
}
