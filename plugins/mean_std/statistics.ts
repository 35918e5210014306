/** Mean and deviation of both branches over normal scans, in one pass and float64. @module */
import type { MeanStdOptions } from "./options.ts";

/** Values of one map; float32 in maps. */
type Values = Float32Array | Float64Array;

/** How the values of a branch are spread. */
export interface Spread {
  /** How many values. */
  readonly count: number;
  /** 0 where there is no value. */
  readonly mean: number;
  /** Population deviation; exactly 0 where all values are the same, or there is none. */
  readonly deviation: number;
}

/** What normal maps look like; each place counts once, so a scan counts by the places it shows. */
export interface NormalStatistics {
  /** The feature map's. */
  readonly feature: Spread;
  /** The missing-region map's. */
  readonly missing: Spread;
  /** Mean of the feature maps' largest values, each scan once; 0 without a scan. */
  readonly peak: number;
}

/** Adds up maps one at a time: nothing but sums is kept. */
export interface Gathering {
  /** Adds the maps of one scan, place by place. */
  add(feature: Values, missing: Values): void;
  /** What was added so far. */
  statistics(): NormalStatistics;
}

/** Statistics of no scan yet. */
export function gatherStatistics(places: MeanStdOptions["places"]): Gathering {
  const feature = runningSpread(), missing = runningSpread(), peaks = runningSpread();
  return {
    add(s1, s2) {
      let peak = 0;
      for (let i = 0; i < s1.length; i++) {
        const either = places === "either" && (s1[i] > 0 || s2[i] > 0);
        if (either || s1[i] > 0) feature.add(s1[i]);
        if (either || s2[i] > 0) missing.add(s2[i]);
        peak = Math.max(peak, s1[i]);
      }
      peaks.add(peak);
    },
    statistics: () => ({ feature: feature.spread(), missing: missing.spread(), peak: peaks.spread().mean }),
  };
}

/** Welford's recurrence: a mean far from 0 costs no digits of the deviation. */
function runningSpread() {
  let count = 0, mean = 0, squares = 0;
  return {
    add(value: number): void {
      const before = value - mean;
      mean += before / ++count;
      squares += before * (value - mean);
    },
    spread: (): Spread => ({ count, mean, deviation: count > 0 ? Math.sqrt(squares / count) : 0 }),
  };
}
