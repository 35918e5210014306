/** The document that `detect` gives, as verb and server write it: `uni3dad.detect/1`. @module */

/** A connected place above the threshold. */
export interface Region {
  readonly areaMm2: number;
  /** Centre of the region's points in the camera's frame, millimetres. */
  readonly centreMm: readonly [number, number, number];
  /** Largest score in it. */
  readonly peak: number;
  readonly branch: "feature" | "reconstruction";
}

/** What was found in one scan. */
export interface ScanFound {
  readonly input: string;
  readonly score: number;
  /** Share of held-out normal scans that score at least as high, (1 + count) / (1 + n); null where the model has no calibration. */
  readonly pValue: number | null;
  /** The scan is anomalous when its score is above this; null where none is known or reachable. */
  readonly threshold: number | null;
  /** Where the threshold comes from, in words. */
  readonly thresholdOrigin: string;
  readonly decision: "normal" | "anomalous";
  readonly regions: readonly Region[];
  /** What was written for the scan, by kind, relative to the output folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** Defect type, where the data set says one. */
  readonly truth?: string;
}

/** A scan that could not be used; the rest of the batch is done. */
export interface ScanFailed {
  readonly input: string;
  readonly error: { readonly code: string; readonly message: string };
}

/** What produced the results. */
export interface ModelFacts {
  readonly name: string;
  readonly method: string;
  readonly preset: string;
  readonly version: string;
  readonly trainScans: number;
  readonly fingerprint: string;
  readonly facts: Readonly<Record<string, number | string>>;
  readonly calibration: { readonly kind: string; readonly scans: number; readonly reachableAlpha: number } | null;
}

/** `uni3dad.detect/1`. */
export interface DetectDocument {
  readonly schema: "uni3dad.detect/1";
  readonly adapter: { readonly description: string; readonly software: boolean };
  readonly model: ModelFacts;
  readonly scans: readonly (ScanFound | ScanFailed)[];
}

/** Tells a result from a refusal. */
export const isFound = (scan: ScanFound | ScanFailed): scan is ScanFound => !("error" in scan);
