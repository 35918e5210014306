/**
 * Time of a kernel against the least time that this device could take for it. @module
 *
 * The bound is the roofline of Williams, Waterman and Patterson, "Roofline: an insightful visual performance model for multicore
 * architectures", 2009: max(flops / peak flops, bytes / peak bytes). Both peaks are measured, by two kernels, in the same process.
 */
import { type Gpu, openGpu } from "../kernels/mod.ts";
import { appendHistory } from "./history.ts";
import { measurePeaks, type Peaks } from "./peaks.ts";
import { type Timed, timeRuns } from "./timed.ts";

/** What one run costs at least; kernels export a function that gives it from the sizes. */
export interface Cost {
  readonly flops: number;
  readonly bytes: number;
}

/** What is timed, with the buffers that it works on. */
export interface Measured extends Disposable {
  /** Records the dispatches of one run; frees what it allocates. */
  run(): void | Promise<void>;
}

/** Time and bound of a kernel. A fraction above 1 is a finding about the cost, so it is not cut off. */
export interface Roofline extends Timed {
  readonly bound: "flops" | "bytes";
  /** Least time by the bound, divided by the median. */
  readonly fraction: number;
}

/** The device and its peaks, opened at the first measurement and kept for the process. */
const opened: { device?: Promise<{ readonly gpu: Gpu; readonly peaks: Peaks }> } = {};

function openBench() {
  return opened.device ??= (async () => {
    const gpu = await openGpu();
    const peaks = await measurePeaks(gpu);
    const { description } = gpu.adapter;
    console.log(
      `${description}: ${(peaks.flops / 1e9).toFixed(1)} GFLOP/s multiply-add, ${
        (peaks.bytes / 1e9).toFixed(1)
      } GB/s copy`,
    );
    console.log(line("name", "adapter", "median", "least", "wall", "bound", "of roofline"));
    return { gpu, peaks };
  })();
}

/** The roofline of a time. */
export function roofline({ flops, bytes }: Cost, time: Timed, peaks: Peaks): Roofline {
  const byFlops = flops / peaks.flops, byBytes = bytes / peaks.bytes;
  return {
    ...time,
    bound: byFlops >= byBytes ? "flops" : "bytes",
    fraction: Math.max(byFlops, byBytes) / time.median,
  };
}

/** Warms up, times, prints a line, and appends it to `bench/history/`. @throws {NoAdapter} */
export async function measure(
  name: string,
  cost: Cost,
  make: (gpu: Gpu) => Measured | Promise<Measured>,
): Promise<Roofline> {
  const { gpu, peaks } = await openBench();
  using measured = await make(gpu);
  const result = roofline(cost, await timeRuns(gpu, () => measured.run()), peaks);
  const { median, least, wall, bound, fraction } = result;
  const adapter = gpu.adapter.description;
  console.log(line(name, adapter, ms(median), ms(least), ms(wall), bound, `${(100 * fraction).toFixed(1)} %`));
  await appendHistory({ name, adapter, median, least, bound, fraction });
  return result;
}

const ms = (seconds: number) => `${(1000 * seconds).toPrecision(4)} ms`;

const widths = [44, 36, 12, 12, 12, 6, 0];

const line = (...cells: string[]) => cells.map((cell, i) => cell.padEnd(widths[i])).join(" ").trimEnd();
