/** Pairs of scores of normal places: gathered one scan at a time, sorted, and a subset for what bears only few. @module */
import type { RandomStream } from "../../core/mod.ts";
import { firstAtLeast } from "./first_at_least.ts";

/** Places that are kept at most; more are thinned by chance, each with the same one. */
const MOST_KEPT = 2 ** 20;

/** Bins of the stratified subset. */
const BINS = 100;

/** Pairs of normal scans, places where both branches are silent left out. */
export interface NormalPairs {
  /** The feature scores. */
  readonly s1: Float32Array;
  /** The missing-region scores of the same places, millimetres. */
  readonly s2: Float32Array;
  /** Mean of the feature maps' largest values, each scan once; 0 without a scan. */
  readonly peak: number;
}

/** What pairs are put into. */
export interface PairGathering {
  /** Adds a scan's maps, place by place. */
  add(feature: Float32Array, missing: Float32Array): void;
  /** What was added so far. */
  pairs(): NormalPairs;
}

/**
 * No pairs yet. Of more than `most` a uniform sample is kept.
 *
 * Source: Vitter, "Random Sampling with a Reservoir", ACM TOMS 11(1), 1985, algorithm R.
 */
export function gatherPairs(random: RandomStream, most = MOST_KEPT): PairGathering {
  let s1 = new Float32Array(Math.min(most, 2 ** 14)), s2 = s1.slice(), seen = 0, scans = 0, peaks = 0;
  const put = (at: number, x: number, y: number) => {
    if (at >= s1.length) [s1, s2] = [grown(s1, most), grown(s2, most)];
    s1[at] = x;
    s2[at] = y;
  };
  return {
    add(feature, missing) {
      let peak = 0;
      for (let i = 0; i < feature.length; i++) {
        if (feature[i] === 0 && missing[i] === 0) continue;
        peak = Math.max(peak, feature[i]);
        const at = seen < most ? seen : random.integer(seen + 1);
        if (at < most) put(at, feature[i], missing[i]);
        seen++;
      }
      scans++;
      peaks += peak;
    },
    pairs() {
      const count = Math.min(seen, most);
      return { s1: s1.slice(0, count), s2: s2.slice(0, count), peak: scans > 0 ? peaks / scans : 0 };
    },
  };
}

function grown(values: Float32Array, most: number): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(Math.min(most, 2 * values.length));
  larger.set(values);
  return larger;
}

/** `n × 2`: the pairs in the plane, x = k · s1, y = s2; those of `places`, or all. */
export function planePairs({ s1, s2 }: NormalPairs, k: number, places?: Uint32Array): Float64Array<ArrayBuffer> {
  const count = places?.length ?? s1.length, plane = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const place = places ? places[i] : i;
    plane[2 * i] = k * s1[place];
    plane[2 * i + 1] = s2[place];
  }
  return plane;
}

/**
 * At most `most` places, ascending. All of them go by their larger rank in either branch (the number of smaller values) into 100 bins; of
 * the highest, the top 1 %, all are taken but half of `most` at most, and the others share alike what is left. In a bin chance decides.
 */
export function stratifiedPlaces({ s1, s2 }: NormalPairs, most: number, random: RandomStream): Uint32Array {
  const count = s1.length;
  if (count <= most) return Uint32Array.from(s1.keys());
  const [ranks1, ranks2] = [ranksOf(s1), ranksOf(s2)];
  const bins: number[][] = Array.from({ length: BINS }, () => []);
  for (let i = 0; i < count; i++) bins[Math.floor(Math.max(ranks1[i], ranks2[i]) * BINS / count)].push(i);
  const taken = take(bins.pop()!, Math.floor(most / 2), random);
  // the shortest bins first, so that what they lack goes to the others
  bins.sort((a, b) => a.length - b.length || (a[0] ?? 0) - (b[0] ?? 0));
  bins.forEach((bin, i) => {
    for (const place of take(bin, Math.floor((most - taken.length) / (bins.length - i)), random)) taken.push(place);
  });
  return Uint32Array.from(taken).sort();
}

/** How many values are smaller, for each of them. */
function ranksOf(values: Float32Array): Uint32Array {
  const ascending = values.slice().sort(), ranks = new Uint32Array(values.length);
  values.forEach((value, i) => ranks[i] = firstAtLeast(ascending, value));
  return ranks;
}

function take(places: number[], most: number, random: RandomStream): number[] {
  return places.length <= most ? places : random.shuffle(places).slice(0, most);
}
