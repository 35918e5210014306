/** How much memory this process took at its peak. @module */
import type { Gpu } from "../kernels/mod.ts";

/**
 * Peak bytes: the process's resident memory where the system tells it (a software adapter's buffers are in it), else what is resident
 * now; on a GPU of its own memory, its buffers on top.
 */
export function peakMemory(gpu: Gpu): number {
  let resident = Deno.memoryUsage().rss;
  try {
    const line = Deno.readTextFileSync("/proc/self/status").match(/VmHWM:\s+(\d+) kB/);
    if (line) resident = Number(line[1]) * 1024;
  } catch {
    // not Linux
  }
  return resident + (gpu.adapter.software ? 0 : gpu.memory.peakBytes);
}
