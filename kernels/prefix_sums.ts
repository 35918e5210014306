/** How much stands before each number of a list. @module */
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

const sumRuns = defineKernel({
  name: "prefix-runs",
  workgroup: { gpu: 64, software: 8 },
  bindings: { values: "read u32", sums: "read_write u32" },
  sizes: { count: "u32", run: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let begin = thread.x * sizes.run;
      if (begin >= sizes.count) { return; }
      var sum = 0u;
      for (var i = begin; i < min(begin + sizes.run, sizes.count); i++) { sum += values[i]; }
      sums[thread.x] = sum;
    }`,
});

const spread = defineKernel({
  name: "prefix-sums",
  workgroup: { gpu: 64, software: 8 },
  bindings: { values: "read u32", sums: "read u32", before: "read_write u32" },
  sizes: { count: "u32", run: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let begin = thread.x * sizes.run;
      if (begin >= sizes.count) { return; }
      let end = min(begin + sizes.run, sizes.count);
      var sum = 0u;
      for (var t = 0u; t < thread.x; t++) { sum += sums[t]; }
      for (var i = begin; i < end; i++) {
        before[i] = sum;
        sum += values[i];
      }
      if (end == sizes.count) { before[end] = sum; }
    }`,
});

/** The sum of the numbers before each one, and behind the last the sum of all: one more than `values` has, which has one at least. Below 2³². */
export function prefixSums(gpu: Gpu, values: GpuBuffer<"u32">): GpuBuffer<"u32"> {
  const count = values.length, run = Math.ceil(Math.sqrt(count)), runs = Math.ceil(count / run);
  using owned = new DisposableStack();
  const before = owned.use(gpu.buffer("u32", count + 1));
  using sums = gpu.buffer("u32", runs);
  const sizes = { count, run }; // about as many runs as numbers in a run: an invocation loops over both
  sumRuns.dispatch(gpu, { buffers: { values, sums }, sizes, constants: {}, threads: runs });
  spread.dispatch(gpu, { buffers: { values, sums, before }, sizes, constants: {}, threads: runs });
  owned.move(); // from here the caller owns the result
  return before;
}
