/**
 * Each scan's scores as histograms, so that figures of any draw of the scans are weighted sums. @module
 *
 * All maps of one method share one grid of scores. It is cut so that no bin holds more than about 2 / 4096 of the normal places' and
 * the components' mass together; a score that holds more has a bin of its own, in which ties are told exactly. A curve through the
 * bins' corners is then off by less than the largest share of the components' mass that lies in a bin of several scores, whatever the
 * limit. The grid comes from evenly spaced ranks of each map, so the maps are walked and never all held.
 */
import { ScoreRefused } from "./errors.ts";
import { connectedComponents } from "./metrics/components.ts";
import { keyTable, scoreBits, scoreKey } from "./metrics/score_keys.ts";
import { assertMeasurable, type ScoredMap, type ScoredMaps } from "./metrics/scored_maps.ts";
import type { ScoredScan } from "./metrics/auroc.ts";

/** One scored scan by name. */
export interface NamedScore extends ScoredScan {
  /** As its map is called. */
  readonly name: string;
}

/** One scan with what its map weighs in each bin; without the three where it has no ground truth. */
export interface ScanHistogram extends NamedScore {
  /** Normal places by bin. */
  readonly normal?: Float64Array;
  /** Anomalous places by bin; absent where there are none. */
  readonly anomalous?: Float64Array;
  /** Sums over the anomalous places by bin: 1 / size of the component a place belongs to. */
  readonly overlap?: Float64Array;
  /** Connected defects. */
  readonly components: number;
}

/** The scans of one category under one method: 8 bytes a bin and scan, 24 where it has a defect. */
export interface ScanHistograms {
  /** Number of bins, rising with the score: about 4,097, and at most twice as many where many scores are tied. */
  readonly bins: number;
  /** Sorted by defect type, then by name, so that two methods' scans can be told alike. */
  readonly scans: readonly ScanHistogram[];
}

const GRID = 4096, RANKS_OF_COMPONENT = 1024;

/**
 * Histograms of the scans. The maps are walked twice; each needs a name that is in `scans`. `grid` is the number of bins wanted.
 * @throws {MapRefused} for a NaN or a wrong size
 * @throws {ScoreRefused} for a scan score that is NaN
 */
export async function scanHistograms(
  maps: ScoredMaps,
  scans: readonly NamedScore[],
  { grid = GRID, signal }: { readonly grid?: number; readonly signal?: AbortSignal } = {},
): Promise<ScanHistograms> {
  const refused = scans.findIndex(({ score }) => Number.isNaN(score));
  if (refused >= 0) throw new ScoreRefused("scan", refused);
  const edges = await scoreGrid(maps, grid, signal);
  const table = keyTable(edges), bins = table.size + 1;
  const byName = new Map<string, ScanHistogram>(scans.map((scan) => [scan.name, { ...scan, components: 0 }]));
  for await (const map of maps.walk()) {
    signal?.throwIfAborted();
    const scan = byName.get(map.name ?? "");
    if (!scan) throw new Error(`Cannot resample the scans: there is a map "${map.name}", but no scan of that name`);
    byName.set(scan.name, { ...scan, ...histogramOf(map, bins, (key) => (table.interval(key) + 1) >> 1) });
  }
  const byText = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0;
  return { bins, scans: [...byName.values()].sort((a, b) => byText(a.defect, b.defect) || byText(a.name, b.name)) };
}

/** First walk: the keys at which bins begin, ascending. */
async function scoreGrid(maps: ScoredMaps, grid: number, signal: AbortSignal | undefined): Promise<Int32Array> {
  const normal: Int32Array[] = [], anomalous: Int32Array[] = [];
  let index = 0;
  for await (const map of maps.walk()) {
    signal?.throwIfAborted();
    assertMeasurable(map, index++);
    const bits = scoreBits(map.scores);
    const allKeys = bits.map(scoreKey);
    const keysWhere = (wanted: (place: number) => boolean) => allKeys.filter((_, place) => wanted(place)).sort();
    const keys = keysWhere((place) => map.truth[place] === 0);
    normal.push(ranks(keys, Math.ceil(keys.length / Math.max(1, Math.floor(bits.length / grid)))));
    if (keys.length === bits.length) continue;
    const { labels, sizes } = connectedComponents(map.truth, map.width, map.height);
    sizes.forEach((_, i) => anomalous.push(ranks(keysWhere((place) => labels[place] === i + 1), RANKS_OF_COMPONENT)));
  }
  return edgesOf(joined(normal), joined(anomalous), 2 / grid);
}

/** `count` of the sorted keys at evenly spaced ranks, repeated where there are fewer: each stands for as many places. */
const ranks = (sorted: Int32Array, count: number) =>
  Int32Array.from({ length: count }, (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / count)]);

function joined(parts: readonly Int32Array[]): Int32Array {
  const whole = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.sort();
}

/** Cuts where the mass of both lists, 1 each, comes to `most`, and around a key that holds as much alone. */
function edgesOf(normal: Int32Array, anomalous: Int32Array, most: number): Int32Array {
  const edges: number[] = [];
  let mass = 0;
  for (let i = 0, j = 0; i < normal.length || j < anomalous.length;) {
    const key = Math.min(normal[i] ?? Infinity, anomalous[j] ?? Infinity);
    let own = 0;
    for (; normal[i] === key; i++) own += 1 / normal.length;
    for (; anomalous[j] === key; j++) own += 1 / anomalous.length;
    if (own >= most) edges.push(key, key + 1);
    else if (mass + own > most) edges.push(key);
    mass = own >= most ? 0 : mass + own > most ? own : mass + own;
  }
  return Int32Array.from(edges);
}

/** Second walk: one map over the bins. */
function histogramOf({ scores, truth, width, height }: ScoredMap, bins: number, binOf: (key: number) => number) {
  const bits = scoreBits(scores), normal = new Float64Array(bins);
  let lastBits = 0, bin = binOf(0), hasDefect = false;
  for (let i = 0; i < bits.length; i++) {
    if (truth[i] !== 0) hasDefect = true;
    else {
      if (bits[i] !== lastBits) bin = binOf(scoreKey(lastBits = bits[i]));
      normal[bin]++;
    }
  }
  if (!hasDefect) return { normal, components: 0 };
  const anomalous = new Float64Array(bins), overlap = new Float64Array(bins);
  const { labels, sizes } = connectedComponents(truth, width, height);
  for (let i = 0; i < bits.length; i++) {
    if (truth[i] === 0) continue;
    const bin = binOf(scoreKey(bits[i]));
    anomalous[bin]++;
    overlap[bin] += 1 / sizes[labels[i] - 1];
  }
  return { normal, anomalous, overlap, components: sizes.length };
}
