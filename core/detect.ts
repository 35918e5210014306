/** One scan to a decision. @module */
import { type Calibration, decide } from "./calibration.ts";
import type { Region, ScanFound } from "./detect_document.ts";
import type { Model } from "./fitted_model.ts";
import { missingPlaces } from "./missing_places.ts";
import { toOwnResolution } from "./own_resolution.ts";
import type { BranchMaps } from "./plugin.ts";
import { poseIn } from "./pose.ts";
import { findRegions, type RegionOrigins } from "./regions.ts";
import { type Run, stage } from "./run.ts";
import type { Scan } from "./scan.ts";
import { type Scored, type ScoreOptions, scoreScan } from "./score.ts";
import { type JudgedBranches, silentMap } from "./score_both.ts";

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
  /** Each branch by itself, at map resolution, and the shape that the scan should have been; where the method has two. */
  readonly branches?: JudgedBranches;
  /** The fused map of each branch alone, the other silent, at map resolution; where the method has two. */
  readonly shares?: BranchMaps;
  /** Which region each pixel is in, 0 outside. */
  readonly labels: Uint32Array;
  /** Regions are where the map is above this; null where no threshold is known or reachable. */
  readonly mapThreshold: number | null;
  /** What the document says of the scan; files and seconds are the caller's to add. */
  readonly result: Omit<ScanFound, "input" | "files" | "seconds">;
}

/**
 * Scores a scan, decides, and finds its regions. A scan that no normal shape fits is anomalous whatever it scores, where the method has a
 * reconstructor. @throws {ScanRefused} @throws {RunAborted}
 */
export async function detectScan(
  model: Model,
  scan: Scan,
  options: DecisionOptions & ScoreOptions,
  run: Run,
): Promise<Detected> {
  const scored = await scoreScan(model, scan, run, { ...options, reconstruction: true });
  return await stage(run, "decide", async () => {
    const scores = toOwnResolution(scored.map.values, scored.frame);
    const decision = decideScan(model.calibration?.scan, options, scored.map.score);
    const mapThreshold = options.threshold ?? thresholdOf(model.calibration?.peak, options);
    const shares = await sharesOf(model, scored, run), { decidedBy, origins } = originsOf(scored, shares);
    const { regions, labels } = findRegions(scan, scores, mapThreshold ?? Infinity, origins);
    const { pose, note } = poseIn(model, scored.cost);
    const notes = note === undefined ? scored.notes : [...scored.notes, note];
    const score = scored.map.score, result = { score, ...decision, decidedBy, notes, pose, regions };
    const strange = model.reconstruction !== undefined && pose?.fits === false;
    return {
      scored,
      scores,
      ...(scored.branches ? { branches: scored.branches } : {}),
      ...(shares ? { shares } : {}),
      labels,
      mapThreshold,
      result: strange ? { ...result, decision: "anomalous" } : result,
    };
  });
}

/** What each branch gives of the fused map when the other says nothing. */
async function sharesOf({ fuser }: Model, { branches, map }: Scored, run: Run): Promise<BranchMaps | undefined> {
  if (!fuser || !branches) return undefined;
  const { feature, missing } = branches, silent = silentMap(map.size);
  return {
    feature: await fuser.fuse({ feature, missing: silent }, run),
    missing: await fuser.fuse({ feature: silent, missing }, run),
  };
}

/** Which branch each place of the fused map comes from: the one that gives more there; the feature branch where both give the same. */
function originsOf(
  { branches, map, frame, camera }: Scored,
  shares: BranchMaps | undefined,
): { readonly decidedBy: Region["branch"] | null; readonly origins?: RegionOrigins } {
  if (!shares) return { decidedBy: null };
  const { feature: { values: byFeature }, missing: { values: byMissing } } = shares, shape = branches?.shape;
  const branchIn = (ofFeature: Float32Array, ofMissing: Float32Array) => (pixel: number) =>
    ofMissing[pixel] > ofFeature[pixel] ? "reconstruction" as const : "feature" as const;
  const highest = map.values.reduce((most, value, i, values) => value > values[most] ? i : most, 0);
  return {
    decidedBy: branchIn(byFeature, byMissing)(highest),
    origins: {
      branchAt: branchIn(toOwnResolution(byFeature, frame), toOwnResolution(byMissing, frame)),
      missing: shape && camera && missingPlaces(shape, camera, frame),
    },
  };
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
