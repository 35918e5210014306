/** Short measurements of an adapter: what it computes, how far its loops run, how fast it is, and whether its memory holds. @module */
import { defineKernel, type Gpu, type GpuBuffer } from "../kernels/mod.ts";

/** How far one long loop got. */
export interface LoopTrial {
  /** Turns that the loop should take. */
  readonly asked: number;
  /** Turns that it took. */
  readonly ran: number;
  /** True where the driver ended the loop early, as Mesa's software driver does without a word. */
  readonly limited: boolean;
}

/** What two kernels that do nothing else reached. */
export interface SpeedTrial {
  /** Bytes read and written a second by a plain copy. */
  readonly copyBytesPerSecond: number;
  /** Multiply-adds count twice. */
  readonly flopsPerSecond: number;
  /** What the time was taken with; wall time counts the launch in. */
  readonly clock: "timestamps" | "wall";
}

/** What a pattern written into much memory looked like when it was read. */
export interface MemoryTrial {
  /** How much was written and read back. */
  readonly bytes: number;
  /** 32-bit words that did not hold what was written. */
  readonly wrongWords: number;
}

const longLoop = defineKernel({
  name: "doctor-loop",
  workgroup: 1,
  bindings: { output: "read_write u32" },
  sizes: { turns: "u32", seed: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main() {
      var value = sizes.seed;
      var ran = 0u;
      for (var i = 0u; i < sizes.turns; i++) { // each turn needs the last one's value, so that no compiler shortens the loop
        value = value * 1664525u + 1013904223u;
        ran += select(1u, 2u, value == sizes.turns);
      }
      output[0] = ran;
      output[1] = value;
    }`,
});

/** Runs a loop of 2^17 turns in one invocation. Reads back two numbers. */
export async function loopTrial(gpu: Gpu): Promise<LoopTrial> {
  const asked = 2 ** 17;
  using output = gpu.zeros("u32", 2);
  longLoop.dispatch(gpu, { buffers: { output }, sizes: { turns: asked, seed: 1 }, constants: {}, threads: 1 });
  const [ran] = await gpu.read(output);
  return { asked, ran, limited: ran < asked };
}

const copy = defineKernel({
  name: "doctor-copy",
  workgroup: 256,
  bindings: { input: "read vec4f", output: "read_write vec4f" },
  sizes: { count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x < sizes.count) { output[thread.x] = input[thread.x]; }
    }`,
});

const multiplyAdd = defineKernel({
  name: "doctor-multiply-add",
  workgroup: 64,
  bindings: { output: "read_write vec4f" },
  sizes: { turns: "u32", factor: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let f = vec4f(sizes.factor);
      var a = vec4f(f32(thread.x)); var b = a + 1.0; var c = a + 2.0; var d = a + 3.0; // four independent sums
      for (var i = 0u; i < sizes.turns; i++) {
        a = a * f + f; b = b * f + f; c = c * f + f; d = d * f + f;
        a = a * f + f; b = b * f + f; c = c * f + f; d = d * f + f;
        a = a * f + f; b = b * f + f; c = c * f + f; d = d * f + f;
        a = a * f + f; b = b * f + f; c = c * f + f; d = d * f + f;
      }
      output[thread.x] = a + b + c + d;
    }`,
});

const FLOPS_A_TURN = 4 * 4 * 4 * 2, TURNS = 500;

/** Copies 64 MiB and multiplies and adds, each for about a tenth of a second. Waits for the GPU. */
export async function speedTrial(gpu: Gpu): Promise<SpeedTrial> {
  const bytes = Math.min(2 ** 26, gpu.limits.bindingBytes), count = bytes / 16;
  const threads = gpu.adapter.software ? 2 ** 14 : 2 ** 18; // enough to fill the device, little enough for its watchdog
  using input = gpu.zeros("f32", bytes / 4), output = gpu.zeros("f32", bytes / 4);
  const copySeconds = await secondsOf(gpu, () => {
    copy.dispatch(gpu, { buffers: { input, output }, sizes: { count }, constants: {}, threads: count });
  });
  const sumSeconds = await secondsOf(gpu, () => {
    multiplyAdd.dispatch(gpu, { buffers: { output }, sizes: { turns: TURNS, factor: 0.5 }, constants: {}, threads });
  });
  return {
    copyBytesPerSecond: 2 * bytes / copySeconds,
    flopsPerSecond: threads * TURNS * FLOPS_A_TURN / sumSeconds,
    clock: gpu.timing.available ? "timestamps" : "wall",
  };
}

/** Seconds of one launch: the number of launches is doubled until they take long enough to be measured. */
async function secondsOf(gpu: Gpu, launch: () => void): Promise<number> {
  launch();
  await gpu.done(); // compiled, and the memory touched
  for (let launches = 1;; launches *= 2) {
    const { on } = gpu.timing;
    if (gpu.timing.available) await gpu.timing.take();
    gpu.timing.on = gpu.timing.available;
    const start = performance.now();
    for (let i = 0; i < launches; i++) launch();
    await gpu.done();
    const wall = (performance.now() - start) / 1000;
    gpu.timing.on = on;
    const seconds = gpu.timing.available
      ? (await gpu.timing.take()).reduce((sum, time) => sum + time.seconds, 0)
      : wall;
    if (wall > 0.1 || launches >= 256) return Math.max(seconds, 1e-9) / launches;
  }
}

const fill = defineKernel({
  name: "doctor-fill",
  workgroup: 256,
  bindings: { memory: "read_write vec4u" },
  sizes: { count: "u32", seed: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x < sizes.count) { memory[thread.x] = (vec4u(thread.x * 4u) + vec4u(0u, 1u, 2u, 3u) + sizes.seed) * 2654435761u; }
    }`,
});

const verify = defineKernel({
  name: "doctor-verify",
  workgroup: 256,
  bindings: { memory: "read vec4u", wrong: "read_write atomic<u32>" },
  sizes: { count: "u32", seed: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let wanted = (vec4u(thread.x * 4u) + vec4u(0u, 1u, 2u, 3u) + sizes.seed) * 2654435761u;
      let differs = select(vec4u(0u), vec4u(1u), memory[thread.x] != wanted);
      let sum = differs.x + differs.y + differs.z + differs.w;
      if (sum > 0u) { atomicAdd(&wrong[0], sum); }
    }`,
});

/**
 * Fills so many bytes with a pattern that differs everywhere, in buffers of 128 MiB at most, and checks all of it after all is written.
 * @throws {GpuOutOfMemory} where there is less
 */
export async function memoryTrial(gpu: Gpu, bytes: number): Promise<MemoryTrial> {
  const block = Math.min(2 ** 27, gpu.limits.bindingBytes, bytes), count = block / 16;
  using owned = new DisposableStack(), wrong = gpu.zeros("u32", 1);
  const blocks: GpuBuffer<"u32">[] = [];
  for (let held = 0; held < bytes; held += block) blocks.push(owned.use(gpu.buffer("u32", block / 4)));
  const all = { constants: {}, threads: count };
  blocks.forEach((memory, seed) => fill.dispatch(gpu, { buffers: { memory }, sizes: { count, seed }, ...all }));
  blocks.forEach((memory, seed) =>
    verify.dispatch(gpu, { buffers: { memory, wrong }, sizes: { count, seed }, ...all })
  );
  const [wrongWords] = await gpu.read(wrong);
  return { bytes: blocks.length * block, wrongWords };
}
