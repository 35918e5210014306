/** How much the missing-region branch counts, and how both values of a place become one. @module */
import type { Log } from "../../core/mod.ts";
import type { MeanStdOptions } from "./options.ts";
import type { NormalStatistics, Spread } from "./statistics.ts";

/** S2' = max(0, w·S2 + b). */
export interface Weights {
  /** Factor of the missing-region map, at least 0. */
  readonly w: number;
  /** What is added to it. */
  readonly b: number;
}

/** Equation 13: S2 with the mean and deviation of S1; where a branch is constant, w = b = 0. */
export function equation13({ feature, missing }: Pick<NormalStatistics, "feature" | "missing">): Weights {
  if (isConstant(feature) || isConstant(missing)) return { w: 0, b: 0 };
  const w = feature.deviation / missing.deviation;
  return { w, b: feature.mean - w * missing.mean };
}

/**
 * The weights by the options. `sum` leaves b out: the same everywhere, it changes no ranking, and without it a map is 0 where both are.
 * Under a limit, b never lifts the map above 0 where S2 is silent.
 */
export function weightsOf(statistics: NormalStatistics, { rule, silentUnit }: MeanStdOptions, log: Log): Weights {
  tellConstant(statistics, silentUnit, log);
  const { w: published, b } = equation13(statistics);
  if (silentUnit === null) return { w: published, b: rule === "sum" ? 0 : b };
  const { feature, missing, peak } = statistics;
  const limit = peak > 0 ? peak / silentUnit : 1; // a silent feature branch leaves the map in millimetres
  const w = published > 0 ? Math.min(published, limit) : limit;
  return { w, b: rule === "sum" ? 0 : Math.min(0, feature.mean - w * missing.mean) };
}

/** The value of a place of both maps, in float64; never lower where either is higher. */
export function fusedValue(rule: MeanStdOptions["rule"], { w, b }: Weights): (s1: number, s2: number) => number {
  return rule === "sum" ? (s1, s2) => s1 + Math.max(0, w * s2 + b) : (s1, s2) => Math.max(s1, Math.max(0, w * s2 + b));
}

const isConstant = ({ deviation }: Spread) => !(deviation > 0);

/** Tells of a branch that says nothing. That the missing-region map is silent is as it should be, unless it is left out for that. */
function tellConstant({ feature, missing, peak }: NormalStatistics, silentUnit: number | null, log: Log): void {
  const ofAll = ({ mean }: Spread) => `of all normal scans is constant: its values are ${mean}`;
  if (isConstant(feature)) {
    const unit = silentUnit === null
      ? "the missing-region map is left out"
      : `${silentUnit} mm count as ${peak || silentUnit}`;
    log.warn(`the feature map ${ofAll(feature)}; ${unit}`);
  }
  if (isConstant(missing)) {
    const words = `the missing-region map ${ofAll(missing)}`;
    if (silentUnit === null) log.warn(`${words}; it is left out`);
    else log.info(`${words}; ${silentUnit} mm count as much as the largest feature score of a normal scan`);
  }
}
