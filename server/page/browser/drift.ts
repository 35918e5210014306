/** Whether a model's scores move away from those that it was calibrated by. @module */
import { significant } from "./figures.ts";

/** Scores that a moving mean is taken over. */
export const WINDOW = 20;

/** Where the mean of normal scores should stay. */
export interface DriftLimits {
  /** Mean of the model's calibration scores. */
  readonly mean: number;
  /** Three standard deviations below it. */
  readonly lower: number;
  /** Three standard deviations above it. */
  readonly upper: number;
}

/** Mean ± 3 standard deviations of calibration scores; undefined for fewer than two. */
export function driftLimits(scores: readonly number[]): DriftLimits | undefined {
  const count = scores.length;
  if (count < 2) return undefined;
  const mean = scores.reduce((sum, score) => sum + score, 0) / count;
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (count - 1));
  return { mean, lower: mean - 3 * deviation, upper: mean + 3 * deviation };
}

/** At each score the mean of it and of those before it, `window` in all; null as long as there are fewer. Oldest first. */
export function movingMean(scores: readonly number[], window: number = WINDOW): readonly (number | null)[] {
  return scores.map((_, last) => {
    if (last + 1 < window) return null;
    return scores.slice(last + 1 - window, last + 1).reduce((sum, score) => sum + score, 0) / window;
  });
}

/** Where the latest moving mean lies. */
export type DriftState = "too-few" | "within" | "above" | "below" | "no-limits";

/** What the scores, oldest first, say against the limits. */
export function driftState(scores: readonly number[], limits: DriftLimits | undefined): DriftState {
  if (!limits) return "no-limits";
  const mean = movingMean(scores).at(-1);
  if (mean === null || mean === undefined) return "too-few";
  return mean > limits.upper ? "above" : mean < limits.lower ? "below" : "within";
}

/** The same in words. */
export function driftWords(scores: readonly number[], limits: DriftLimits | undefined): string {
  const state = driftState(scores, limits);
  if (!limits || state === "no-limits") return "The model was fitted without calibration, so no limits are known.";
  const range = `${significant(Math.max(0, limits.lower))} to ${significant(limits.upper)}`;
  if (state === "too-few") {
    return `${scores.length} of the ${WINDOW} scores that a moving mean needs are there; its limits will be ${range}.`;
  }
  const mean = `The mean of the last ${WINDOW} scores is ${significant(movingMean(scores).at(-1))}`;
  if (state === "within") return `${mean}, within its limits ${range}.`;
  return `${mean}, ${state} its limits ${range}: product, sensor or set-up may have changed since the model was fitted. ` +
    `Look at the latest scans; where they are good, fit the model anew with some of them.`;
}
