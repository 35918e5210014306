/**
 * Which points are among the nearest of any other: the k-mask of an inversion. @module
 *
 * f_j = 1 where some list of neighbours names j, else 0. Source: the k-mask of Zhang et al., "Unsupervised 3D shape completion through
 * GAN inversion", 2021.
 */
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

/** No arithmetic; a number is read and a flag written an entry, and all flags are cleared. */
export const markNearestCost = (entries: number, count: number): { flops: number; bytes: number } => ({
  flops: 0,
  bytes: 8 * entries + 4 * count,
});

/** Invocations of a launch in x; what is more lies in y. */
const ACROSS = 2 ** 16;

const kernel = defineKernel({
  name: "mark-nearest",
  workgroup: 64,
  bindings: { indices: "read u32", flags: "read_write atomic<u32>" },
  sizes: { entries: "u32", count: "u32", across: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = thread.y * sizes.across + thread.x;
      if (at >= sizes.entries) { return; }
      let named = indices[at];
      if (named < sizes.count) { atomicStore(&flags[named], 1u); } // whoever comes last, a 1 stays
    }`,
});

/** A flag for each of `count` points. A number that is none of theirs marks nothing. Reads nothing back. @throws {GpuOutOfMemory} */
export function markNearest(
  gpu: Gpu,
  { indices, count }: {
    /** Numbers of points, in lists of any length. */
    readonly indices: GpuBuffer<"u32">;
    /** How many points there are. */
    readonly count: number;
  },
): GpuBuffer<"u32"> {
  const flags = gpu.zeros("u32", count), entries = indices.length;
  kernel.dispatch(gpu, {
    buffers: { indices, flags },
    sizes: { entries, count, across: ACROSS },
    constants: {},
    threads: [Math.min(entries, ACROSS), Math.ceil(entries / ACROSS)],
  });
  return flags;
}
