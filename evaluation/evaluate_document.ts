/**
 * The document that `evaluate` gives: `uni3dad.evaluate/1`. @module
 *
 * What is asked for on top (intervals, curves, false alarms, branches, an audit) adds fields and changes none, but for the seconds of a fit, which
 * then has its calibration in it. Differences are the document's: each names two of its runs.
 */
import type { Intervals } from "./bootstrap.ts";
import type { Differences } from "./comparison.ts";
import type { FalseAlarms } from "./false_alarms.ts";

/** AU-PRO by limit ("0.3", ..., "0.01"): every score a threshold, and the official 100 thresholds. */
export interface AuPro {
  /** Area over the limit; ties are diagonals, chance is half the limit. */
  readonly exact: Readonly<Record<string, number>>;
  /** The same by the published evaluation code. */
  readonly official: Readonly<Record<string, number>>;
}

/** Metrics of one defect type with all good scans. */
export interface DefectMetrics {
  /** Test scans with this defect. */
  readonly scans: number;
  /** Of its scans and the good ones, at map resolution. */
  readonly auPro: AuPro;
  /** Chance that an anomalous place scores above a normal one, ties half. */
  readonly pixelAuroc: number;
  /** Chance that a scan with this defect scores above a good one; null without good scans. */
  readonly scanAuroc: number | null;
  /** Where the bootstrap was asked for. */
  readonly intervals?: Intervals;
}

/** One branch by itself, at map resolution: its maps, and their own scan scores. */
export interface BranchFigures extends Pick<DefectMetrics, "auPro" | "pixelAuroc" | "scanAuroc"> {
  /** Each defect type against the good scans. */
  readonly byDefect: Readonly<Record<string, DefectMetrics>>;
  /** Each size of the missing piece, as the run has it. */
  readonly bySize?: Readonly<Record<string, DefectMetrics>>;
}

/** Intervals of a run's figures by the bootstrap over its test scans. */
export interface RunIntervals extends Intervals {
  /** How many times the scans were drawn. */
  readonly rounds: number;
}

/** Two runs on the same test scans of one category, compared by the bootstrap: `to` minus `from`. */
export interface RunDifference extends Differences {
  /** Of both. */
  readonly category: string;
  /** Method, preset and training set, such as `fpfh default, 10 training scans`. */
  readonly from: string;
  /** The same of the other run. */
  readonly to: string;
  /** Their places in `runs`, from 0. */
  readonly runs: readonly [number, number];
}

/** One category under one method. */
export interface EvaluateRun {
  /** Name of the category's folder. */
  readonly category: string;
  /** As given, such as `fpfh`. */
  readonly method: string;
  /** Name of the option set that the method started from. */
  readonly preset: string;
  /** All options of the method, by their owner: `prepare`, `extractor`, and of two branches `reconstructor`, `missing`, `fuser`. */
  readonly options: unknown;
  /** Scans that the model was fitted on, refused ones left out; all normal unless `contaminated` says otherwise. */
  readonly trainScans: number;
  /** How many training scans were asked for, where a number was; they lie evenly over all there are. */
  readonly trainScansAsked?: number;
  /** How many of the training scans are defective, where a share was asked for. */
  readonly contaminated?: number;
  /** The share that was asked for. */
  readonly contaminatedShare?: number;
  /** Test scans that were scored, refused ones left out. */
  readonly testScans: number;
  /** Rows of the memory bank; 0 where the method has none. */
  readonly bankRows: number;
  /** At map resolution, as the published tables are. */
  readonly auPro: AuPro;
  /** Chance that an anomalous place scores above a normal one, at map resolution. */
  readonly pixelAuroc: number;
  /** Chance that a defective scan scores above a good one; null where one of the two is missing. */
  readonly scanAuroc: number | null;
  /** 2.5 % and 97.5 % of the figures above over draws of the test scans, where the bootstrap was asked for. */
  readonly intervals?: RunIntervals;
  /** Each defect type against the good scans, by the type's name. */
  readonly byDefect: Readonly<Record<string, DefectMetrics>>;
  /** Each size of the missing piece against the good scans, such as `3-5` per cent of the part, where the data set says it. */
  readonly bySize?: Readonly<Record<string, DefectMetrics>>;
  /** The branches by themselves, where it was asked for. */
  readonly branches?: { readonly feature: BranchFigures; readonly missing: BranchFigures };
  /** The same at the scan's own resolution. */
  readonly ownResolution: { readonly auPro: AuPro; readonly pixelAuroc: number };
  /** PRO against false-positive rate, up to 0.3, for the plot. */
  readonly curve: { readonly fpr: readonly number[]; readonly pro: readonly number[] };
  /** Wall seconds of the fit, and of a test scan from its bytes to its map. */
  readonly seconds: {
    readonly fit: number;
    readonly perScan: { readonly median: number; readonly p95: number };
    /** Median seconds a scan by stage. */
    readonly stages: Readonly<Record<string, number>>;
  };
  /** Most memory of the process; on a GPU with memory of its own, the buffers on top. */
  readonly peakMemoryBytes: number;
  /** Stated against seen false-alarm rate, where it was asked for; null without a good test scan. */
  readonly falseAlarms?: FalseAlarms | null;
  /** What the audit found, where it was asked for; null where good or defective scans are missing. */
  readonly audit?: unknown;
}

/** `uni3dad.evaluate/1`. */
export interface EvaluateDocument {
  /** Name and version of this form. */
  readonly schema: "uni3dad.evaluate/1";
  /** The driver's words, and whether the "GPU" was the processor. */
  readonly adapter: { readonly description: string; readonly software: boolean };
  /** Category by category, in each method by method, and in each training set by training set. */
  readonly runs: readonly EvaluateRun[];
  /** Each run against the one before it of its category and against the first one, where the bootstrap was asked for. */
  readonly differences?: readonly RunDifference[];
  /** Inputs that were refused; the rest is evaluated. */
  readonly refused: readonly {
    readonly input: string;
    readonly error: { readonly code: string; readonly message: string };
  }[];
}

/** A run's method, preset and training set for people, where it has its own: what tells the runs of one category apart. */
export function runName({ method, preset, trainScans, trainScansAsked, contaminated }: EvaluateRun): string {
  const name = `${method} ${preset}`;
  if (contaminated !== undefined) return `${name}, ${contaminated} of ${trainScans} training scans defective`;
  return trainScansAsked === undefined ? name : `${name}, ${trainScansAsked} training scans`;
}
