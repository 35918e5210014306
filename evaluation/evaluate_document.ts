/** The document that `evaluate` gives: `uni3dad.evaluate/1`. @module */

/** AU-PRO by limit ("0.3", ..., "0.01"): every score a threshold, and the official 100 thresholds. */
export interface AuPro {
  readonly exact: Readonly<Record<string, number>>;
  readonly official: Readonly<Record<string, number>>;
}

/** Metrics of one defect type with all good scans. */
export interface DefectMetrics {
  readonly scans: number;
  readonly auPro: AuPro;
  readonly pixelAuroc: number;
  readonly scanAuroc: number | null;
}

/** One category under one method. */
export interface EvaluateRun {
  readonly category: string;
  readonly method: string;
  readonly preset: string;
  readonly options: unknown;
  readonly trainScans: number;
  readonly testScans: number;
  readonly bankRows: number;
  /** At map resolution, as the published tables are. */
  readonly auPro: AuPro;
  readonly pixelAuroc: number;
  readonly scanAuroc: number | null;
  readonly byDefect: Readonly<Record<string, DefectMetrics>>;
  /** The same at the scan's own resolution. */
  readonly ownResolution: { readonly auPro: AuPro; readonly pixelAuroc: number };
  /** PRO against false-positive rate, up to 0.3, for the plot. */
  readonly curve: { readonly fpr: readonly number[]; readonly pro: readonly number[] };
  readonly seconds: {
    readonly fit: number;
    readonly perScan: { readonly median: number; readonly p95: number };
    /** Median seconds a scan by stage. */
    readonly stages: Readonly<Record<string, number>>;
  };
  readonly peakMemoryBytes: number;
  readonly audit?: unknown;
}

/** `uni3dad.evaluate/1`. */
export interface EvaluateDocument {
  readonly schema: "uni3dad.evaluate/1";
  readonly adapter: { readonly description: string; readonly software: boolean };
  readonly runs: readonly EvaluateRun[];
  /** Inputs that were refused; the rest is evaluated. */
  readonly refused: readonly {
    readonly input: string;
    readonly error: { readonly code: string; readonly message: string };
  }[];
}
