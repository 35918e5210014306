/** Why places of a map are marked: what each patch of a scan was measured by, and the normal patches that it is most like. @module */
import type { MapFrame, ScoreMap } from "./prepared.ts";

/** One of the ways in which an extractor holds a patch against normal ones. */
export interface ExplainedChannel {
  /** Such as `place`. */
  readonly name: string;
  /** What its values are, in words for people, such as `distance to the nearest normal patch`. */
  readonly meaning: string;
  /** What they are held against, in the form of `normal scans have here`. */
  readonly against: string;
  /** Of its values; null where they have none, such as distances of features. */
  readonly unit: "m" | null;
  /** Its share of a patch's score, 0 to 1; 0 where it is only told. */
  readonly share: number;
}

/** A normal scan that patches were learned from. */
export interface NormalScanSource {
  /** The scan's. */
  readonly name: string;
  /** How its map lies over it; null where it was refused, and no patch is from it. */
  readonly frame: MapFrame | null;
}

/** The patches that the normal scans have to offer, one a patch of the scan. */
export interface NormalPatches {
  /** `count`: number of the normal scan, −1 where there is no such patch. */
  readonly scan: Int32Array;
  /** `count`: its map pixel in that scan's own map. */
  readonly pixel: Uint32Array;
  /** `count`: distance of the features. */
  readonly distance: Float32Array;
}

/** All patches of a scan. A table of channels is `count × channels`, row-major. */
export interface ExplainedPatches {
  /** How many. */
  readonly count: number;
  /** `count`: the map pixel of each. */
  readonly pixels: Uint32Array;
  /** `size²`: the patch of each map pixel, 0xffffffff where there is none. */
  readonly patchOf: Uint32Array;
  /** `count`: the score that is painted, before the map is smoothed; 1 has every channel where one normal patch in a hundred is above. */
  readonly score: Float32Array;
  /** What each channel measured. */
  readonly values: Float32Array;
  /** Mean of what normal patches have there. */
  readonly expected: Float32Array;
  /** Their deviation; 0 where nothing is known of it. */
  readonly spread: Float32Array;
  /** The value in units of it, (value − expected) / spread; 0 where nothing is known of that. */
  readonly z: Float32Array;
  /** The most alike of the memory bank. */
  readonly nearest: NormalPatches;
  /** `count`: mean and deviation of the distances that normal patches have to that one. */
  readonly usual: { readonly mean: Float32Array; readonly deviation: Float32Array };
  /** The most alike at the same place of the part; where the scan was registered. */
  readonly local?: NormalPatches;
}

/** What an extractor tells of a scan besides its map. */
export interface Explanation {
  /** The same map that a score gives. */
  readonly map: ScoreMap;
  /** What patches are judged by. */
  readonly channels: readonly ExplainedChannel[];
  /** What each is like, in these channels. */
  readonly patches: ExplainedPatches;
  /** The normal scans, by number. */
  readonly scans: readonly NormalScanSource[];
  /** How far the scan's registration is trusted, 0 to 1; 0 where there is none. */
  readonly trust: number;
}
