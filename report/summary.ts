/** Counts and orders that tables and report share. @module */
import { type DetectDocument, isFound, type Region, type ScanFailed, type ScanFound } from "../core/mod.ts";
import { type BranchFigures, type EvaluateRun, GOOD } from "../evaluation/mod.ts";

/** How a decision compares with what is known of the scan. */
export type Verdict = "right" | "missed" | "false alarm";

/** What a batch came to. */
export interface Summary {
  readonly found: readonly ScanFound[];
  readonly failed: readonly ScanFailed[];
  readonly anomalous: number;
  /** Scans that the data set calls good, or defective; the rest is not known. */
  readonly good: number;
  readonly defective: number;
  readonly falseAlarms: number;
  readonly missed: number;
}

/** Counts a document's decisions. */
export function summaryOf({ scans }: DetectDocument): Summary {
  const found = scans.filter(isFound);
  const verdicts = found.map(verdictOf);
  return {
    found,
    failed: scans.filter((scan): scan is ScanFailed => !isFound(scan)),
    anomalous: found.filter(({ decision }) => decision === "anomalous").length,
    good: found.filter(({ truth }) => truth === GOOD).length,
    defective: found.filter(({ truth }) => truth !== undefined && truth !== GOOD).length,
    falseAlarms: verdicts.filter((verdict) => verdict === "false alarm").length,
    missed: verdicts.filter((verdict) => verdict === "missed").length,
  };
}

/** Whether a decision was right; undefined where the truth is not known. */
export function verdictOf({ decision, truth }: ScanFound): Verdict | undefined {
  if (truth === undefined) return undefined;
  if ((truth === GOOD) === (decision === "normal")) return "right";
  return truth === GOOD ? "false alarm" : "missed";
}

/** What an anomalous scan's decision comes from, in words; undefined for normal scans, and for methods with one branch. */
export function decidedWords({ decision, decidedBy, pose }: ScanFound): string | undefined {
  if (decidedBy === null || decision === "normal") return undefined;
  if (pose?.fits === false) return "no normal shape fits";
  return decidedBy === "reconstruction" ? "a missing piece" : "an odd surface";
}

/** Area of all regions of a scan, mm². */
export function totalArea(regions: readonly Region[]): number {
  return regions.reduce((sum, { areaMm2 }) => sum + areaMm2, 0);
}

/** The region with the largest area. */
export function largestRegion(regions: readonly Region[]): Region | undefined {
  return regions.reduce<Region | undefined>(
    (largest, region) => largest && largest.areaMm2 >= region.areaMm2 ? largest : region,
    undefined,
  );
}

/** Order of the categories of MVTec 3D-AD in published tables; others come behind, by name. */
const PUBLISHED_ORDER: readonly string[] = [
  "bagel",
  "cable_gland",
  "carrot",
  "cookie",
  "dowel",
  "foam",
  "peach",
  "potato",
  "rope",
  "tire",
];

/** Compares two categories by the published order, then by name. */
export function compareCategories(a: string, b: string): number {
  const rank = (name: string) => {
    const at = PUBLISHED_ORDER.indexOf(name);
    return at < 0 ? PUBLISHED_ORDER.length : at;
  };
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** The branches of a run by the names that people read; none where they were not asked for. */
export const branchesOf = (branches: EvaluateRun["branches"]): readonly (readonly [string, BranchFigures])[] =>
  branches ? [["S1 alone", branches.feature], ["S2 alone", branches.missing]] : [];

/** A class of missing pieces in words. */
export const sizeWords = (size: string): string => `${size} % missing`;
