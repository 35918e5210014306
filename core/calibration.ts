/**
 * From scores to decisions: conformal p-values and thresholds from held-out normal scans, in float64. @module
 *
 * With n normal scans exchangeable with future ones, and used for nothing else, P(p ≤ α) ≤ α for a normal scan, whatever the
 * distribution. Source: Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World", 2005; cross: Vovk, "Cross-conformal
 * predictors", 2015 (guarantee 2α, in practice near α).
 */
import { betaInverse } from "./beta.ts";
import { CalibrationRefused } from "./calibration_errors.ts";

/** The false-alarm rate of a decision unless another is given. */
export const DEFAULT_ALPHA = 0.05;

/** Scores of normal scans that the model was not fitted on. */
export interface Calibration {
  /** `split`: scans of their own; `leave-one-out`: each scan scored by all others; `cross`: by a model fitted without its fold. */
  readonly kind: "split" | "leave-one-out" | "cross";
  /** One score a scan. */
  readonly scores: readonly number[];
  /** The scans, in the order of the scores. */
  readonly names: readonly string[];
  /** How many folds `cross` has. */
  readonly folds: number;
  /** Cost of each scan's registration, metres; null where it was not registered. */
  readonly costs?: readonly (number | null)[];
}

/** What a calibration says of one scan's score. */
export interface Decision {
  /** Share of normal scans that score at least as high, (1 + count) / (1 + n). */
  readonly pValue: number;
  /** Alarm above this score; +Infinity where no alarm is possible. */
  readonly threshold: number;
  /** Where the threshold comes from, for people. */
  readonly origin: string;
  /** The least false-alarm rate that so many scans can promise. */
  readonly reachableAlpha: number;
  /** `anomalous` when the score is above the threshold. */
  readonly decision: "normal" | "anomalous";
}

/** (1 + #{T_i ≥ T}) / (n + 1); ties count against the alarm. @throws {CalibrationRefused} for a NaN */
export function conformalP(calibration: readonly number[], score: number): number {
  assertScores(calibration);
  assertScore("score", score);
  return (1 + count(calibration, (other) => other >= score)) / (calibration.length + 1);
}

/**
 * (#{T_i > T} + u (1 + #{T_i = T})) / (n + 1), exactly uniform for a normal scan when `u` is uniform in [0, 1]. It depends on chance,
 * so it decides nothing: it is for tests of the calibration. @throws {CalibrationRefused} for a NaN
 */
export function smoothedP(calibration: readonly number[], score: number, u: number): number {
  assertScores(calibration);
  assertScore("score", score);
  const above = count(calibration, (other) => other > score), ties = count(calibration, (other) => other === score);
  return (above + u * (1 + ties)) / (calibration.length + 1);
}

/** The least false-alarm rate that n calibration scans can promise, 1 / (n + 1). */
export function reachableAlpha(n: number): number {
  return 1 / (n + 1);
}

/**
 * The threshold at false-alarm rate `alpha`: the c-th smallest score, c = ⌈(n + 1)(1 − α)⌉, +Infinity where c > n. A score is above
 * it exactly when its p-value is at most `alpha`. Rates of ½ and more are refused: they would let the threshold sink to the smallest
 * normal score. @throws {CalibrationRefused}
 */
export function conformalThreshold(calibration: readonly number[], alpha: number): number {
  assertScores(calibration);
  const n = calibration.length;
  const alarms = toleratedAlarms(n, alpha);
  return alarms === 0 ? Infinity : Float64Array.from(calibration).sort()[n - alarms];
}

/**
 * Upper end of the one-sided interval, at `confidence`, of the false-alarm rate that a threshold at `alpha` from n scans really has:
 * the quantile of Beta(l, n + 1 − l), l = ⌊(n + 1)α⌋, for continuous scores. 0 where no alarm is possible. @throws {CalibrationRefused}
 */
