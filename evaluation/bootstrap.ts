/**
 * How far figures would move had other scans been tested: the bootstrap over scans. @module
 *
 * Scans are drawn with replacement inside each defect type (good is one), and AU-PRO, pixel AUROC and scan AUROC are computed anew
 * from the draw: false-positive rates pool over scans, so a draw is a weighted sum of the scans' histograms. Intervals are percentile
 * intervals. Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 8 and 13. They tell what the choice of
 * test scans does, and nothing of other training scans; a type of one scan has no spread, and where scans are told apart
 * without a mistake the interval of the AUROC is that one value.
 */
import { areaUpTo, randomStream } from "../core/mod.ts";
import { GOOD } from "./metrics/scored_maps.ts";
import type { ScanHistogram, ScanHistograms } from "./scan_histograms.ts";

/** Limits at which AU-PRO gets intervals. */
export const BOOTSTRAP_LIMITS: readonly number[] = [0.3, 0.1, 0.05, 0.01];

/** Rounds unless others are given. */
export const BOOTSTRAP_ROUNDS = 2000;

/** A figure of the scans as they are, and of each draw; NaN where it is not defined. */
export interface Resampled {
  readonly value: number;
  readonly draws: Float64Array;
}

/** The figures of one group of scans. */
export interface ResampledFigures {
  /** Exact AU-PRO by limit, such as `"0.3"`, over the limit. */
  readonly exact: Readonly<Record<string, Resampled>>;
  readonly pixelAuroc: Resampled;
  readonly scanAuroc: Resampled;
}

/** How the scans are drawn: with the same of all three, two methods on the same scans get the same draws. */
export interface DrawOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Name of the random stream, such as a category. */
  readonly stream: string;
}

/** All draws of the scans of one category under one method. */
export interface Bootstrap {
  readonly histograms: ScanHistograms;
  readonly drawn: DrawOptions;
  readonly all: ResampledFigures;
  /** Each defect type with the good scans, by the type's name, sorted. */
  readonly byDefect: ReadonlyMap<string, ResampledFigures>;
}

/** 2.5 % and 97.5 % of the draws. */
export type Interval = readonly [number, number];

/** Intervals of the figures of one group of scans; null where a figure is not defined. */
export interface Intervals {
  /** Exact AU-PRO by limit. */
  readonly exact: Readonly<Record<string, Interval | null>>;
  /** Of pixels, all scans together. */
  readonly pixelAuroc: Interval | null;
  /** Of scan scores. */
  readonly scanAuroc: Interval | null;
}

/** Draws the scans `rounds` times. Cost: rounds × scans × bins additions, some seconds for a hundred scans. */
export function bootstrap(histograms: ScanHistograms, drawn: DrawOptions): Bootstrap {
  const { scans } = histograms, { rounds, seed, stream } = drawn;
  const strata = [...Map.groupBy(scans.keys(), (scan) => scans[scan].defect).entries()];
  const random = randomStream(seed, `bootstrap/${stream}`);
  const figuresOf = weightedFigures(histograms);
  const whole = figuresOf(new Float64Array(scans.length).fill(1));
  const draws = whole.map((figures) => figures.map(() => new Float64Array(rounds)));
  const weights = new Float64Array(scans.length);
  for (let round = 0; round < rounds; round++) {
    weights.fill(0);
    for (const [, members] of strata) {
      for (let i = 0; i < members.length; i++) weights[members[random.integer(members.length)]]++;
    }
    figuresOf(weights).forEach((figures, group) =>
      figures.forEach((value, figure) => draws[group][figure][round] = value)
    );
  }
  const [all, ...others] = whole.map((figures, group): ResampledFigures => {
    const resampled = figures.map((value, figure): Resampled => ({ value, draws: draws[group][figure] }));
    return {
      exact: Object.fromEntries(BOOTSTRAP_LIMITS.map((limit, i) => [String(limit), resampled[i]])),
      pixelAuroc: resampled[BOOTSTRAP_LIMITS.length],
      scanAuroc: resampled[BOOTSTRAP_LIMITS.length + 1],
    };
  });
  const defects = strata.map(([defect]) => defect).filter((defect) => defect !== GOOD);
  return { histograms, drawn, all, byDefect: new Map(defects.map((defect, i) => [defect, others[i]])) };
}

/** The intervals of a group's figures. */
export function intervalsOf({ exact, pixelAuroc, scanAuroc }: ResampledFigures): Intervals {
  return {
    exact: Object.fromEntries(Object.entries(exact).map(([limit, { draws }]) => [limit, percentiles(draws)])),
    pixelAuroc: percentiles(pixelAuroc.draws),
    scanAuroc: percentiles(scanAuroc.draws),
  };
}

