/** The laws of both branches, and what is said of them. @module */
import type { Log } from "../../core/mod.ts";
import type { FittedLaw } from "./fit_law.ts";

/** The laws of both branches, and what they were made of. */
export interface Laws {
  /** Normal scans. */
  readonly scans: number;
  /** Their places. */
  readonly places: number;
  /** The extractor's. */
  readonly feature: FittedLaw;
  /** The reconstructor's. */
  readonly missing: FittedLaw;
}

/** What tables say of a fitted fuser: of each branch how normal scans were, where its tail begins, and how that falls. */
export function factsOf({ scans, places, feature, missing }: Laws): Readonly<Record<string, number | string>> {
  const of = (branch: string, { kind, silentScans, scores, evidence, shape, scale, excesses }: FittedLaw) => ({
    [branch]: kind,
    [`${branch}SilentScans`]: silentScans,
    [`${branch}TailScore`]: scores[scores.length - 1],
    [`${branch}TailEvidence`]: evidence[evidence.length - 1],
    [`${branch}TailExcesses`]: excesses,
    [`${branch}TailShape`]: shape,
    [`${branch}TailScale`]: scale,
  });
  return { scans, places, ...of("feature", feature), ...of("missing", missing) };
}

/** Tells of a branch that says nothing. That the missing-region map is silent is as it should be. */
export function tellLaws({ scans, feature, missing }: Laws, log: Log): void {
  const silent = ({ silentScans }: FittedLaw) => `is silent on ${silentScans} of ${scans} normal scans`;
  const usual = "; how rare its scores are is taken for granted more than known";
  if (feature.kind === "silent") log.warn(`the feature map ${silent(feature)}${usual}`);
  if (missing.kind === "silent") log.info(`the missing-region map ${silent(missing)}${usual}`);
  for (const [name, law] of [["feature", feature], ["missing-region", missing]] as const) {
    if (law.kind === "dense" && law.excesses === 0) {
      log.warn(`the ${name} map of all normal scans is constant where it is highest: its values tell little`);
    }
  }
}
