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
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Standard deviation in pixels. */
  readonly sigma: number;
  /** What lies past the edge: the edge's pixel again, or zeros. */
  readonly edge: "repeat" | "zero";
}

const radiusOf = (sigma: number) => Math.ceil(4 * sigma);

/** Cost of one call: two passes, a multiplication and an addition a tap. */
export const gaussianBlurCost = (width: number, height: number, sigma: number): { flops: number; bytes: number } => ({
  flops: 2 * width * height * 2 * (2 * radiusOf(sigma) + 1),
  bytes: 16 * width * height,
});

const kernel = defineKernel({
  name: "gaussian-blur",
  workgroup: 64,
  bindings: { values: "read f32", weights: "read f32", blurred: "read_write f32" },
  // `lines` lines of `length` pixels, `stride` from one pixel to the next, `lineStride` from one line to the next
  sizes: { lines: "u32", lineStride: "u32", length: "u32", stride: "u32", radius: "u32", isZero: "u32" },
  wgsl: /* wgsl */ `
    // Eight neighbours of a line at once: each value and each weight is loaded once for all of them, the weights move along.
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.lines) { return; }
      let line = thread.x * sizes.lineStride;
      let begin = thread.y * 8u;
      let last = i32(sizes.length) - 1;
      let radius = i32(sizes.radius);
      var low = vec4f(); // weights of this value for pixels begin … begin + 3
      var high = vec4f();
      var lowSum = vec4f();
      var highSum = vec4f();
      for (var step = 0; step < 2 * radius + 8; step++) {
        let place = i32(begin) + step - radius;
        let entering = select(0.0, weights[min(abs(step - radius), radius)], step <= 2 * radius);
        high = vec4f(low.w, high.xyz);
        low = vec4f(entering, low.xyz);
        var value = values[line + u32(clamp(place, 0, last)) * sizes.stride];
        if (sizes.isZero == 1u) { value = select(0.0, value, place >= 0 && place <= last); }
        lowSum += low * value;
        highSum += high * value;
      }
      for (var i = 0u; i < min(8u, sizes.length - begin); i++) {
        blurred[line + (begin + i) * sizes.stride] = select(highSum[i % 4u], lowSum[i % 4u], i < 4u);
      }
    }`,
});

/** The smoothed map. @throws {ShapeMismatch} for a σ that is not above 0 or is above 7,000, and for fewer values than pixels */
export function gaussianBlur(gpu: Gpu, { values, width, height, sigma, edge }: GaussianRequest): GpuBuffer<"f32"> {
  const count = width * height, radius = radiusOf(sigma);
  if (!(sigma > 0 && sigma <= 7_000 && count > 0 && values.length >= count)) {
    throw new ShapeMismatch(
      "gaussian-blur",
      "0 < σ ≤ 7,000 and a map",
      `σ ${sigma}, ${values.length} values as ${height} × ${width}`,
    );
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
    sizes: { lines: height, lineStride: width, length: width, stride: 1, radius, isZero },
    constants: {},
    threads: [height, Math.ceil(width / 8)],
  });
  kernel.dispatch(gpu, {
    buffers: { values: between, weights, blurred },
    sizes: { lines: width, lineStride: 1, length: height, stride: width, radius, isZero },
    constants: {},
    threads: [width, Math.ceil(height / 8)],
  });
  owned.move();
  return blurred;
}
