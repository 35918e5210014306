/**
 * One score a patch from its channels: the mean of what is above normal. @module
 *
 * a = Σ_c share_c · min(max(0, scale_c · z_c), most). A scale of 1 / q_c brings a channel to the quantile q_c that normal patches reach; what
 * lies below its mean is as normal as the mean, and one channel that is far out alone counts no more than `most`.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** How a channel counts; a share of 0 leaves it out. */
export interface ChannelWeight {
  /** What its values are multiplied by. */
  readonly scale: number;
  /** Its part of the sum. */
  readonly share: number;
}

/** What {@linkcode joinChannels} needs. */
export interface JoinRequest {
  /** `count × 4`: four channels a patch. */
  readonly places: GpuBuffer<"f32">;
  /** `count`: a fifth. */
  readonly rows: GpuBuffer<"f32">;
  /** `count`: a sixth. */
  readonly distances: GpuBuffer<"f32">;
  /** How the channels count. */
  readonly weights: {
    readonly places: readonly [ChannelWeight, ChannelWeight, ChannelWeight, ChannelWeight];
    readonly rows: ChannelWeight;
    readonly distances: ChannelWeight;
  };
  /** What a scaled channel is cut to. */
  readonly most: number;
}

/** Cost: four flops a channel. */
export const joinChannelsCost = (count: number): { flops: number; bytes: number } => ({
  flops: 24 * count,
  bytes: 28 * count,
});

const kernel = defineKernel({
  name: "join-channels",
  workgroup: 64,
  bindings: {
    places: "read vec4f",
    rows: "read f32",
    distances: "read f32",
    weights: "read vec4f",
    joined: "read_write f32",
  },
  sizes: { count: "u32", most: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let place = clamp(weights[0] * places[thread.x], vec4f(), vec4f(sizes.most));
      let bank = clamp(weights[2].xy * vec2f(rows[thread.x], distances[thread.x]), vec2f(), vec2f(sizes.most));
      joined[thread.x] = dot(weights[1], place) + dot(weights[2].zw, bank);
    }`,
});

/** One number a patch, 0 and up. Reads nothing back. @throws {ShapeMismatch} for channels of unequal length */
export function joinChannels(gpu: Gpu, { places, rows, distances, weights, most }: JoinRequest): GpuBuffer<"f32"> {
  const count = rows.length;
  if (places.length !== 4 * count || distances.length !== count) {
    throw new ShapeMismatch(
      "join-channels",
      `four, one and one channel of ${count} patches`,
      `${places.length / 4}, ${rows.length} and ${distances.length}`,
    );
  }
  const { places: own, rows: row, distances: distance } = weights;
  using table = gpu.upload(
    "f32",
    Float32Array.of(
      ...own.map(({ scale }) => scale),
      ...own.map(({ share }) => share),
      row.scale,
      distance.scale,
      row.share,
      distance.share,
    ),
  );
  const joined = gpu.buffer("f32", count);
  kernel.dispatch(gpu, {
    buffers: { places, rows, distances, weights: table, joined },
    sizes: { count, most },
    constants: {},
    threads: count,
  });
  return joined;
}
