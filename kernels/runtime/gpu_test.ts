import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { defineKernel, DeviceLost, GpuOutOfMemory, openGpu, ShaderError, ShapeMismatch } from "./mod.ts";

const scale = defineKernel({
  name: "scale",
  workgroup: 64,
  constants: ["FACTOR"],
  bindings: { input: "read f32", output: "read_write f32" },
  sizes: { count: "u32", offset: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      output[thread.x] = input[thread.x] * f32(FACTOR) + sizes.offset;
    }`,
});

async function adapterIsThere() {
  using gpu = await openGpu().catch(() => undefined);
  return gpu !== undefined;
}
const ignore = !(await adapterIsThere());

Deno.test({
  name: "a kernel computes, with sizes and constants of its own at each launch",
  ignore,
  fn: async () => {
    using gpu = await openGpu();
    using input = gpu.upload("f32", Float32Array.of(1, 2, 3));
    using a = gpu.buffer("f32", 3), b = gpu.buffer("f32", 3);
    scale.dispatch(gpu, {
      buffers: { input, output: a },
      sizes: { count: 3, offset: 0.5 },
      constants: { FACTOR: 2 },
      threads: 3,
    });
    scale.dispatch(gpu, {
      buffers: { input: a, output: b },
      sizes: { count: 3, offset: -1 },
      constants: { FACTOR: 3 },
      threads: 3,
    });
    deepEqual([...await gpu.read(a)], [2.5, 4.5, 6.5]);
    deepEqual([...await gpu.read(b)], [6.5, 12.5, 18.5]);
  },
});

Deno.test({
  name: "a part of a buffer is read, copied and bound as a buffer of its own, and shares the memory",
  ignore,
  fn: async () => {
    using gpu = await openGpu();
    using whole = gpu.upload("f32", Float32Array.from({ length: 200 }, (_, i) => i)), small = gpu.zeros("f32", 2);
    const part = gpu.part(whole, 128, 3), inner = gpu.part(gpu.part(whole, 64, 100), 64, 2);
    deepEqual([...await gpu.read(part)], [128, 129, 130]);
    deepEqual([...await gpu.read(inner)], [128, 129]);
    using scaled = gpu.buffer("f32", 3);
    scale.dispatch(gpu, {
      buffers: { input: part, output: scaled },
      sizes: { count: 3, offset: 1 },
      constants: { FACTOR: 2 },
      threads: 3,
    });
    deepEqual([...await gpu.read(scaled)], [257, 259, 261]);
    gpu.copy(scaled, part, { length: 2 });
    gpu.copy(part, small, { from: 1 });
    deepEqual([...await gpu.read(whole)].slice(127, 131), [127, 257, 259, 130]);
    deepEqual([...await gpu.read(small)], [259, 130]);
    const { liveBuffers } = gpu.memory;
    part[Symbol.dispose]();
    equal(gpu.memory.liveBuffers, liveBuffers);
    throws(() => gpu.part(whole, 32, 1), ShapeMismatch);
    throws(() => gpu.part(whole, 192, 9), ShapeMismatch);
  },
});

Deno.test({
  name: "more launches than one submission holds all run, in order",
  ignore,
  fn: async () => {
    using gpu = await openGpu();
    using a = gpu.zeros("f32", 1), b = gpu.zeros("f32", 1);
    for (let i = 0; i < 1500; i++) {
      const [input, output] = i % 2 === 0 ? [a, b] : [b, a];
      scale.dispatch(gpu, {
        buffers: { input, output },
        sizes: { count: 1, offset: i % 3 },
        constants: { FACTOR: 1 },
        threads: 1,
      });
    }
    equal((await gpu.read(a))[0], 1500);
  },
});

Deno.test({
  name: "a disposed buffer is not reused before the launch that reads it was submitted",
  ignore,
  fn: async () => {
    using gpu = await openGpu();
    using output = gpu.buffer("f32", 100);
    {
      using input = gpu.upload("f32", new Float32Array(100).fill(7));
      scale.dispatch(gpu, {
        buffers: { input, output },
        sizes: { count: 100, offset: 0 },
        constants: { FACTOR: 1 },
        threads: 100,
      });
    }
    using _other = gpu.upload("f32", new Float32Array(100).fill(9)); // would overwrite the input if the pool gave it out now
    deepEqual(new Set(await gpu.read(output)), new Set([7]));
  },
});

Deno.test({
  name: "live buffers are counted, and disposed ones come back",
  ignore,
  fn: async () => {
    using gpu = await openGpu();
    const ids = new Set<number>();
    for (let i = 0; i < 20; i++) {
      using buffer = gpu.buffer("u32", 1000);
      ids.add(buffer.id);
      equal(gpu.memory.liveBuffers, 1);
      await gpu.done();
    }
    equal(gpu.memory.liveBuffers, 0);
    equal(gpu.memory.liveBytes, 0);
    equal(ids.size, 1);
    ok(gpu.memory.peakBytes >= 4000);
  },
});

Deno.test({
  name: "WGSL that does not compile gives the kernel's name and its own line",
  ignore,
  fn: async () => {
    using gpu = await openGpu();
    const wrong = defineKernel({
      name: "wrong",
      workgroup: 64,
      bindings: { output: "read_write f32" },
      wgsl: `
        @compute @workgroup_size(WORKGROUP)
        fn main() { output[0] = nonsense; }`,
    });
    using output = gpu.buffer("f32", 1);
    await rejects(
      async () => {
        wrong.dispatch(gpu, { buffers: { output }, sizes: {}, constants: {}, threads: 1 });
        await gpu.read(output);
      },
      (error: unknown) => error instanceof ShaderError && error.kernel === "wrong" && error.line === 3,
    );
  },
});

Deno.test({
  name: "a lost device throws DeviceLost at once and at every later call",
  ignore,
  fn: async () => {
    using gpu = await openGpu();
    using buffer = gpu.zeros("f32", 4);
    await gpu.done();
    await gpu.lose();
    await rejects(() => gpu.read(buffer), DeviceLost);
    throws(
      () =>
        scale.dispatch(gpu, {
          buffers: { input: buffer, output: buffer },
          sizes: { count: 1, offset: 0 },
          constants: { FACTOR: 1 },
          threads: 1,
        }),
      DeviceLost,
    );
  },
});

Deno.test({
  name: "a buffer above the device's limit and a copy past the end are refused before the device sees them",
  ignore,
  fn: async () => {
    using gpu = await openGpu();
    throws(() => gpu.buffer("f32", gpu.limits.bindingBytes), GpuOutOfMemory);
    using a = gpu.buffer("f32", 4), b = gpu.buffer("f32", 2);
    throws(() => gpu.copy(a, b), ShapeMismatch);
  },
});

Deno.test({
  name: "timing names each kernel and counts its launches, where the adapter has timestamps",
  ignore,
  fn: async () => {
    using gpu = await openGpu();
    if (!gpu.timing.available) return;
    gpu.timing.on = true;
    using a = gpu.zeros("f32", 1), b = gpu.zeros("f32", 1);
    for (let i = 0; i < 3; i++) {
      scale.dispatch(gpu, {
        buffers: { input: a, output: b },
        sizes: { count: 1, offset: 0 },
        constants: { FACTOR: 1 },
        threads: 1,
      });
    }
    await gpu.done();
    const [time] = await gpu.timing.take();
    equal(time.kernel, "scale");
    equal(time.dispatches, 3);
    ok(time.seconds > 0 && time.seconds < 10);
  },
});
