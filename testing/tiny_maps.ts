/** Small maps of both branches, as normal scans give them and as defects do. @module */
import { type BranchMaps, randomStream, type ScoreMap } from "../core/mod.ts";

/** Pixels along a side of the maps. */
const SIDE = 32;

/** Radius of the part in the middle, pixels. */
const RADIUS = 12;

/** What the normal maps are like: as usual, or with a branch that has nothing to say. */
export type TinyMapsKind = "usual" | "silent" | "same feature" | "same missing" | "nothing";

/** All of them. */
export const tinyMapsKinds: readonly TinyMapsKind[] = ["usual", "silent", "same feature", "same missing", "nothing"];

/** A map whose score is its maximum. */
export function mapOf(values: Float32Array): ScoreMap {
  return { size: Math.sqrt(values.length), values, score: values.reduce((most, value) => Math.max(most, value), 0) };
}

/**
 * The maps of a normal scan, 32 × 32: a disc whose feature scores are 0.2 to 1.4, and a missing-region map in millimetres that is 0 but for
 * a false alarm or two of less than a millimetre. Another seed is another scan.
 */
export function tinyMaps(seed: number, kind: TinyMapsKind = "usual"): BranchMaps {
  const random = randomStream(seed, "testing/tiny-maps");
  const feature = new Float32Array(SIDE * SIDE), missing = new Float32Array(SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const odd = random.uniform(), alarm = random.uniform(), depth = random.uniform();
    if (Math.hypot(i % SIDE - SIDE / 2, Math.floor(i / SIDE) - SIDE / 2) > RADIUS) continue;
    feature[i] = kind === "nothing" ? 0 : kind === "same feature" ? 0.5 : 0.2 + 1.2 * odd ** 4;
    if (kind === "same missing") missing[i] = 2;
    else if ((kind === "usual" || kind === "same feature") && alarm > 0.97) missing[i] = 0.1 + 0.8 * depth;
  }
  return { feature: mapOf(feature), missing: mapOf(missing) };
}

/** The same maps with a defect in each branch: a square of feature scores of 8, and a piece of 4 × 6 pixels that lacks up to 6 mm. */
export function withDefects({ feature, missing }: BranchMaps): BranchMaps {
  const odd = feature.values.slice(), gone = missing.values.slice();
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 6; column++) {
      const inner = row * SIDE + column + 12;
      if (column < 4) odd[10 * SIDE + inner] = 8;
      odd[18 * SIDE + inner] = 0; // where nothing was measured no surface is odd
      gone[18 * SIDE + inner] = column + 1;
    }
  }
  return { feature: mapOf(odd), missing: mapOf(gone) };
}
