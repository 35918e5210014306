/**
 * AU-PRO and pixel AUROC of many maps, exact, in float64, without holding the maps. @module
 *
 * Two walks. The first keeps the scores of the anomalous places, which are few; the second counts the normal places at and between
 * them. What stays in memory grows with the anomalous places and the defect types, not with the maps.
 */
import { areaUpTo, exactCurve, officialCurve, placeAuroc, type ScoreCounts, thinnedCurve } from "../../core/mod.ts";
import { LimitRefused, MapsChanged } from "../errors.ts";
import { type DefectTally, defectTally } from "./defect_tally.ts";
import { keyTable } from "./score_keys.ts";
import { assertMeasurable, GOOD, type ScoredMaps } from "./scored_maps.ts";

/** The measures of one group of maps. */
export interface MapMetrics {
  /** Exact AU-PRO by limit, such as `"0.3"`, over the limit; ties are diagonals, chance is half the limit. */
  readonly exact: Readonly<Record<string, number>>;
  /** AU-PRO of the published evaluation code (100 thresholds) by the same limits. */
  readonly official: Readonly<Record<string, number>>;
  /** Chance that an anomalous place scores above a normal one, ties half. */
  readonly pixelAuroc: number;
  /** The exact PRO curve up to FPR 0.3, at most 512 corners, for a plot. */
  readonly curve: { readonly fpr: number[]; readonly pro: number[] };
  /** Connected defects, 8-connected, of all maps of the group. */
  readonly components: number;
}

/** The limits at which AU-PRO is told unless others are given. */
export const AU_PRO_LIMITS: readonly number[] = [0.3, 0.2, 0.1, 0.07, 0.05, 0.03, 0.01];

const CURVE_LIMIT = 0.3, CURVE_POINTS = 512;

/**
 * Measures all maps together, and each defect type with the good ones; good alone is no row. Undefined where a group has no
 * component or no normal place. Names in `byDefect` are sorted. The source is walked twice. Stops between two maps when `signal`
 * says so, with its reason.
 * @throws {MapRefused} for a NaN or a wrong size, with the map's name
 * @throws {MapsChanged} when the two walks differ
 * @throws {LimitRefused} for a limit outside (0, 1]
 */
export async function mapMetrics(
  maps: ScoredMaps,
  { limits = AU_PRO_LIMITS, signal }: { limits?: readonly number[]; signal?: AbortSignal } = {},
): Promise<{ all: MapMetrics | undefined; byDefect: Map<string, MapMetrics | undefined> }> {
  for (const limit of limits) if (!(limit > 0 && limit <= 1)) throw new LimitRefused(limit);
  const tallies = await tally(maps, signal);
  const scores = fixScores([...tallies.values()]);
  await countNormals(maps, tallies, signal);
  const measure = (group: DefectTally[]) => metricsOf(group, scores, limits);
  const good = tallies.get(GOOD);
  const byDefect = new Map<string, MapMetrics | undefined>();
  for (const defect of [...tallies.keys()].filter((name) => name !== GOOD).sort()) {
    byDefect.set(defect, measure([tallies.get(defect)!, ...(good ? [good] : [])]));
  }
  return { all: measure([...tallies.values()]), byDefect };
}

/** First walk: a tally for each defect type, good included. */
async function tally(maps: ScoredMaps, signal: AbortSignal | undefined): Promise<Map<string, DefectTally>> {
  const tallies = new Map<string, DefectTally>();
  let index = 0;
  for await (const map of maps.walk()) {
    signal?.throwIfAborted();
    assertMeasurable(map, index++);
    let own = tallies.get(map.defect);
    if (!own) tallies.set(map.defect, own = defectTally());
    own.addAnomalous(map);
  }
  return tallies;
}

/** One table of all anomalous scores for all types; gives its size. */
function fixScores(tallies: DefectTally[]): number {
  const keys = new Int32Array(tallies.reduce((places, own) => places + own.places()[1], 0));
  let at = 0;
  for (const own of tallies) {
    for (const chunk of own.keys()) {
      keys.set(chunk, at);
      at += chunk.length;
    }
  }
  const table = keyTable(keys);
  for (const own of tallies) own.fix(table);
  return table.size;
}

/** Second walk. */
async function countNormals(maps: ScoredMaps, tallies: Map<string, DefectTally>, signal: AbortSignal | undefined) {
  let normal = 0, anomalous = 0, index = 0;
  for await (const map of maps.walk()) {
    signal?.throwIfAborted();
    assertMeasurable(map, index++);
    const seen = tallies.get(map.defect)?.addNormal(map) ?? [map.scores.length, 0];
    normal += seen[0];
    anomalous += seen[1];
  }
  const first = [0, 0] as [number, number];
  for (const own of tallies.values()) own.places().forEach((places, i) => first[i] += places);
  if (normal !== first[0] || anomalous !== first[1]) throw new MapsChanged(first, [normal, anomalous]);
}

function metricsOf(group: DefectTally[], scores: number, limits: readonly number[]): MapMetrics | undefined {
  const counts: ScoreCounts = {
    normal: new Float64Array(2 * scores + 1),
    overlap: new Float64Array(scores),
    anomalous: new Float64Array(scores),
    components: group.reduce((components, own) => components + own.components(), 0),
  };
  if (counts.components === 0 || group.every((own) => own.places()[0] === 0)) return undefined;
  for (const own of group) {
    own.addNormalTo(counts.normal);
    own.addAnomalousTo(counts.overlap, counts.anomalous);
  }
  const exact = exactCurve(counts), official = officialCurve(counts);
  const areas = (curve: typeof exact) =>
    Object.fromEntries(limits.map((limit) => [String(limit), areaUpTo(curve, limit)]));
  return {
    exact: areas(exact),
    official: areas(official),
    pixelAuroc: placeAuroc(counts),
    curve: thinnedCurve(exact, CURVE_LIMIT, CURVE_POINTS),
    components: counts.components,
  };
}
