/**
 * Training scans that may not be normal: what they score by all others stands far out. @module
 *
 * With the median m of the held-out scores and their median absolute deviation d, a scan is suspect above m + 6 · max(1.4826 d, m / 6). The
 * factor 1.4826 makes d the deviation of a normal distribution; a few odd scans move neither m nor d. The least spread of m / 6 keeps alike
 * scores alike: what scores less than twice the median is never named.
 */
import type { HeldOutScore } from "./plugin.ts";

/** Spreads above the median that a scan is suspect from. */
const FACTOR = 6;

/** From the median absolute deviation to the deviation of a normal distribution, 1 / Φ⁻¹(3/4). */
const NORMAL = 1.4826;

/** Fewer scores than this don't tell what is usual. */
const LEAST_SCANS = 8;

/** Names of the scans that stand far out, the most suspect first; none of fewer than 8 scans. */
export function suspectScans(heldOut: readonly Pick<HeldOutScore, "name" | "score">[]): readonly string[] {
  if (heldOut.length < LEAST_SCANS) return [];
  const middle = median(heldOut.map(({ score }) => score));
  const spread = NORMAL * median(heldOut.map(({ score }) => Math.abs(score - middle)));
  const limit = middle + FACTOR * Math.max(spread, middle / FACTOR);
  return heldOut.filter(({ score }) => score > limit).toSorted((a, b) => b.score - a.score).map(({ name }) => name);
}

/** A sentence for people about each suspect scan, without a full stop: what it scores, and what the others do. */
export function suspectNotes(heldOut: readonly Pick<HeldOutScore, "name" | "score">[]): readonly string[] {
  const suspects = new Set(suspectScans(heldOut));
  const others = heldOut.filter(({ name }) => !suspects.has(name)).map(({ score }) => score);
  const range = `${rounded(Math.min(...others))} to ${rounded(Math.max(...others))}`;
  return [...suspects].map((name) => {
    const { score } = heldOut.find((one) => one.name === name)!;
    return `${name} scores ${
      rounded(score)
    } where the other normal scans score ${range}: is it defective? It stays in the model`;
  });
}

const rounded = (score: number) => String(Number(score.toPrecision(2)));

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b), half = sorted.length / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half) - (half % 1 === 0 ? 1 : 1)]) / 2;
}
