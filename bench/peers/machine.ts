/** What the figures were measured on. @module */
import { cpus } from "node:os";
import type { Gpu } from "../../kernels/mod.ts";

/** Processor, cores, adapter and how busy the machine was in the last minute, in words. */
export function machineInWords(gpu: Gpu): string {
  const model = cpus()[0]?.model.trim() || "unknown processor";
  return `${model}, ${navigator.hardwareConcurrency} cores; adapter ${gpu.adapter.description}; load ${
    Deno.loadavg()[0].toFixed(1)
  }`;
}

/** This process's peak memory in words: resident, and what the pool of GPU buffers held (on a software adapter a part of the former). */
export function memoryInWords(gpu: Gpu): string {
  const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  let resident = "unknown";
  try {
    const [, kib] = /VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
    if (kib) resident = mib(Number(kib) * 1024);
  } catch {
    // not Linux
  }
  return `ours at its peak: ${resident} resident, ${mib(gpu.memory.peakBytes)} of GPU buffers`;
}
