/** Area under the ROC curve of plain scores, by ranks, in float64. @module */
import { ScoreRefused } from "../errors.ts";
import { GOOD } from "./scored_maps.ts";

/** Scores of one class, in any order. */
export type Scores = Float64Array | readonly number[];

/**
 * Chance that a positive scores above a negative, (#{p > n} + ½ #{p = n}) / (positives × negatives): the Mann–Whitney statistic.
 * 0.5 is chance. Undefined where a class is empty. @throws {ScoreRefused} for a NaN
 */
export function auroc(positive: Scores, negative: Scores): number | undefined {
  const p = sorted("positive", positive), n = sorted("negative", negative);
  if (p.length === 0 || n.length === 0) return undefined;
  let below = 0, upTo = 0, wins = 0;
  for (const score of p) {
    while (below < n.length && n[below] < score) below++;
    while (upTo < n.length && n[upTo] <= score) upTo++;
    wins += (below + upTo) / 2;
  }
  return wins / (p.length * n.length);
}

/** The score of one scan and its defect type; `good` where it has none. */
export interface ScoredScan {
  readonly score: number;
  readonly defect: string;
}

/**
 * AUROC of scan scores: all anomalous scans, and each defect type (sorted by name), against the good ones. Undefined where there is
 * no good scan, and for `all` where there is nothing else. @throws {ScoreRefused} for a NaN
 */
export function scanAuroc(
  scans: Iterable<ScoredScan>,
): { all: number | undefined; byDefect: Map<string, number | undefined> } {
  const byType = Map.groupBy(scans, ({ defect }) => defect);
  const scores = (defect: string) => (byType.get(defect) ?? []).map(({ score }) => score);
  const defects = [...byType.keys()].filter((defect) => defect !== GOOD).sort();
  const good = scores(GOOD);
  return {
    all: auroc(defects.flatMap(scores), good),
    byDefect: new Map(defects.map((defect) => [defect, auroc(scores(defect), good)])),
  };
}

function sorted(list: string, scores: Scores): Float64Array {
  const copy = Float64Array.from(scores);
  const index = copy.findIndex(Number.isNaN);
  if (index >= 0) throw new ScoreRefused(list, index);
  return copy.sort();
}
