/** What is measured: anomaly maps with their truth, from a source that can be walked several times. @module */
import { MapRefused } from "../errors.ts";
import { isNanBits, scoreBits } from "./score_keys.ts";

/** The defect type of scans that have none. */
export const GOOD = "good";

/** One scored map with its truth. */
export interface ScoredMap {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** `width × height`, row-major, higher is more anomalous, never NaN. */
  readonly scores: Float32Array;
  /** `width × height`; not 0 where the place is anomalous. */
  readonly truth: Uint8Array;
  /** The defect type, such as `bent`; `good` where there is none. */
  readonly defect: string;
  /** What the map is called in messages, such as `bent/005`; without it, its place in the walk. */
  readonly name?: string;
}

/** Maps that can be walked several times (from memory, or a spool on disk). Each walk gives the same maps in the same order. */
export interface ScoredMaps {
  /** All maps, one at a time. */
  walk(): AsyncIterable<ScoredMap>;
}

/** Refuses a map of the wrong size, or with a NaN. `index` is its place in the walk, from 0. @throws {MapRefused} */
export function assertMeasurable(map: ScoredMap, index: number): void {
  const { width, height, scores, truth } = map;
  const called = `map ${index} ("${map.name ?? map.defect}")`;
  if (scores.length !== width * height || truth.length !== width * height) {
    throw new MapRefused(
      called,
      "wrong-size",
      `${width} × ${height} places, but ${scores.length} scores and ${truth.length} places of truth`,
    );
  }
  const bits = scoreBits(scores);
  for (let i = 0; i < bits.length; i++) {
    if (!isNanBits(bits[i])) continue;
    throw new MapRefused(
      called,
      "not-a-number",
      `the score at column ${i % width}, row ${Math.floor(i / width)} is NaN; a map says 0 where it has nothing to say`,
    );
  }
}
