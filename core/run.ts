/** What a piece of work gets from outside: the GPU, the seed, a way to stop it, and somewhere to tell. @module */
import type { Gpu } from "../kernels/mod.ts";
import { RunAborted } from "./errors.ts";

/** Where words for people go. */
export interface Log {
  /** For those who look for a fault. */
  debug(message: string): void;
  /** What is good to know. */
  info(message: string): void;
  /** Something was left out, or is not as it should be; the work goes on. */
  warn(message: string): void;
}

/** Says how far a long piece of work is; `total` may be 0 when it is not known. */
export type Progress = (task: string, done: number, total: number) => void;

/** The seconds that each stage took, one value a call. */
export type StageTimes = Map<string, number[]>;

/** The surroundings of one piece of work. The same seed, inputs and adapter give the same bits. */
export interface Run {
  /** The open device that all work of the run is done on. */
  readonly gpu: Gpu;
  /** Every random choice comes from it; any integer. */
  readonly seed: number;
  /** Stops the work at the next step, with {@linkcode RunAborted}. */
  readonly signal: AbortSignal;
  /** Sentences for people. */
  readonly log: Log;
  /** Called often, so it must be quick. */
  readonly progress: Progress;
  /** Memory that a fit may use, bytes; what needs more is refused before it starts. */
  readonly memoryBytes: number;
  /** Waits for the GPU at the end of each stage, so that its time is its own; costs a poll interval a stage. */
  readonly waitAtStages: boolean;
  /** Wall seconds by stage; {@linkcode stage} adds to it. */
  readonly times: StageTimes;
}

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {} };

/** A run with quiet defaults. */
export function createRun(gpu: Gpu, options: Partial<Omit<Run, "gpu">> = {}): Run {
  return {
    gpu,
    seed: 0,
    signal: new AbortController().signal,
    log: silent,
    progress: () => {},
    memoryBytes: 4 * 2 ** 30,
    waitAtStages: false,
    times: new Map(),
    ...options,
  };
}

/** Runs one stage: stops before it when the run was aborted, and writes down its wall time. @throws {RunAborted} */
export async function stage<T>(run: Run, name: string, work: () => Promise<T> | T): Promise<T> {
  throwIfAborted(run);
  const start = performance.now();
  try {
    const result = await work();
    if (run.waitAtStages) await run.gpu.done();
    return result;
  } finally {
    const seconds = (performance.now() - start) / 1000;
    const list = run.times.get(name);
    if (list) list.push(seconds);
    else run.times.set(name, [seconds]);
  }
}

/** Stops here when the run was interrupted. @throws {RunAborted} with the signal's reason as its cause */
export function throwIfAborted({ signal }: Pick<Run, "signal">): void {
  if (signal.aborted) throw new RunAborted({ cause: signal.reason });
}
