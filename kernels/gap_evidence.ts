/**
 * How much speaks for a missing piece at each pixel: how far a scan is from where whole shapes have material. @module
 *
 * With d(p) the distance from p to the nearest pixel with a point, and over the shapes j that cover p, with usual distances t:
 *   evidence(p) = 1000 Σ_j weight_j max(0, d(p) − t_j(p)) millimetres; 0 where the scan has a point
 *   mask(p) = 1 where the scan has no point and Σ_j weight_j ≥ ½ (less 10⁻⁶, so that rounding decides no tie), else 0
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode gapEvidence} weighs. */
export interface GapEvidenceRequest {
  /** `shapes × size²`, metres, from `splatShapes`: usual distances, below 0 where the shape does not cover the pixel. */
  readonly covers: GpuBuffer<"f32">;
  /** One a shape, of sum 1. */
  readonly weights: GpuBuffer<"f32"> | readonly number[];
  /** `size²`: squared distances in pixels to the nearest pixel with a point, from `distanceTransform`. */
  readonly squares: GpuBuffer<"f32">;
  /** Pixels a side. */
  readonly size: number;
  /** Metres a pixel. */
  readonly pitch: number;
}

/** Two maps of `size²`, which the caller disposes of. */
export interface GapEvidence extends Disposable {
  /** Millimetres, 0 or more. */
  readonly evidence: GpuBuffer<"f32">;
  /** 1 where half of the shapes or more have material and the scan has no point, else 0. */
  readonly mask: GpuBuffer<"u32">;
}

/** Cost: 4 flops a pixel of a shape; bytes: the maps once. */
export const gapEvidenceCost = (shapes: number, size: number): { flops: number; bytes: number } => ({
  flops: size ** 2 * (4 * shapes + 4),
  bytes: 4 * size ** 2 * (shapes + 3),
});

const kernel = defineKernel({
  name: "gap-evidence",
  workgroup: { gpu: 64, software: 32 },
  bindings: {
    covers: "read f32",
    weights: "read f32",
    squares: "read f32",
    evidence: "read_write f32",
    mask: "read_write u32",
  },
  sizes: { pixels: "u32", shapes: "u32", pitch: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let pixel = thread.x;
      if (pixel >= sizes.pixels) { return; }
      var sum = 0.0;
      var covered = 0.0;
      if (squares[pixel] > 0.0) {
        let away = sqrt(squares[pixel]) * sizes.pitch;
        for (var j = 0u; j < sizes.shapes; j++) {
          let usual = covers[j * sizes.pixels + pixel];
          if (usual >= 0.0) {
            covered += weights[j];
            sum += weights[j] * max(0.0, away - usual);
          }
        }
      }
      evidence[pixel] = 1000.0 * sum;
      mask[pixel] = select(0u, 1u, covered >= 0.499999);
    }`,
});

/** The evidence, and where shapes agree. Reads nothing back. @throws {ShapeMismatch} for maps, weights or a pitch that do not fit */
export function gapEvidence(gpu: Gpu, { covers, weights, squares, size, pitch }: GapEvidenceRequest): GapEvidence {
  const pixels = size ** 2, shapes = weights.length;
  const fits = squares.length === pixels && covers.length === shapes * pixels;
  if (!(Number.isInteger(size) && size >= 1 && shapes >= 1 && fits && pitch > 0)) {
    throw new ShapeMismatch(
      "gap-evidence",
      "a map of size², one more and a weight a shape, and a pitch above 0",
      `${squares.length} for a side of ${size}, ${covers.length}, ${shapes} and ${pitch}`,
    );
  }
  using owned = new DisposableStack(), passing = new DisposableStack();
  const evidence = owned.use(gpu.buffer("f32", pixels)), mask = owned.use(gpu.buffer("u32", pixels));
  const shares = "element" in weights ? weights : passing.use(gpu.upload("f32", Float32Array.from(weights)));
  kernel.dispatch(gpu, {
    buffers: { covers, weights: shares, squares, evidence, mask },
    sizes: { pixels, shapes, pitch },
    constants: {},
    threads: pixels,
  });
  const kept = owned.move(); // from here the caller owns both
  return { evidence, mask, [Symbol.dispose]: () => kept.dispose() };
}
