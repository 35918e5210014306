/** Judging a scan by both branches: one may fail, then the other decides. @module */
import { missingMap } from "./branch_map.ts";
import { ScanRefused } from "./errors.ts";
import type { Explanation } from "./explanation.ts";
import type { ReconstructionBranch } from "./fitted_model.ts";
import type { BranchMaps } from "./plugin.ts";
import type { Prepared, ScoreMap } from "./prepared.ts";
import type { Registration } from "./registered.ts";
import type { Run } from "./run.ts";

/** The maps of both branches of a scan; a branch that could not judge it has zeros. */
export interface JudgedBranches extends BranchMaps {
  /** `count × 3`: the points of the normal shape that fits best, in the scan's camera frame, metres; where it was asked for. */
  readonly shape?: Float32Array;
}

/** What both branches need to score a scan. */
export interface ScanOfBoth {
  /** Scores by the feature branch. @throws {ScanRefused} */
  readonly feature: () => Promise<{ readonly map: ScoreMap; readonly explanation?: Explanation }>;
  /** The other branch. */
  readonly reconstruction: ReconstructionBranch;
  /** The scan, not brought to any. */
  readonly scan: Prepared;
  /** The normal scans that it was brought to. */
  readonly registration?: Registration;
  /** Whether it is like any normal scan: what it lacks of shapes that do not fit would be a wild map. */
  readonly fits: boolean;
  /** Whether the shape is wanted. */
  readonly shape?: boolean;
}

/** What both branches make of a scan, before anything joins them. */
export interface JudgedBoth {
  /** Each branch by itself. */
  readonly branches: JudgedBranches;
  /** Of the feature branch. */
  readonly explanation?: Explanation;
  /** Which branch failed, and why. */
  readonly notes: readonly string[];
}

/** The map of a branch that says nothing. */
export const silentMap = (size: number): ScoreMap => ({ size, values: new Float32Array(size * size), score: 0 });

/** Both maps. @throws {ScanRefused} the extractor's, where neither branch can judge the scan @throws {RunAborted} */
export async function judgeBoth(
  { feature, reconstruction, scan, registration, fits, shape }: ScanOfBoth,
  run: Run,
): Promise<JudgedBoth> {
  const silent = silentMap(scan.frame.size);
  const first = await refusalOr(scan, feature);
  const second = fits
    ? await refusalOr(scan, () => missingMap(reconstruction, scan, registration, run, { shape }))
    : { map: silent };
  if (first instanceof ScanRefused && (second instanceof ScanRefused || !fits)) throw first;
  const notes: string[] = [];
  const mapOf = (of: { readonly map: ScoreMap } | ScanRefused, failed: string, other: string) => {
    if (!(of instanceof ScanRefused)) return of.map;
    notes.push(`the ${failed} branch could not judge it: ${of.problem}; the ${other} branch decides alone`);
    return silent;
  };
  const maps = {
    feature: mapOf(first, "feature", "reconstruction"),
    missing: mapOf(second, "reconstruction", "feature"),
  };
  const whole = second instanceof ScanRefused || !("shape" in second) ? undefined : second.shape;
  const explanation = first instanceof ScanRefused ? undefined : first.explanation;
  return {
    branches: whole ? { ...maps, shape: whole } : maps,
    ...(explanation ? { explanation } : {}),
    notes,
  };
}

/** What a branch finds, or why it can't judge the scan: a map that is not finite would spoil the other branch's. */
async function refusalOr<T extends { readonly map: ScoreMap }>(
  { name }: Prepared,
  work: () => Promise<T>,
): Promise<T | ScanRefused> {
  try {
    const found = await work();
    if (found.map.values.every(Number.isFinite)) return found;
    return new ScanRefused(name, "not-finite", "its map holds values that are no numbers");
  } catch (error) {
    if (error instanceof ScanRefused) return error;
    throw error;
  }
}
