/**
 * How well scores rank the places of pasted defects above normal ones: exact AU-PRO with one component a map. @module
 *
 * What a fit uses to choose among its own channels, with the curve of `pro_curve.ts`. A pasted defect is one component by construction,
 * even where a gap of the part cuts it in two, so nothing is labelled.
 */
import { areaUpTo, exactCurve } from "./pro_curve.ts";

/** A map with the truth of at most one defect. */
export interface RankedMap {
  /** One a place, higher is more anomalous, never NaN. */
  readonly scores: Float32Array;
  /** As long as `scores`; not 0 where the defect is, 0 everywhere where there is none. */
  readonly truth: Uint8Array;
}

/**
 * Exact AU-PRO of all maps as one group by limit, such as `"0.3"`: each map's whole truth is one component, every place of truth 0 is
 * normal, every score is a threshold, ties are diagonals, the area is over the limit (chance is half of it). Limits lie in (0, 1].
 * Undefined where no map has a defect, or none a normal place. All maps are held until it returns.
 */
export function placeRanking(
  maps: Iterable<RankedMap>,
  limits: readonly number[],
): Readonly<Record<string, number>> | undefined {
  const held = [...maps];
  const sizes = held.map(({ truth }) => sizeOf(truth));
  const scores = distinctScores(held, sizes);
  const counts = {
    normal: new Float64Array(2 * scores.length + 1),
    overlap: new Float64Array(scores.length),
    anomalous: new Float64Array(scores.length),
    components: sizes.filter((size) => size > 0).length,
  };
  held.forEach((map, index) => {
    for (let place = 0, last = NaN, interval = 0; place < map.scores.length; place++) {
      const score = map.scores[place];
      if (score !== last) interval = intervalOf(scores, last = score); // maps have long runs of 0
      if (map.truth[place] === 0) {
        counts.normal[interval]++;
      } else {
        counts.anomalous[interval >> 1]++;
        counts.overlap[interval >> 1] += 1 / sizes[index];
      }
    }
  });
  if (counts.components === 0 || counts.normal.every((count) => count === 0)) return undefined;
  const curve = exactCurve(counts);
  return Object.fromEntries(limits.map((limit) => [String(limit), areaUpTo(curve, limit)]));
}

function sizeOf(truth: Uint8Array): number {
  let size = 0;
  for (const place of truth) if (place !== 0) size++;
  return size;
}

/** The distinct scores of all places of a defect, ascending; 0 and −0 are one. `sizes` are the numbers of those places by map. */
function distinctScores(maps: readonly RankedMap[], sizes: readonly number[]): Float32Array {
  const all = new Float32Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const { scores, truth } of maps) {
    for (let place = 0; place < scores.length; place++) if (truth[place] !== 0) all[at++] = scores[place];
  }
  all.sort();
  let size = 0;
  for (let i = 0; i < all.length; i++) if (i === 0 || all[i] !== all[i - 1]) all[size++] = all[i];
  return all.slice(0, size);
}

/** `2i + 1` where the score equals the i-th of `ascending`, `2i` where it lies between those of i − 1 and i. */
function intervalOf(ascending: Float32Array, score: number): number {
  let low = 0, high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < score) low = middle + 1;
    else high = middle;
  }
  return low < ascending.length && ascending[low] === score ? 2 * low + 1 : 2 * low;
}
