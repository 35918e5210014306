/** Timing of work on the GPU so that the wait for it does not count. @module */
import type { Gpu } from "../kernels/mod.ts";

/** Seconds of one run. */
export interface Timed {
  /** On the device where it has timestamp queries, else {@linkcode Timed.wall}. */
  readonly median: number;
  readonly least: number;
  /** Median by the clock, recording included, a wait shared by many runs. */
  readonly wall: number;
}

/** Repetitions that the median is of. */
const REPETITIONS = 5;

/** A repetition runs as often as fills this time: the wait at its end, 11.5 ms at least in Deno, is then below a twentieth. */
const SECONDS = 0.25;

/**
 * Times work that records dispatches, or that also waits by itself. The first runs, which build pipelines, are not counted.
 * Copies and clears are in the wall time alone.
 */
export async function timeRuns(gpu: Gpu, run: () => void | Promise<void>): Promise<Timed> {
  const repeat = async (times: number) => {
    const start = performance.now();
    for (let i = 0; i < times; i++) await run();
    await gpu.done();
    return (performance.now() - start) / 1000;
  };
  await repeat(1);
  let times = 1, seconds = await repeat(1);
  while (seconds < SECONDS && times < 2 ** 14) {
    times = Math.min(2 ** 14, Math.ceil(times * Math.min(8, 1.2 * SECONDS / seconds)) + 1);
    seconds = await repeat(times);
  }
  const wall: number[] = [];
  for (let i = 0; i < REPETITIONS; i++) wall.push(await repeat(times) / times);
  const device = gpu.timing.available ? await deviceSeconds(gpu, run) : [];
  const counted = device.length > 0 ? device : wall;
  return { median: median(counted), least: Math.min(...counted), wall: median(wall) };
}

/** Sums over a run's dispatches by timestamp queries; nothing where a run records none. */
async function deviceSeconds(gpu: Gpu, run: () => void | Promise<void>): Promise<number[]> {
  await gpu.timing.take();
  gpu.timing.on = true;
  try {
    const sums: number[] = [];
    for (let i = 0; i <= REPETITIONS; i++) {
      await run();
      await gpu.done();
      const sum = (await gpu.timing.take()).reduce((total, { seconds }) => total + seconds, 0);
      if (i > 0 && sum > 0) sums.push(sum); // the first sets up the queries
    }
    return sums;
  } finally {
    gpu.timing.on = false;
  }
}

/** The middle value; the mean of the middle two of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b), middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}
