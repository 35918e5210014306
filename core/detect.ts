/** One scan to a decision. @module */
import { type Calibration, decide } from "./calibration.ts";
import type { ScanFound } from "./detect_document.ts";
import { toOwnResolution } from "./own_resolution.ts";
import { type Model, type Scored, type ScoreOptions, scoreScan } from "./pipeline.ts";
import { judgePose } from "./pose.ts";
import { findRegions } from "./regions.ts";
import { type Run, stage } from "./run.ts";
import type { Scan } from "./scan.ts";

/** What changes a decision without a refit. */
export interface DecisionOptions {
  /** Wanted false-alarm rate; 0.05 unless said. */
  readonly alpha?: number;
  /** A threshold given outright, in units of the score; it replaces the calibrated one. */
  readonly threshold?: number;
}

/** A decision with the maps it comes from. */
export interface Detected {
  /** The map at its own resolution, and how it lies over the scan. */
  readonly scored: Scored;
  /** Scores at the scan's own resolution, `height × width`. */
  readonly scores: Float32Array;
  /** Which region each pixel is in, 0 outside. */
  readonly labels: Uint32Array;
  /** Regions are where the map is above this; null where no threshold is known or reachable. */
  readonly mapThreshold: number | null;
  /** What the document says of the scan; files and seconds are the caller's to add. */
  readonly result: Omit<ScanFound, "input" | "files" | "seconds">;
}

/** Scores a scan, decides, and finds its regions. @throws {ScanRefused} @throws {RunAborted} */
export async function detectScan(
  model: Model,
  scan: Scan,
  options: DecisionOptions & ScoreOptions,
  run: Run,
): Promise<Detected> {
  const scored = await scoreScan(model, scan, run, options);
  return await stage(run, "decide", () => {
    const scores = toOwnResolution(scored.map.values, scored.frame);
    const decision = decideScan(model.calibration?.scan, options, scored.map.score);
    const mapThreshold = options.threshold ?? thresholdOf(model.calibration?.peak, options);
    const { regions, labels } = findRegions(scan, scores, mapThreshold ?? Infinity, "feature");
    const { pose, note } = judgePose(model.calibration?.scan.costs, scored.cost);
    const notes = note === undefined ? scored.notes : [...scored.notes, note];
    const result = { score: scored.map.score, ...decision, notes, pose, regions };
    return { scored, scores, labels, mapThreshold, result };
  });
}

/** The threshold for this false-alarm rate; null where there is no calibration or the rate cannot be reached. */
export function thresholdOf(calibration: Calibration | undefined, { alpha }: DecisionOptions): number | null {
  const threshold = calibration && decide(calibration, { alpha }, 0).threshold;
  return threshold !== undefined && Number.isFinite(threshold) ? threshold : null;
}

function decideScan(calibration: Calibration | undefined, options: DecisionOptions, score: number) {
  if (!calibration) {
    const { threshold = null } = options;
    return {
      pValue: null,
      threshold,
      thresholdOrigin: threshold === null ? "none: the model was fitted without calibration" : "given",
      decision: threshold !== null && score > threshold ? "anomalous" as const : "normal" as const,
    };
  }
  const { pValue, threshold, origin, decision } = decide(calibration, options, score);
  return { pValue, threshold: Number.isFinite(threshold) ? threshold : null, thresholdOrigin: origin, decision };
}
