/** The document that `evaluate` gives: `uni3dad.evaluate/1`. @module */

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
}

/** One category under one method. */
export interface EvaluateRun {
  /** Name of the category's folder. */
  readonly category: string;
  /** As given, such as `fpfh`. */
  readonly method: string;
  /** Name of the option set that the method started from. */
  readonly preset: string;
  /** All options of the method, by their owner: `prepare`, `extractor`. */
  readonly options: unknown;
  /** Normal scans that the model was fitted on, refused ones left out. */
  readonly trainScans: number;
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
  /** Each defect type against the good scans, by the type's name. */
  readonly byDefect: Readonly<Record<string, DefectMetrics>>;
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
  /** What the audit found, where it was asked for; null where good or defective scans are missing. */
  readonly audit?: unknown;
}

/** `uni3dad.evaluate/1`. */
export interface EvaluateDocument {
  /** Name and version of this form. */
  readonly schema: "uni3dad.evaluate/1";
  /** The driver's words, and whether the "GPU" was the processor. */
  readonly adapter: { readonly description: string; readonly software: boolean };
  /** Category by category, and in each method by method. */
  readonly runs: readonly EvaluateRun[];
  /** Inputs that were refused; the rest is evaluated. */
  readonly refused: readonly {
    readonly input: string;
    readonly error: { readonly code: string; readonly message: string };
  }[];
}
