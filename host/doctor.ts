/** Examining the machine: adapter, driver, limits, speed, memory, and whether every kernel computes what it should. @module */
import { type Run, throwIfAborted } from "../core/mod.ts";
import { loopTrial, memoryTrial, speedTrial } from "./adapter_trials.ts";
import { doctorAdvice } from "./doctor_advice.ts";
import type { DoctorDocument, KernelFinding } from "./doctor_document.ts";
import { driverInUse } from "./driver/mod.ts";
import { kernelSelfTests } from "./kernel_self_tests.ts";

export type { DoctorDocument, KernelFinding } from "./doctor_document.ts";
export { doctorText } from "./doctor_text.ts";

/** The limits that kernels meet. */
const limitNames = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxUniformBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "minStorageBufferOffsetAlignment",
  "minUniformBufferOffsetAlignment",
] as const;

/** What {@linkcode examine} may be told. */
export interface ExamineOptions {
  /** GPU memory to test; 512 MiB unless said, 128 MiB where it is the computer's own. */
  readonly memoryBytes?: number;
}

/** Examines the run's adapter, in a few seconds. Needs up to 512 MiB of GPU memory. @throws {RunAborted} */
export async function examine(run: Run, options: ExamineOptions = {}): Promise<DoctorDocument> {
  const { gpu } = run, { memoryBytes = gpu.adapter.software ? 2 ** 27 : 2 ** 29 } = options;
  const offered = await offers();
  const steps = 3 + kernelSelfTests.length;
  const told = async <T>(done: number, work: () => Promise<T>): Promise<T> => {
    throwIfAborted(run);
    run.progress("examining", done, steps);
    return await work();
  };
  const loops = await told(0, () => loopTrial(gpu));
  const speed = await told(1, () => speedTrial(gpu));
  const kernels: KernelFinding[] = [];
  for (const { kernel, run: test } of kernelSelfTests) {
    kernels.push(await told(2 + kernels.length, () => findingOf(kernel, () => test(gpu))));
  }
  // last, since a device that ran out of memory is of no use any more
  const memory = await told(
    steps - 1,
    () => memoryTrial(gpu, memoryBytes).catch((cause) => ({ bytes: memoryBytes, problem: wordsOf(cause) })),
  );
  run.progress("examining", steps, steps);
  const found: Omit<DoctorDocument, "advice"> = {
    schema: "uni3dad.doctor/1",
    runtime: {
      deno: Deno.version.deno,
      os: Deno.build.os,
      arch: Deno.build.arch,
      processors: navigator.hardwareConcurrency,
    },
    adapter: gpu.adapter,
    driver: await driverInUse(),
    ...offered,
    loops,
    speed,
    memory,
    kernels,
  };
  return { ...found, advice: doctorAdvice(found) };
}

/** Limits and features of the adapter that {@linkcode openGpu} chooses; a second request, as the device shows only what was asked. */
async function offers(): Promise<Pick<DoctorDocument, "limits" | "features">> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  const limits: Record<string, number> = {};
  for (const name of adapter ? limitNames : []) limits[name] = adapter!.limits[name];
  return { limits, features: [...adapter?.features ?? []].sort() };
}

async function findingOf(
  kernel: string,
  test: () => Promise<{ ok: boolean; worst: number; bound: number }>,
): Promise<KernelFinding> {
  try {
    const { ok, worst, bound } = await test();
    if (Number.isFinite(worst)) return { kernel, ok, worst, bound };
    return { kernel, ok: false, bound, problem: "its results are not numbers of the kind they must be" };
  } catch (cause) {
    return { kernel, ok: false, problem: wordsOf(cause) };
  }
}

const wordsOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause);
