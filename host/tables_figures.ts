/** The figures of a row of `tables` on one test set. @module */
import {
  type Bootstrap,
  bootstrap,
  GOOD,
  mapMetrics,
  type Resampled,
  scanAuroc,
  scanHistograms,
  type ScoredMaps,
  type TableMetric,
} from "../evaluation/mod.ts";
import type { TestSet } from "./tables_category.ts";
import type { TableRow } from "./tables_methods.ts";
import type { RowScores } from "./tables_scores.ts";

/** The figures of a cell, in the order in which they are told. */
export const TABLE_METRICS = [
  "auPro@0.3",
  "auPro@0.1",
  "auPro@0.05",
  "auPro@0.01",
  "scanAuroc",
  "pixelAuroc",
] as const satisfies readonly TableMetric[];

/** A figure with the draws of it, where the bootstrap is asked for. */
export interface Figure {
  /** Null where it is not defined. */
  readonly value: number | null;
  /** Of the same scans; its own `value` is that of the exact curve. */
  readonly drawn?: Resampled;
}

/** A row on one test set of one category. */
export interface MeasuredSet extends Pick<TestSet, "dataset" | "testSet"> {
  readonly row: TableRow;
  readonly category: string;
  readonly figures: Readonly<Record<TableMetric, Figure>>;
  readonly scans: { readonly good: number; readonly defective: number };
  /** The names of the scans in one text: rows can be compared where it is the same. */
  readonly tested: string;
}

/** How a set is measured. */
export interface MeasureOptions {
  /** Rounds of the bootstrap; 0: none. */
  readonly rounds: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** Limits of the AU-PROs of a cell. */
const LIMITS = [0.3, 0.1, 0.05, 0.01] as const;

/**
 * Measures a set. AU-PRO up to 0.3 is that of the published evaluation code with its 100 thresholds, as it stands beside published
 * figures; the others are exact, since a curve of 100 thresholds is a straight line below 0.01. @throws {MapRefused}
 */
export async function measureSet(
  scores: RowScores,
  { row, category, set }: { readonly row: TableRow; readonly category: string; readonly set: TestSet },
  { rounds, seed, signal }: MeasureOptions,
): Promise<MeasuredSet> {
  const scans = scores.scans.filter(({ name }) => set.names.has(name)), maps = only(scores.maps, set.names);
  const { all } = await mapMetrics(maps, { limits: LIMITS, signal });
  const drawn = rounds === 0
    ? undefined
    : bootstrap(await scanHistograms(maps, scans, { signal }), { rounds, seed, stream: category });
  const values: Record<TableMetric, number | undefined> = {
    "auPro@0.3": all?.official["0.3"],
    "auPro@0.1": all?.exact["0.1"],
    "auPro@0.05": all?.exact["0.05"],
    "auPro@0.01": all?.exact["0.01"],
    scanAuroc: scanAuroc(scans).all,
    pixelAuroc: all?.pixelAuroc,
  };
  const good = scans.filter(({ defect }) => defect === GOOD).length;
  const figures = TABLE_METRICS.map((metric): [TableMetric, Figure] => {
    const value = values[metric] ?? null;
    return [metric, drawn && value !== null ? { value, drawn: drawsOf(drawn, metric) } : { value }];
  });
  const { dataset, testSet } = set;
  return {
    row,
    category,
    dataset,
    testSet,
    figures: Object.fromEntries(figures) as MeasuredSet["figures"],
    scans: { good, defective: scans.length - good },
    tested: scans.map(({ name }) => name).join("\n"),
  };
}

/** What a set comes to where the row may not be measured on it. */
export function notMeasured(
  { row, category, set: { dataset, testSet } }: {
    readonly row: TableRow;
    readonly category: string;
    readonly set: TestSet;
  },
): MeasuredSet {
  const figures = Object.fromEntries(TABLE_METRICS.map((metric) => [metric, { value: null }]));
  const none = { scans: { good: 0, defective: 0 }, tested: "" };
  return { row, category, dataset, testSet, figures: figures as MeasuredSet["figures"], ...none };
}

/** AU-PRO up to 0.3 (as published) and up to 0.05 (exact) of a set; null where there is none. */
export async function auProsOf(scores: RowScores, set: TestSet, signal: AbortSignal) {
  const { all } = await mapMetrics(only(scores.maps, set.names), { limits: LIMITS, signal });
  return { auPro: all?.official["0.3"] ?? null, auProStrict: all?.exact["0.05"] ?? null };
}

function drawsOf({ all }: Bootstrap, metric: TableMetric): Resampled {
  return metric === "scanAuroc" || metric === "pixelAuroc" ? all[metric] : all.exact[metric.slice("auPro@".length)];
}

/** The maps of some of the scans. */
const only = (maps: ScoredMaps, names: ReadonlySet<string>): ScoredMaps => ({
  async *walk() {
    for await (const map of maps.walk()) if (names.has(map.name!)) yield map;
  },
});
