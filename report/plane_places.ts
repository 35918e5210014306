/** Which places of a scan its report shows in the plane of both branches. @module */
import type { BranchMaps, ScoreMap } from "../core/mod.ts";

/** Places of a scan at map resolution, those where a branch says something; few enough to draw. */
export interface PlanePlaces {
  /** `n × 2`: S1 and S2 of the places that are drawn, from the highest of the fused map down; at most 1000. */
  readonly values: Float32Array;
  /** How many of the drawn ones, the first, are above the map's threshold; none where no threshold is known. */
  readonly drawnBeyond: number;
  /** How many places there are. */
  readonly count: number;
  /** How many of all places are above the map's threshold; null where no threshold is known. */
  readonly beyond: number | null;
}

/** Places that are drawn, and the highest ones, of which none is left out. */
const MOST_PLACES = 1000, HIGHEST = 300;

/**
 * The highest places of the fused map, and of the others every so-manieth in the order of their scores; of equal ones the earlier place
 * is the higher. The three maps are of one size.
 */
export function planePlaces({ feature, missing }: BranchMaps, fused: ScoreMap, threshold: number | null): PlanePlaces {
  const s1 = feature.values, s2 = missing.values, score = fused.values;
  const order = Uint32Array.from(score.keys()).filter((i) => s1[i] > 0 || s2[i] > 0)
    .sort((a, b) => score[b] - score[a] || a - b);
  const count = order.length, highest = Math.min(count, HIGHEST);
  const sampled = Math.min(count - highest, MOST_PLACES - highest);
  const ranks = Array.from(
    { length: highest + sampled },
    (_, i) => i < highest ? i : highest + Math.floor(((i - highest) * (count - highest)) / sampled),
  );
  const beyond = threshold === null ? null : order.filter((i) => score[i] > threshold).length;
  return {
    values: Float32Array.from(ranks.flatMap((rank) => [s1[order[rank]], s2[order[rank]]])),
    drawnBeyond: ranks.filter((rank) => rank < (beyond ?? 0)).length,
    count,
    beyond,
  };
}
