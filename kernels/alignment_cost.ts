/**
 * What an alignment of one cloud to several costs: how far the moved points lie from each, on average. @module
 *
 * For each target cloud with motion T, over every step-th source point p: mean of min(|T p − q|, cap), q the target point nearest to T p.
 * The cap keeps a part that one of the clouds lacks from outweighing the rest. Metres.
 */
import type { Alignment } from "./icp.ts";
import { nearestInColumns, nearestInColumnsCost } from "./nearest_in_columns.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** An alignment and where its cost ends. */
export interface AlignmentCostRequest extends Alignment {
  /** Metres: the most that one point counts. */
  readonly cap: number;
}

/** Cost of judging an alignment: one search, and 4 bytes and 3 flops a pair. */
export const alignmentCostCost = (
  used: number,
  targets: number,
  total: number,
): { flops: number; bytes: number } => {
  const search = nearestInColumnsCost(used, targets, total, 1);
  return { flops: search.flops + 3 * used * targets, bytes: search.bytes + 4 * used * targets };
};

/** Distances that one invocation sums. */
const RUN = 16;

const cappedSums = defineKernel({
  name: "alignment-cost-sums",
  workgroup: { gpu: 64, software: 8 },
  bindings: { squares: "read f32", partials: "read_write f32" },
  sizes: { used: "u32", targets: "u32", runs: "u32", cap: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.runs) { return; }
      var sum = 0.0;
      for (var i = thread.x; i < sizes.used; i += sizes.runs) {
        sum += min(sqrt(squares[i * sizes.targets + thread.y]), sizes.cap);
      }
      partials[thread.y * sizes.runs + thread.x] = sum;
    }`,
});

const means = defineKernel({
  name: "alignment-cost",
  workgroup: 8,
  bindings: { partials: "read f32", costs: "read_write f32" },
  sizes: { used: "u32", targets: "u32", runs: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.targets) { return; }
      var sum = 0.0;
      for (var run = 0u; run < sizes.runs; run++) { sum += partials[thread.x * sizes.runs + run]; }
      costs[thread.x] = sum / f32(sizes.used);
    }`,
});

/**
 * For each cloud the mean over the used source points of min(distance to the nearest target point, cap), in metres: `targets` values,
 * left on the GPU.
 * @throws {ShapeMismatch} for a source without points, or what {@linkcode nearestInColumns} refuses
 * @throws {GpuOutOfMemory}
 */
export function alignmentCost(
  gpu: Gpu,
  { source, step, targets: clouds, transforms, cap }: AlignmentCostRequest,
): GpuBuffer<"f32"> {
  const { targets } = clouds, used = Math.ceil(source.count / step), runs = Math.ceil(used / RUN);
  if (used === 0) throw new ShapeMismatch("alignment-cost", "a source with points", "none");
  using owned = new DisposableStack();
  const costs = owned.use(gpu.buffer("f32", targets));
  using partials = gpu.buffer("f32", runs * targets);
  using found = nearestInColumns(gpu, { queries: source, step, targets: clouds, transforms, k: 1, reach: cap });
  cappedSums.dispatch(gpu, {
    buffers: { squares: found.squaredDistances, partials },
    sizes: { used, targets, runs, cap },
    constants: {},
    threads: [runs, targets],
  });
  means.dispatch(gpu, {
    buffers: { partials, costs },
    sizes: { used, targets, runs },
    constants: {},
    threads: targets,
  });
  owned.move();
  return costs;
}
