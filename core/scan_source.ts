/** Normal scans, prepared one by one. @module */
import { Uni3dadError } from "../errors.ts";
import type { ScanSource } from "./plugin.ts";
import { prepare, type PrepareOptions } from "./prepare.ts";
import type { Prepared } from "./prepared.ts";
import { type Run, stage, throwIfAborted } from "./run.ts";
import type { Scan } from "./scan.ts";

/** A scan that can be loaded when it is its turn. */
export interface NamedScan {
  /** What it is called before it is loaded; unique among its like. */
  readonly name: string;
  /** Reads it; the same scan each time. */
  load(): Promise<Scan>;
}

/** A scan whose defects are known: it carries its ground truth. */
export interface LabelledScan extends NamedScan {
  /** The defect's type; `good` is none. */
  readonly kind: string;
}

/** A {@linkcode ScanSource} over scans that are loaded and prepared when they are walked. */
export interface ScanSourceOptions {
  /** In the order of the walk. */
  readonly scans: readonly NamedScan[];
  /** How each is made ready. */
  readonly prepare: PrepareOptions;
  /** Where it is done, and what stops it. */
  readonly run: Run;
  /** What the progress says. */
  readonly task: string;
  /** Told of each scan that cannot be used; the walk goes on without it. */
  readonly onRefused: (scan: string, error: Uni3dadError) => void;
}

/** Loads and prepares one scan at a time, disposed before the next. */
export function scanSource({ scans, prepare: options, run, task, onRefused }: ScanSourceOptions): ScanSource {
  return {
    count: scans.length,
    names: scans.map((scan) => scan.name),
    refuse: onRefused,
    async *walk(): AsyncIterable<Prepared> {
      run.progress(task, 0, scans.length);
      for (const [index, scan] of scans.entries()) {
        throwIfAborted(run);
        let prepared: Prepared;
        try {
          const loaded = await stage(run, "read", () => scan.load());
          prepared = await stage(run, "prepare", () => prepare(loaded, options, run));
        } catch (error) {
          if (!(error instanceof Uni3dadError) || run.gpu.failure || run.signal.aborted) throw error;
          onRefused(scan.name, error);
          continue;
        }
        try {
          yield prepared;
        } finally {
          prepared[Symbol.dispose]();
        }
        run.progress(task, index + 1, scans.length);
      }
    },
  };
}