/** 2.5 % and 97.5 % of the values that are numbers, nearest rank; null where there is none. */
export function percentiles(values: Float64Array): Interval | null {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return null;
  return [sorted[Math.floor(0.025 * (sorted.length - 1))], sorted[Math.ceil(0.975 * (sorted.length - 1))]];
}

/**
 * A function from the scans' weights to the figures of all scans and then of each defect type with the good ones: AU-PRO at the
 * limits, pixel AUROC, scan AUROC.
 */
function weightedFigures({ scans, bins }: ScanHistograms): (weights: Float64Array) => number[][] {
  const defects = [...new Set(scans.map(({ defect }) => defect))];
  const strata = defects.map((defect) => ({
    members: [...scans.keys()].filter((scan) => scans[scan].defect === defect),
    sum: emptySum(bins),
  }));
  const good = strata.filter((_, i) => defects[i] === GOOD);
  const groups = [strata, ...strata.filter((_, i) => defects[i] !== GOOD).map((stratum) => [stratum, ...good])];
  const group = emptySum(bins), curve = { fpr: new Float64Array(bins + 1), pro: new Float64Array(bins + 1) };
  const scanFigures = weightedScanAuroc(scans, defects);
  return (weights) => {
    for (const { members, sum } of strata) {
      clear(sum);
      for (const scan of members) if (weights[scan] > 0) add(sum, scans[scan], weights[scan]);
    }
    const byScan = scanFigures(weights);
    return groups.map((parts, at) => {
      clear(group);
      for (const { sum } of parts) add(group, sum, 1);
      const pixelAuroc = cumulate(group, curve);
      const measurable = group.components > 0 && curve.fpr[bins] > 0;
      return [
        ...BOOTSTRAP_LIMITS.map((limit) => measurable ? areaUpTo(curve, limit) : NaN),
        measurable ? pixelAuroc : NaN,
        byScan[at],
      ];
    });
  };
}

type WeightedSum = { normal: Float64Array; anomalous: Float64Array; overlap: Float64Array; components: number };

const emptySum = (bins: number): WeightedSum => ({
  normal: new Float64Array(bins),
  anomalous: new Float64Array(bins),
  overlap: new Float64Array(bins),
  components: 0,
});

function clear(sum: WeightedSum): void {
  sum.normal.fill(0);
  sum.anomalous.fill(0);
  sum.overlap.fill(0);
  sum.components = 0;
}

function add(sum: WeightedSum, one: Pick<ScanHistogram, keyof WeightedSum>, weight: number): void {
  if (one.normal) addRow(sum.normal, one.normal, weight);
  if (one.components === 0 || !one.anomalous || !one.overlap) return;
  addRow(sum.anomalous, one.anomalous, weight);
  addRow(sum.overlap, one.overlap, weight);
  sum.components += weight * one.components;
}

function addRow(sum: Float64Array, row: Float64Array, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] += weight * row[i];
}

/** Fills the curve from the highest bin down; gives the pixel AUROC, ties inside a bin half. */
function cumulate(
  { normal, anomalous, overlap, components }: WeightedSum,
  { fpr, pro }: { fpr: Float64Array; pro: Float64Array },
): number {
  let normals = 0, above = 0, found = 0, positives = 0, wins = 0;
  for (let i = 0; i < normal.length; i++) normals += normal[i];
  for (let bin = normal.length - 1, corner = 1; bin >= 0; bin--, corner++) {
    above += normal[bin];
    found += overlap[bin];
    positives += anomalous[bin];
    wins += anomalous[bin] * (normals - above + normal[bin] / 2);
    fpr[corner] = normals > 0 ? above / normals : 0;
    pro[corner] = Math.min(1, found / components);
  }
  return wins / (positives * normals);
}

/** A function from the scans' weights to the scan AUROC of all scans and then of each defect type against the good ones. */
function weightedScanAuroc(
  scans: readonly ScanHistogram[],
  defects: readonly string[],
): (weights: Float64Array) => number[] {
  const order = [...scans.keys()].sort((a, b) => scans[a].score - scans[b].score);
  const types = defects.filter((defect) => defect !== GOOD);
  const typeOf = scans.map(({ defect }) => types.indexOf(defect)); // −1 for good
  return (weights) => {
    const wins = new Float64Array(types.length), count = new Float64Array(types.length);
    let below = 0;
    for (let start = 0, end = 0; start < order.length; start = end) {
      let tied = 0;
      for (; end < order.length && scans[order[end]].score === scans[order[start]].score; end++) {
        if (typeOf[order[end]] < 0) tied += weights[order[end]];
      }
      for (let i = start; i < end; i++) {
        const type = typeOf[order[i]], weight = weights[order[i]];
        if (type < 0) continue;
        wins[type] += weight * (below + tied / 2);
        count[type] += weight;
      }
      below += tied;
    }
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    return [sum(wins) / (sum(count) * below), ...wins.map((won, type) => won / (count[type] * below))];
  };
}
