/** What a device can do at most, measured by two small kernels. @module */
import { defineKernel, type Gpu } from "../kernels/mod.ts";
import { timeRuns } from "./timed.ts";

/** Rates of a device. */
export interface Peaks {
  /** Floating-point operations a second; a multiply-add counts as two. */
  readonly flops: number;
  /** Bytes a second, read and written. */
  readonly bytes: number;
}

const ROUNDS = 2048, FLOPS_A_ROUND = 8 * 4 * 2;

/** 32 independent sums in eight vectors: enough that none waits for the one before. */
const multiplyAdd = defineKernel({
  name: "peak-multiply-add",
  workgroup: 64,
  constants: ["ROUNDS"],
  bindings: { sums: "read_write f32" },
  sizes: { factor: "f32", summand: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let m = sizes.factor;
      let s = sizes.summand;
      var a = vec4f(f32(thread.x));
      var b = a + 1.0; var c = a + 2.0; var d = a + 3.0; var e = a + 4.0; var f = a + 5.0; var g = a + 6.0; var h = a + 7.0;
      for (var i = 0u; i < ROUNDS; i++) {
        a = a * m + s; b = b * m + s; c = c * m + s; d = d * m + s;
        e = e * m + s; f = f * m + s; g = g * m + s; h = h * m + s;
      }
      let all = a + b + c + d + e + f + g + h;
      sums[thread.x] = all.x + all.y + all.z + all.w;
    }`,
});

const copy = defineKernel({
  name: "peak-copy",
  workgroup: 256,
  bindings: { input: "read vec4f", output: "read_write vec4f" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) { output[thread.x] = input[thread.x]; }`,
});

/** Measures both peaks; the least time counts, since other work on the machine can only lengthen it. */
export async function measurePeaks(gpu: Gpu): Promise<Peaks> {
  const threads = gpu.adapter.software ? 2 ** 13 : 2 ** 20;
  using sums = gpu.buffer("f32", threads);
  const adding = await timeRuns(gpu, () =>
    multiplyAdd.dispatch(gpu, {
      buffers: { sums },
      sizes: { factor: 0.999, summand: 0.001 },
      constants: { ROUNDS },
      threads,
    }));
  const floats = 2 ** 24; // 64 MiB each way: more than the caches of most devices, less than the smallest binding
  using input = gpu.zeros("f32", floats), output = gpu.zeros("f32", floats);
  const copying = await timeRuns(
    gpu,
    () => copy.dispatch(gpu, { buffers: { input, output }, sizes: {}, constants: {}, threads: floats / 4 }),
  );
  return { flops: threads * ROUNDS * FLOPS_A_ROUND / adding.least, bytes: 8 * floats / copying.least };
}
