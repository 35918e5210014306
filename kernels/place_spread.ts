/**
 * Values of patches against what normal scans have at the same place. @module
 *
 * A patch's place is a short list of stored patches; V are their stored values, of up to four channels at once. With prior mean g0,
 * deviation g1 and weight w, over the m patches listed:
 *   μ = (Σ V + w g0) / (m + w),  σ² = (Σ V² + w (g1² + g0²)) / (m + w) − μ²,  z = (v − μ) / √(σ² + (floor g1)²)
 * Sums are taken over V − g0, so that float32 keeps the variance. A channel whose prior deviation is 0 gives 0: it never varied.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Up to four channels. */
export type Four = readonly [number, number, number, number];

/** What {@linkcode placeSpread} needs. */
export interface PlaceSpreadRequest {
  /** `count × 4`: the patches' own values, a channel a column. */
  readonly values: GpuBuffer<"f32">;
  /** `… × 4`: values of the stored patches. */
  readonly stored: GpuBuffer<"f32">;
  /** `count × width`: the stored patches at each patch's place, 0xffffffff where there are fewer. */
  readonly places: GpuBuffer<"u32">;
  /** Most stored patches of a place. */
  readonly width: number;
  /** Mean and deviation of all stored values, and how many patches they weigh as much as. */
  readonly prior: { readonly mean: Four; readonly deviation: Four; readonly weight: number };
  /** Share of the prior deviation that is always added to a place's own. */
  readonly floor: number;
}

/** Cost: four channels of 3 flops a listed patch. */
export const placeSpreadCost = (count: number, width: number): { flops: number; bytes: number } => ({
  flops: count * (width * 12 + 40),
  bytes: count * (width * 20 + 32),
});

const kernel = defineKernel({
  name: "place-spread",
  workgroup: 64,
  bindings: { values: "read vec4f", stored: "read vec4f", places: "read u32", z: "read_write vec4f" },
  sizes: {
    count: "u32",
    storedCount: "u32",
    width: "u32",
    weight: "f32",
    floor: "f32",
    mean0: "f32",
    mean1: "f32",
    mean2: "f32",
    mean3: "f32",
    deviation0: "f32",
    deviation1: "f32",
    deviation2: "f32",
    deviation3: "f32",
  },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let mean = vec4f(sizes.mean0, sizes.mean1, sizes.mean2, sizes.mean3);
      let deviation = vec4f(sizes.deviation0, sizes.deviation1, sizes.deviation2, sizes.deviation3);
      var sum = vec4f();
      var squares = vec4f();
      var found = 0.0;
      for (var i = 0u; i < sizes.width; i++) {
        let at = places[thread.x * sizes.width + i];
        if (at < sizes.storedCount) {
          let d = stored[at] - mean;
          sum += d;
          squares = fma(d, d, squares);
          found += 1.0;
        }
      }
      let total = found + sizes.weight;
      let away = sum / total;
      let variance = max((squares + sizes.weight * deviation * deviation) / total - away * away, vec4f());
      let spread = sqrt(variance + sizes.floor * sizes.floor * deviation * deviation);
      let varies = deviation > vec4f();
      z[thread.x] = select(vec4f(), (values[thread.x] - mean - away) / select(vec4f(1.0), spread, varies), varies);
    }`,
});

/** `count × 4` deviations from the place's mean in units of its spread. Reads nothing back. @throws {ShapeMismatch} */
export function placeSpread(
  gpu: Gpu,
  { values, stored, places, width, prior, floor }: PlaceSpreadRequest,
): GpuBuffer<"f32"> {
  const count = values.length / 4;
  if (places.length < count * width || !(prior.weight > 0) || !(floor > 0)) {
    throw new ShapeMismatch(
      "place-spread",
      `${width} places a patch, and a prior and a floor above 0`,
      `${places.length} places for ${count} patches, prior ${prior.weight}, floor ${floor}`,
    );
  }
  const z = gpu.buffer("f32", values.length);
  const [mean0, mean1, mean2, mean3] = prior.mean, [deviation0, deviation1, deviation2, deviation3] = prior.deviation;
  kernel.dispatch(gpu, {
    buffers: { values, stored, places, z },
    sizes: {
      count,
      storedCount: stored.length / 4,
      width,
      weight: prior.weight,
      floor,
      mean0,
      mean1,
      mean2,
      mean3,
      deviation0,
      deviation1,
      deviation2,
      deviation3,
    },
    constants: {},
    threads: count,
  });
  return z;
}
