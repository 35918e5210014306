/** What both branches say of the places of normal scans. @module */
import type { BranchMaps } from "../../core/mod.ts";

/** What a branch says of all places. */
export interface BranchPlaces {
  /** Its values above 0, rising. */
  readonly values: Float32Array;
  /** How many scans have such a value. */
  readonly scans: number;
}

/** The places of normal scans: those where a branch says anything; the background tells nothing. */
export interface NormalPlaces {
  /** How many scans. */
  readonly scans: number;
  /** How many places they have together. */
  readonly places: number;
  /** The extractor's. */
  readonly feature: BranchPlaces;
  /** The reconstructor's. */
  readonly missing: BranchPlaces;
}

/** Collects maps one at a time and keeps what is above 0 of them, 4 bytes a value. */
export function gatherPlaces() {
  const feature = positives(), missing = positives();
  let scans = 0, places = 0;
  return {
    /** Adds the maps of one scan. */
    add({ feature: { values: s1 }, missing: { values: s2 } }: BranchMaps): void {
      scans++;
      for (let i = 0; i < s1.length; i++) if (s1[i] > 0 || s2[i] > 0) places++;
      feature.add(s1);
      missing.add(s2);
    },
    /** All that was added. */
    places: (): NormalPlaces => ({ scans, places, feature: feature.sorted(), missing: missing.sorted() }),
  };
}

function positives() {
  const kept: Float32Array[] = [];
  return {
    add(values: Float32Array): void {
      const above = values.filter((value) => value > 0);
      if (above.length > 0) kept.push(above);
    },
    sorted(): BranchPlaces {
      const values = new Float32Array(kept.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const above of kept) values.set(above, at), at += above.length;
      return { values: values.sort(), scans: kept.length };
    },
  };
}