export function falseAlarmInterval(n: number, alpha: number, confidence = 0.95): number {
  assertConfidence(confidence);
  const alarms = toleratedAlarms(n, alpha);
  return alarms === 0 ? 0 : betaInverse(confidence, alarms, n + 1 - alarms);
}

/**
 * Interval of a rate observed as k of n, at confidence `level`. Source: Clopper and Pearson, Biometrika 26, 1934.
 * @throws {CalibrationRefused}
 */
export function clopperPearson(k: number, n: number, level = 0.95): { lower: number; upper: number } {
  assertConfidence(level);
  if (!(Number.isInteger(n) && n > 0)) {
    throw new CalibrationRefused("a number of trials", n, "it is a whole number from 1");
  }
  if (!(Number.isInteger(k) && k >= 0 && k <= n)) {
    throw new CalibrationRefused("a number of hits", k, `it is a whole number from 0 to ${n}`);
  }
  const tail = (1 - level) / 2;
  return {
    lower: k === 0 ? 0 : betaInverse(tail, k, n - k + 1),
    upper: k === n ? 1 : betaInverse(1 - tail, k + 1, n - k),
  };
}

/**
 * Decides on one score: alarm when it is above the threshold. A given `threshold` goes before `alpha`; without either `alpha` is
 * {@linkcode DEFAULT_ALPHA}. Where `alpha` is below the reachable rate the threshold is +Infinity, and `origin` says so.
 * @throws {CalibrationRefused} for a NaN, and for a rate outside (0, ½)
 */
export function decide(
  calibration: Calibration,
  { alpha = DEFAULT_ALPHA, threshold: given }: { readonly alpha?: number; readonly threshold?: number },
  score: number,
): Decision {
  const { scores } = calibration;
  const pValue = conformalP(scores, score);
  if (given !== undefined) assertScore("threshold", given);
  const threshold = given ?? conformalThreshold(scores, alpha);
  return {
    pValue,
    threshold,
    origin: given === undefined ? thresholdOrigin(calibration, alpha, threshold) : "given by --threshold",
    reachableAlpha: reachableAlpha(scores.length),
    decision: score > threshold ? "anomalous" : "normal",
  };
}

function thresholdOrigin({ kind, scores, folds }: Calibration, alpha: number, threshold: number): string {
  const scans = `${scores.length} held-out normal scan${scores.length === 1 ? "" : "s"}`;
  const how = kind === "cross" ? `cross, ${folds} folds` : kind;
  if (threshold < Infinity) return `${percent(1 - alpha)} of ${scans} (${how})`;
  return `none: a false-alarm rate of ${percent(alpha)} is out of reach with ${scans} (${how}), ` +
    `the least is ${percent(reachableAlpha(scores.length), Math.ceil)}`; // up, so that the rate that is named can be reached
}

function percent(share: number, round = Math.round): string {
  return `${round(share * 1e6) / 1e4} %`;
}

/** ⌊(n + 1)α⌋ as the largest l with l / (n + 1) ≤ α in float64, so that thresholds and p-values agree to the bit. */
function toleratedAlarms(n: number, alpha: number): number {
  if (!(alpha > 0 && alpha < 0.5)) {
    throw new CalibrationRefused("a false-alarm rate of", alpha, "it lies above 0 and below 0.5");
  }
  let alarms = Math.floor((n + 1) * alpha);
  while ((alarms + 1) / (n + 1) <= alpha) alarms++;
  while (alarms / (n + 1) > alpha) alarms--;
  return alarms;
}

function assertConfidence(level: number): void {
  if (!(level > 0 && level < 1)) throw new CalibrationRefused("a confidence of", level, "it lies between 0 and 1");
}

function assertScores(calibration: readonly number[]): void {
  for (const score of calibration) assertScore("calibration score", score);
}

function assertScore(what: string, score: number): void {
  if (Number.isNaN(score)) throw new CalibrationRefused(`a ${what} of`, score, "it must be a number");
}

function count(scores: readonly number[], matches: (score: number) => boolean): number {
  return scores.reduce((matching, score) => matching + (matches(score) ? 1 : 0), 0);
}
