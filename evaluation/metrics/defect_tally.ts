/** What two walks over the maps leave behind of one defect type: anomalous scores in full, normal ones as counts. @module */
import { connectedComponents } from "./components.ts";
import { type KeyTable, scoreBits, scoreKey } from "./score_keys.ts";
import type { ScoredMap } from "./scored_maps.ts";

/** The maps of one defect type, reduced to what its metrics need: 8 bytes an anomalous place and 16 a distinct anomalous score. */
export interface DefectTally {
  /** First walk: keeps the anomalous scores. */
  addAnomalous(map: ScoredMap): void;
  /** Between the walks: hands out the anomalous keys, those of one map a time. */
  keys(): Iterable<Int32Array>;
  /** Between the walks: fixes the scores among which normal places are counted. */
  fix(table: KeyTable): void;
  /** Second walk: counts the normal scores. Gives the number of normal and of anomalous places. */
  addNormal(map: ScoredMap): readonly [number, number];
  /** Places seen in the first walk: normal, anomalous. */
  places(): readonly [number, number];
  components(): number;
  /** Adds the normal counts of the second walk to `normal`, as in `ScoreCounts`. */
  addNormalTo(normal: Float64Array): void;
  /** Adds what the anomalous places weigh to `overlap` and their number to `anomalous`, as in `ScoreCounts`. */
  addAnomalousTo(overlap: Float64Array, anomalous: Float64Array): void;
}

/** An empty tally. */
export function defectTally(): DefectTally {
  const chunks: { keys: Int32Array; sizes: Int32Array }[] = [];
  let table: KeyTable = { size: 0, interval: () => 0 };
  let normal = new Float64Array(0);
  let normalPlaces = 0, anomalousPlaces = 0, components = 0;
  return {
    addAnomalous(map) {
      const chunk = anomalousChunk(map);
      components += chunk.components;
      anomalousPlaces += chunk.keys.length;
      normalPlaces += map.scores.length - chunk.keys.length;
      if (chunk.keys.length > 0) chunks.push({ keys: chunk.keys, sizes: chunk.sizes });
    },
    *keys() {
      for (const { keys } of chunks) yield keys;
    },
    fix(fixed) {
      table = fixed;
      normal = new Float64Array(2 * table.size + 1);
    },
    addNormal: (map) => countNormal(map, table, normal),
    places: () => [normalPlaces, anomalousPlaces],
    components: () => components,
    addNormalTo(total) {
      for (let i = 0; i < normal.length; i++) total[i] += normal[i];
    },
    addAnomalousTo(overlap, anomalous) {
      for (const { keys, sizes } of chunks) {
        for (let i = 0; i < keys.length; i++) {
          const score = table.interval(keys[i]) >> 1;
          overlap[score] += 1 / sizes[i];
          anomalous[score]++;
        }
      }
    },
  };
}

/** Key and component size of each anomalous place of one map. */
function anomalousChunk({ truth, scores, width, height }: ScoredMap) {
  let count = 0;
  for (let i = 0; i < truth.length; i++) if (truth[i] !== 0) count++;
  const keys = new Int32Array(count), sizes = new Int32Array(count);
  if (count === 0) return { keys, sizes, components: 0 };
  const found = connectedComponents(truth, width, height);
  const bits = scoreBits(scores);
  for (let i = 0, at = 0; i < truth.length; i++) {
    if (truth[i] === 0) continue;
    keys[at] = scoreKey(bits[i]);
    sizes[at++] = found.sizes[found.labels[i] - 1];
  }
  return { keys, sizes, components: found.sizes.length };
}

/** Adds the normal places of one map to `normal`; gives the numbers of normal and anomalous places. */
function countNormal({ truth, scores }: ScoredMap, table: KeyTable, normal: Float64Array): readonly [number, number] {
  const bits = scoreBits(scores);
  let places = 0, lastBits = 0, interval = table.interval(0); // most places repeat the score before them: the background's 0
  for (let i = 0; i < bits.length; i++) {
    if (truth[i] !== 0) continue;
    if (bits[i] !== lastBits) interval = table.interval(scoreKey(lastBits = bits[i]));
    normal[interval]++;
    places++;
  }
  return [places, bits.length - places];
}
