import { deepEqual } from "node:assert/strict";
import { pcg4d } from "../../core/mod.ts";
import { gpuTest } from "../../testing/gpu.ts";
import { defineKernel } from "../runtime/mod.ts";
import { randomSnippet } from "./random.ts";

const draw = defineKernel({
  name: "draw",
  workgroup: 64,
  bindings: { bits: "read_write vec4u", numbers: "read_write f32" },
  sizes: { count: "u32", x: "u32", y: "u32", z: "u32" },
  snippets: [randomSnippet],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      bits[thread.x] = pcg4d(vec4u(thread.x * 40503u, sizes.x, sizes.y, sizes.z));
      numbers[thread.x] = uniformOf(bits[thread.x].w);
    }`,
});

gpuTest("kernels and core draw the same random integers and the same uniform numbers", async (gpu) => {
  const count = 1000, [x, y, z] = [7, 0xdeadbeef, 0xffffffff];
  using bits = gpu.buffer("u32", 4 * count), numbers = gpu.buffer("f32", count);
  draw.dispatch(gpu, { buffers: { bits, numbers }, sizes: { count, x, y, z }, constants: {}, threads: count });
  const [got, drawn] = await Promise.all([gpu.read(bits), gpu.read(numbers)]);
  const want = Array.from({ length: count }, (_, i) => pcg4d(Math.imul(i, 40503) >>> 0, x, y, z));
  deepEqual([...got], want.flat());
  deepEqual([...drawn], want.map(([, , , w]) => (w >>> 8) / 2 ** 24));
});
