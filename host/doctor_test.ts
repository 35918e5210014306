import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createRun, RunAborted } from "../core/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { loopTrial, memoryTrial, speedTrial } from "./adapter_trials.ts";
import { doctorAdvice } from "./doctor_advice.ts";
import { type DoctorDocument, doctorText, examine } from "./doctor.ts";
import { kernelSelfTests } from "./kernel_self_tests.ts";

const healthy: DoctorDocument = {
  schema: "uni3dad.doctor/1",
  runtime: { deno: "2.9.6", os: "linux", arch: "x86_64", processors: 8 },
  adapter: { description: "A GPU", vendor: "1", software: false, timestamps: true },
  driver: { origin: "system" },
  limits: {
    maxStorageBufferBindingSize: 2 ** 31,
    maxComputeInvocationsPerWorkgroup: 1024,
    maxComputeWorkgroupStorageSize: 2 ** 15,
    maxStorageBuffersPerShaderStage: 8,
  },
  features: ["timestamp-query"],
  loops: { asked: 2 ** 17, ran: 2 ** 17, limited: false },
  speed: { copyBytesPerSecond: 5e11, flopsPerSecond: 2e13, clock: "timestamps" },
  memory: { bytes: 2 ** 29, wrongWords: 0 },
  kernels: [{ kernel: "fpfh", ok: true, worst: 1e-7, bound: 1e-6 }],
  advice: [],
};

await gpuTest("examine() describes the adapter at hand, with a verdict on each kernel", async (gpu) => {
  const steps: string[] = [];
  const run = createRun(gpu, { progress: (task, done, total) => void steps.push(`${task} ${done}/${total}`) });
  const document = await examine(run, { memoryBytes: 2 ** 22 });
  equal(document.schema, "uni3dad.doctor/1");
  equal(document.adapter.description, gpu.adapter.description);
  ok(document.limits.maxStorageBufferBindingSize >= 2 ** 27);
  equal(document.features.includes("timestamp-query"), gpu.adapter.timestamps);
  deepEqual(document.kernels.map(({ kernel }) => kernel), kernelSelfTests.map(({ kernel }) => kernel));
  deepEqual(document.kernels.filter((finding) => !finding.ok), []);
  deepEqual(document.memory, { bytes: 2 ** 22, wrongWords: 0 });
  equal(document.advice.some((sentence) => /processor/.test(sentence)), gpu.adapter.software);
  deepEqual(JSON.parse(JSON.stringify(document)), document); // nothing that JSON cannot hold, such as Infinity
  match(doctorText(document), /adapter +\S/);
  const total = kernelSelfTests.length + 3;
  equal(steps[steps.length - 1], `examining ${total}/${total}`);
});

await gpuTest("examine() stops when the run is aborted", async (gpu) => {
  await rejects(examine(createRun(gpu, { signal: AbortSignal.abort() })), RunAborted);
});

await gpuTest("loopTrial() counts the turns that ran, Mesa's limit included", async (gpu) => {
  const { asked, ran, limited } = await loopTrial(gpu);
  equal(asked, 131_072);
  equal(limited, ran !== asked);
  if (/llvmpipe/.test(gpu.adapter.description)) ok(ran > 60_000 && ran <= asked, `${ran}`); // what kernels are cut to
  else equal(ran, asked);
});

await gpuTest("speedTrial() gives finite speeds and leaves timing as it was", async (gpu) => {
  const { on } = gpu.timing;
  const { copyBytesPerSecond, flopsPerSecond } = await speedTrial(gpu);
  ok(copyBytesPerSecond > 1e6 && copyBytesPerSecond < 1e14, `${copyBytesPerSecond}`);
  ok(flopsPerSecond > 1e7 && flopsPerSecond < 1e16, `${flopsPerSecond}`);
  equal(gpu.timing.on, on);
});

await gpuTest("memoryTrial() writes and checks several buffers", async (gpu) => {
  deepEqual(await memoryTrial(gpu, 3 * 2 ** 20), { bytes: 3 * 2 ** 20, wrongWords: 0 });
});

Deno.test("doctorAdvice() says nothing of a healthy GPU", () => deepEqual(doctorAdvice(healthy), []));

Deno.test("doctorAdvice() puts wrong kernels first, and says what else is amiss in plain words", () => {
  const advice = doctorAdvice({
    ...healthy,
    adapter: { ...healthy.adapter, software: true, description: "llvmpipe" },
    driver: { origin: "cache", source: "mesa" },
    limits: { ...healthy.limits, maxComputeInvocationsPerWorkgroup: 128 },
    loops: { asked: 2 ** 17, ran: 65_535, limited: true },
    memory: { bytes: 2 ** 29, wrongWords: 7 },
    kernels: [{ kernel: "fpfh", ok: false, problem: "no pipeline" }, { kernel: "spfh", ok: false, worst: 1, bound: 0 }],
  });
  match(advice[0], /Do not trust .*fpfh, spfh compute wrong numbers/);
  match(advice[1], /7 of 134217728 words differ/);
  match(advice[2], /on the processor \(llvmpipe\).*Vulkan driver/);
  match(advice[3], /cache folder/);
  match(advice[4], /65535 turns/);
  match(advice[5], /128 invocations a workgroup, kernels are written for 256/);
  equal(advice.length, 6);
});

Deno.test("doctorAdvice() notices a slow GPU and memory that could not be had", () => {
  const slow = doctorAdvice({ ...healthy, speed: { ...healthy.speed, flopsPerSecond: 1e11 } });
  match(slow.join(), /100 GFLOP\/s only/);
  const short = doctorAdvice({ ...healthy, memory: { bytes: 2 ** 29, problem: "out of memory" } });
  match(short.join(), /512 MiB of GPU memory could not be used: out of memory/);
});

Deno.test("doctorText() shows each finding on a line of its own", () => {
  const text = doctorText({
    ...healthy,
    kernels: [...healthy.kernels, { kernel: "spfh", ok: false, problem: "no pipeline" }, {
      kernel: "normals",
      ok: false,
      worst: 2,
      bound: 1,
    }],
    advice: ["Do this."],
  });
  match(text, /^fpfh +ok, off by 1\.0e-7 of 1\.0e-6 allowed$/m);
  match(text, /^spfh +FAILED: no pipeline$/m);
  match(text, /^normals +WRONG, off by 2\.0e\+0 of 1\.0e\+0 allowed$/m);
  match(text, /^maxStorageBufferBindingSize +2048 MiB$/m);
  match(text, /^loop of 2\^17 +ran to its end$/m);
  match(text, /\n\nDo this\.$/);
  match(doctorText(healthy), /All is well\.$/);
});
