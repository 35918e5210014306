/**
 * What is left of a mask away from the outline of drawn shapes. @module
 *
 * With S the pixels p where Σ_j weight_j ≥ ½ over the shapes j that cover p (less 10⁻⁶, so that rounding decides no tie):
 *   out(p) = 1 where mask(p) is not 0 and every pixel within `margin` of p, ends included, lies in S, else 0.
 * Distances are those of pixel centres. No pixel outside of the map lies in S.
 *
 * Discs about sparse points reach over a shape's outline by their radius. Taking that much off again is the second half of a morphological
 * closing: gaps between the points stay closed, and the outline is where the outermost points are.
 *
 * S is measured from outside by the exact distance transform, so the cost does not depend on the margin. Squares are whole numbers and so is
 * the largest of them within the margin: no comparison is rounded.
 */
import { distanceTransform, distanceTransformCost } from "./distance_transform.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode shapeInterior} looks at. */
export interface ShapeInteriorRequest {
  /** `shapes × size²` from `splatShapes`: below 0 where the shape does not cover the pixel. */
  readonly covers: GpuBuffer<"f32">;
  /** One a shape, of sum 1. */
  readonly weights: GpuBuffer<"f32"> | readonly number[];
  /** `size²`: 0 where the result is 0 in any case. */
  readonly mask: GpuBuffer<"u32">;
  /** Pixels a side, 1 to 2048. */
  readonly size: number;
  /** Pixels, 0 or more. */
  readonly margin: number;
}

/** Cost: 2 flops a pixel of a shape, 6 more a pixel, and the distance transform; bytes: covers and mask in, outside and squares there and back, mask out. */
export function shapeInteriorCost(shapes: number, size: number): { flops: number; bytes: number } {
  const { flops, bytes } = distanceTransformCost(size);
  return { flops: flops + size ** 2 * (2 * shapes + 6), bytes: bytes + 4 * size ** 2 * (shapes + 4) };
}

const outside = defineKernel({
  name: "shape-outside",
  workgroup: { gpu: 64, software: 32 },
  bindings: { covers: "read f32", weights: "read f32", places: "read_write u32" },
  sizes: { pixels: "u32", shapes: "u32" },
  wgsl: /* wgsl */ `
    // What lies outside is what distances are measured from.
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let pixel = thread.x;
      if (pixel >= sizes.pixels) { return; }
      var covered = 0.0;
      for (var j = 0u; j < sizes.shapes; j++) {
        if (covers[j * sizes.pixels + pixel] >= 0.0) { covered += weights[j]; }
      }
      places[pixel] = select(0u, 0xffffffffu, covered >= 0.499999);
    }`,
});

const inside = defineKernel({
  name: "shape-interior",
  workgroup: { gpu: 64, software: 32 },
  bindings: { mask: "read u32", squares: "read f32", interior: "read_write u32" },
  sizes: { size: "u32", within: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let pixel = thread.x;
      if (pixel >= sizes.size * sizes.size) { return; }
      let p = vec2u(pixel % sizes.size, pixel / sizes.size);
      let last = sizes.size - 1u;
      let border = f32(min(min(p.x, last - p.x), min(p.y, last - p.y)) + 1u); // to the nearest pixel outside of the map
      let away = min(squares[pixel], border * border);
      interior[pixel] = select(0u, 1u, mask[pixel] != 0u && away > sizes.within);
    }`,
});

/** `size²`: 1 or 0. Reads nothing back. @throws {ShapeMismatch} for a size or margin that cannot be, or maps and weights that do not fit */
export function shapeInterior(
  gpu: Gpu,
  { covers, weights, mask, size, margin }: ShapeInteriorRequest,
): GpuBuffer<"u32"> {
  const pixels = size ** 2, shapes = weights.length;
  const fits = mask.length === pixels && covers.length === shapes * pixels;
  if (!(Number.isInteger(size) && size >= 1 && shapes >= 1 && fits && margin >= 0 && margin < Infinity)) {
    throw new ShapeMismatch(
      "shape-interior",
      "a mask of size², a map and a weight a shape, and a margin of 0 or more",
      `${mask.length} for a side of ${size}, ${covers.length}, ${shapes} and ${margin}`,
    );
  }
  using owned = new DisposableStack(), passing = new DisposableStack();
  const interior = owned.use(gpu.buffer("u32", pixels)), places = passing.use(gpu.buffer("u32", pixels));
  const shares = "element" in weights ? weights : passing.use(gpu.upload("f32", Float32Array.from(weights)));
  outside.dispatch(gpu, {
    buffers: { covers, weights: shares, places },
    sizes: { pixels, shapes },
    constants: {},
    threads: pixels,
  });
  const squares = passing.use(distanceTransform(gpu, { pointOf: places, size }));
  inside.dispatch(gpu, {
    buffers: { mask, squares, interior },
    sizes: { size, within: Math.floor(margin ** 2) },
    constants: {},
    threads: pixels,
  });
  owned.move(); // from here the caller owns the result
  return interior;
}
