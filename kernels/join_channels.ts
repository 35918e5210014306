/**
 * One score a patch from its channels: a weighted sum of what is above normal. @module
 *
 * a = Σ_c w_c · max(0, z_c); a weight of 1 / (n q_c) scales each of n channels to the quantile q_c that normal patches reach, a weight of 0
 * leaves it out. What lies below its mean is as normal as the mean.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";
import type { Four } from "./place_spread.ts";

/** What {@linkcode joinChannels} needs. */
export interface JoinRequest {
  /** `count × 4`: four channels a patch. */
  readonly places: GpuBuffer<"f32">;
  /** `count`: a fifth. */
  readonly rows: GpuBuffer<"f32">;
  /** `count`: a sixth. */
  readonly distances: GpuBuffer<"f32">;
  /** Weights of the channels, 0 for those that are left out. */
  readonly weights: { readonly places: Four; readonly rows: number; readonly distances: number };
}

/** Cost: three flops a channel. */
export const joinChannelsCost = (count: number): { flops: number; bytes: number } => ({
  flops: 18 * count,
  bytes: 28 * count,
});

const kernel = defineKernel({
  name: "join-channels",
  workgroup: 64,
  bindings: { places: "read vec4f", rows: "read f32", distances: "read f32", joined: "read_write f32" },
  sizes: {
    count: "u32",
    place0: "f32",
    place1: "f32",
    place2: "f32",
    place3: "f32",
    row: "f32",
    distance: "f32",
  },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let weights = vec4f(sizes.place0, sizes.place1, sizes.place2, sizes.place3);
      let place = dot(weights, max(places[thread.x], vec4f()));
      joined[thread.x] = place + sizes.row * max(rows[thread.x], 0.0) + sizes.distance * max(distances[thread.x], 0.0);
    }`,
});

/** One number a patch, 0 and up. Reads nothing back. @throws {ShapeMismatch} for channels of unequal length */
export function joinChannels(
  gpu: Gpu,
  { places, rows, distances, weights }: JoinRequest,
): GpuBuffer<"f32"> {
  const count = rows.length;
  if (places.length !== 4 * count || distances.length !== count) {
    throw new ShapeMismatch(
      "join-channels",
      `four, one and one channel of ${count} patches`,
      `${places.length / 4}, ${rows.length} and ${distances.length}`,
    );
  }
  const joined = gpu.buffer("f32", count), [place0, place1, place2, place3] = weights.places;
  kernel.dispatch(gpu, {
    buffers: { places, rows, distances, joined },
    sizes: { count, place0, place1, place2, place3, row: weights.rows, distance: weights.distances },
    constants: {},
    threads: count,
  });
  return joined;
}
