/**
 * Gaussian smoothing of a map. @module
 *
 * Separable: weights exp(−t²/2σ²), cut at |t| ≤ ⌈4σ⌉ pixels and scaled to sum 1, first along rows, then along columns.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode gaussianBlur} smooths. */
export interface GaussianRequest {
  /** Row-major, `height × width`. */
  readonly values: GpuBuffer<"f32">;
  readonly width: number;
  readonly height: number;
  /** Standard deviation in pixels. */
  readonly sigma: number;
  /** What lies past the edge: the edge's pixel again, or zeros. */
  readonly edge: "repeat" | "zero";
}

const radiusOf = (sigma: number) => Math.ceil(4 * sigma);

/** Cost of one call: two passes, each pair of equally weighed pixels takes an addition and a multiplication with one. */
export const gaussianBlurCost = (width: number, height: number, sigma: number) => ({
  flops: 2 * width * height * (3 * radiusOf(sigma) + 1),
  bytes: 16 * width * height,
});

const kernel = defineKernel({
  name: "gaussian-blur",
  workgroup: 64,
  bindings: { values: "read f32", weights: "read f32", blurred: "read_write f32" },
  // length and stride: of the axis that is smoothed
  sizes: { count: "u32", length: "u32", stride: "u32", radius: "u32", isZero: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = thread.x;
      if (at >= sizes.count) { return; }
      let place = i32(at / sizes.stride % sizes.length);
      let last = i32(sizes.length) - 1;
      let line = i32(at) - place * i32(sizes.stride);
      var sum = weights[0] * values[at];
      for (var t = 1; t <= i32(sizes.radius); t++) {
        let before = place - t;
        let after = place + t;
        var a = values[line + max(before, 0) * i32(sizes.stride)];
        var b = values[line + min(after, last) * i32(sizes.stride)];
        if (sizes.isZero == 1u) {
          a = select(0.0, a, before >= 0);
          b = select(0.0, b, after <= last);
        }
        sum += weights[t] * (a + b);
      }
      blurred[at] = sum;
    }`,
});

/** The smoothed map. @throws {ShapeMismatch} for a σ that is not above 0 or is above 10,000, and for fewer values than pixels */
export function gaussianBlur(gpu: Gpu, { values, width, height, sigma, edge }: GaussianRequest): GpuBuffer<"f32"> {
  const count = width * height, radius = radiusOf(sigma);
  if (!(sigma > 0 && sigma <= 10_000 && count > 0 && values.length >= count)) {
    throw new ShapeMismatch("gaussian-blur", "0 < σ ≤ 10,000 and a map", `σ ${sigma}, ${values.length} values as ${height} × ${width}`);
  }
  const half = Float64Array.from({ length: radius + 1 }, (_, t) => Math.exp(-(t * t) / (2 * sigma * sigma)));
  const total = half.reduce((sum, weight) => sum + 2 * weight, -half[0]);
  using weights = gpu.upload("f32", Float32Array.from(half, (weight) => weight / total));
  using owned = new DisposableStack();
  const blurred = owned.use(gpu.buffer("f32", count));
  using between = gpu.buffer("f32", count);
  const isZero = edge === "zero" ? 1 : 0;
  kernel.dispatch(gpu, {
    buffers: { values, weights, blurred: between },
    sizes: { count, length: width, stride: 1, radius, isZero },
    constants: {},
    threads: count,
  });
  kernel.dispatch(gpu, {
    buffers: { values: between, weights, blurred },
    sizes: { count, length: height, stride: width, radius, isZero },
    constants: {},
    threads: count,
  });
  owned.move();
  return blurred;
}
