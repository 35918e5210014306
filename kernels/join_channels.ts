/**
 * One score a patch from its channels: the mean of what is above normal. @module
 *
 * a = (1/n) Σ_c min(w_c · max(0, z_c), most) over the n channels of weight above 0; a weight of 1 / q_c scales a channel to the quantile q_c
 * that normal patches reach, a weight of 0 leaves it out. What lies below its mean is as normal as the mean, and one channel that is far
 * out alone counts no more than `most`.
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
  /** What a weighted channel is cut to. */
  readonly most: number;
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
    most: "f32",
    share: "f32",
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
      let place = clamp(weights * places[thread.x], vec4f(), vec4f(sizes.most));
      let row = clamp(sizes.row * rows[thread.x], 0.0, sizes.most);
      let distance = clamp(sizes.distance * distances[thread.x], 0.0, sizes.most);
      joined[thread.x] = sizes.share * (dot(place, vec4f(1.0)) + row + distance);
    }`,
});

/** One number a patch, 0 and up. Reads nothing back. @throws {ShapeMismatch} for channels of unequal length */
export function joinChannels(
  gpu: Gpu,
  { places, rows, distances, weights, most }: JoinRequest,
): GpuBuffer<"f32"> {
  const count = rows.length;
  if (places.length !== 4 * count || distances.length !== count) {
    throw new ShapeMismatch(
      "join-channels",
      `four, one and one channel of ${count} patches`,
      `${places.length / 4}, ${rows.length} and ${distances.length}`,
    );
  }
  const channels = [...weights.places, weights.rows, weights.distances].filter((weight) => weight > 0).length;
  const share = 1 / Math.max(1, channels);
  const joined = gpu.buffer("f32", count), [place0, place1, place2, place3] = weights.places;
  kernel.dispatch(gpu, {
    buffers: { places, rows, distances, joined },
    sizes: { count, most, share, place0, place1, place2, place3, row: weights.rows, distance: weights.distances },
    constants: {},
    threads: count,
  });
  return joined;
}
