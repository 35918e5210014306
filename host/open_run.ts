/** Opening a run: the driver, the GPU, the log, the progress. @module */
import { createRun, type Log, type Progress, type Run } from "../core/mod.ts";
import { type Gpu, openGpu } from "../kernels/mod.ts";
import { ensureDriver } from "./driver/mod.ts";

/** A run that owns its GPU. */
export type OpenRun = Run & Disposable & {
  /** Opens the GPU anew after it was lost; what was on it is gone. */
  reopen(): Promise<void>;
};

/** How a run is opened. */
export interface OpenRunOptions {
  /** Stops the work; without one nothing does. */
  readonly signal?: AbortSignal;
  /** Every random choice comes from it. Default 0. */
  readonly seed?: number;
  /** Sentences for people; silent where absent. */
  readonly log?: Log;
  /** How far long work is; silent where absent. */
  readonly progress?: Progress;
  /** Most bytes that a fit may use. Default 4 GiB. */
  readonly memoryBytes?: number;
  /** See {@linkcode Run.waitAtStages}: for timings by stage. */
  readonly waitAtStages?: boolean;
  /** Whether a driver may be downloaded where there is none. Default true. */
  readonly download?: boolean;
  /** For tests: how a GPU is opened. */
  readonly open?: () => Promise<Gpu>;
}

/** Finds or brings an adapter and opens it. @throws {NoAdapter} */
export async function openRun(options: OpenRunOptions = {}): Promise<OpenRun> {
  const { open = openGpu, download = true, log, ...rest } = options;
  if (!options.open) await ensureDriver({ download, log: (line) => log?.info(line) });
  let gpu = await open();
  const { software, description } = gpu.adapter;
  log?.debug(`adapter: ${description}`);
  if (software) log?.info(`computing on the processor (${description}): a GPU would be many times faster`);
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...createRun(gpu, { ...given, ...(log ? { log } : {}) }),
    get gpu() {
      return gpu;
    },
    reopen: async () => {
      gpu[Symbol.dispose]();
      gpu = await open();
    },
    [Symbol.dispose]: () => gpu[Symbol.dispose](),
  };
}
