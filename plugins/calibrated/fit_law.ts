/** Tail probabilities of a branch from its values on normal scans. @module */
import type { Law } from "./law.ts";
import type { BranchPlaces, NormalPlaces } from "./normal_places.ts";
import { fitPareto } from "./pareto.ts";

/** What is taken for granted of a branch that is silent on most normal scans. */
export interface Alarms {
  /** Share of the places of a scan that an alarm with some depth covers. */
  readonly share: number;
  /** Score over which that share falls by e; undefined where the score has no unit. */
  readonly unit?: number;
}

/** A law and what it was made of. */
export interface FittedLaw extends Law {
  /** `dense`: most normal scans show what is usual; `silent`: most say nothing, and what the others say are alarms. */
  readonly kind: "dense" | "silent";
  /** How many normal scans the branch is silent on. */
  readonly silentScans: number;
  /** How many values of normal scans the tail was fitted to; none where it is taken for granted. */
  readonly excesses: number;
}

/** Share of the places above which a dense law is a fitted curve. */
const TAIL = 0.01;

/** Knots follow each other as fast as what is above them falls by this, in logarithms: about 2000 of them down to the tail. */
const STEP = 1 / 400;

/** Fewer excesses tell a mean, but no shape. */
const LEAST_EXCESSES = 50;

/** How faint the score is over which an alarm that covers all of a scan falls by e, as a share of its unit. */
const FAINT = 1 / 200;

/** Knots where an alarm is faint: so many for each factor e, and so many such factors. */
const FAINT_KNOTS = 8, FAINT_REACH = 16;

/**
 * Dense: p(s) = (1 + #{≥ s})/(N + 1) over all N places down to the 99 % point, a generalised Pareto tail above it.
 *
 * Silent: places of one alarm are one event, and the n scans limit what is known, however many places they have. So the scan to come counts
 * as one that has an alarm, as it does in a conformal p-value: p(s) = (n·#{≥ s}/N + a(s))/(n + 1), where a(s) is the share of its places
 * that the alarm covers: all of them where it is faintest, such as the halo around a piece, `share` where it has some depth,
 * a(s) = (1 − share)·exp(−200 s/unit) + share·exp(−s/unit). However few alarms there were, one is never less likely than that, and
 * beyond the largest of them p falls by the unit alone.
 */
export function fitLaw(normal: NormalPlaces, branch: BranchPlaces, alarms: Alarms): FittedLaw {
  const silentScans = normal.scans - branch.scans;
  const law = 2 * silentScans >= normal.scans
    ? silentLaw(normal, branch.values, alarms)
    : denseLaw(normal.places, branch.values);
  return { ...law, silentScans };
}

type Unnamed = Omit<FittedLaw, "silentScans">;

function denseLaw(places: number, values: Float32Array): Unnamed {
  const start = values[Math.max(0, values.length - 1 - Math.floor(TAIL * places))];
  const counted = (score: number) => Math.log((places + 1) / (1 + values.length - firstAtLeast(values, score)));
  const knots = knotsOf([...steps(values).filter((score) => score <= start), start], 0, counted);
  const excesses = Float64Array.from(values.filter((value) => value > start), (value) => value - start);
  return { kind: "dense", ...knots, ...tailOf(excesses, start), excesses: excesses.length };
}

function tailOf(excesses: Float64Array, start: number) {
  if (excesses.length === 0) return { shape: 0, scale: start }; // all places are alike
  if (excesses.length >= LEAST_EXCESSES) return fitPareto(excesses);
  return { shape: 0, scale: excesses.reduce((sum, excess) => sum + excess, 0) / excesses.length };
}

function silentLaw({ scans, places }: NormalPlaces, values: Float32Array, { share, unit }: Alarms): Unnamed {
  const scale = unit ?? (values.reduce((sum, value) => sum + value, 0) / values.length || 1);
  const counted = (score: number) => {
    const seen = values.length > 0 ? (values.length - firstAtLeast(values, score)) * scans / places : 0;
    const taken = (1 - share) * Math.exp(-score / (FAINT * scale)) + share * Math.exp(-score / scale);
    return Math.log((scans + 1) / (seen + taken));
  };
  const faint = Array.from({ length: FAINT_KNOTS * FAINT_REACH }, (_, i) => FAINT * scale * (i + 1) / FAINT_KNOTS);
  const scores = [...faint, ...steps(values)].sort((a, b) => a - b);
  return { kind: "silent", ...knotsOf(scores, counted(0), counted), shape: 0, scale, excesses: 0 };
}

/** Those of rising values where what is above has become less by a step, and the last. */
function steps(values: Float32Array): number[] {
  const found: number[] = [];
  for (let at = 0; at < values.length;) {
    found.push(values[at]);
    at += Math.max(1, Math.floor((values.length - at) * (1 - Math.exp(-STEP))));
  }
  return found;
}

/** Knots at 0, where evidence is `first`, and at those of `scores`, rising, where it is more, each once; at the last in any case. */
function knotsOf(
  scores: readonly number[],
  first: number,
  counted: (score: number) => number,
): Pick<Law, "scores" | "evidence"> {
  const rising = scores.filter((score, i) => i === 0 || score > scores[i - 1]);
  const knots = rising.map((score) => [score, counted(score)] as const)
    .filter(([, evidence], i) => evidence > first || i === rising.length - 1);
  return {
    scores: Float64Array.of(0, ...knots.map(([score]) => score)),
    evidence: Float64Array.of(first, ...knots.map(([, evidence]) => evidence)),
  };
}

/** Index of the first of rising values that is at least a score. */
function firstAtLeast(values: Float32Array, score: number): number {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] >= score) high = middle;
    else low = middle + 1;
  }
  return low;
}
