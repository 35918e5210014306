/** The largest value of a buffer and where it stands first. @module */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** One value, one index. */
export interface Largest extends Disposable {
  /** The largest value. */
  readonly value: GpuBuffer<"f32">;
  /** The first index that it stands at. */
  readonly index: GpuBuffer<"u32">;
}

/** Cost of one call: a comparison a value. */
export const largestCost = (count: number): { flops: number; bytes: number } => ({ flops: count, bytes: 4 * count });

const RUNS = 1024;

const runs = defineKernel({
  name: "largest",
  workgroup: { gpu: 64, software: 8 },
  bindings: { values: "read f32", value: "read_write f32", index: "read_write u32" },
  sizes: { count: "u32", run: "u32" },
  wgsl: /* wgsl */ `
    // One invocation, one run: with runs in order, a strict comparison keeps the first of equal values.
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let begin = thread.x * sizes.run;
      if (begin >= sizes.count) { return; }
      var best = values[begin];
      var at = begin;
      for (var i = begin + 1u; i < min(begin + sizes.run, sizes.count); i++) {
        let v = values[i];
        if (v > best) {
          best = v;
          at = i;
        }
      }
      value[thread.x] = best;
      index[thread.x] = at;
    }`,
});

const join = defineKernel({
  name: "largest-join",
  workgroup: 1,
  bindings: { values: "read f32", indices: "read u32", value: "read_write f32", index: "read_write u32" },
  sizes: { count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main() {
      var best = values[0];
      var at = indices[0];
      for (var i = 1u; i < sizes.count; i++) {
        if (values[i] > best) {
          best = values[i];
          at = indices[i];
        }
      }
      value[0] = best;
      index[0] = at;
    }`,
});

/**
 * The largest of the first `count` values and its first index, left on the GPU. Values must be numbers.
 * @throws {ShapeMismatch} for no values
 */
export function largest(gpu: Gpu, values: GpuBuffer<"f32">, count: number = values.length): Largest {
  if (!(count >= 1 && count <= values.length)) {
    throw new ShapeMismatch("largest", `1 to ${values.length} values`, `${count}`);
  }
  using owned = new DisposableStack();
  const value = owned.use(gpu.buffer("f32", 1)), index = owned.use(gpu.buffer("u32", 1));
  const run = Math.max(64, Math.ceil(count / RUNS)), found = Math.ceil(count / run);
  using runValues = gpu.buffer("f32", found), runIndices = gpu.buffer("u32", found);
  runs.dispatch(gpu, {
    buffers: { values, value: runValues, index: runIndices },
    sizes: { count, run },
    constants: {},
    threads: found,
  });
  join.dispatch(gpu, {
    buffers: { values: runValues, indices: runIndices, value, index },
    sizes: { count: found },
    constants: {},
    threads: 1,
  });
  const kept = owned.move();
  return { value, index, [Symbol.dispose]: () => kept.dispose() };
}
