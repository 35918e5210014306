/** The plane of both branches as a report draws it. @module */
import type { FusionPlane, RandomStream } from "../../core/mod.ts";
import type { Boundary } from "./fit_boundary.ts";
import { type NormalPairs, planePairs, stratifiedPlaces } from "./pairs.ts";

/** Normal places that are kept for the picture. */
const MOST_SHOWN = 2000;

/** The sample of normal places, half of it from the tails, and the boundary's lines. */
export function fusionPlane(pairs: NormalPairs, scale: number, boundary: Boundary, random: RandomStream): FusionPlane {
  const normal = Float32Array.from(planePairs(pairs, scale, stratifiedPlaces(pairs, MOST_SHOWN, random)));
  const lines = "line" in boundary
    ? segmentIn(boundary.line, normal)
    : boundary.lines.map((line) => Float32Array.from(line));
  return { scale, normal, boundary: lines };
}

/** The part of w · x = ρ over the range of the pairs, from 0 on; none where it misses that. */
function segmentIn(
  { w: [w1, w2], rho }: { readonly w: readonly [number, number]; readonly rho: number },
  normal: Float32Array,
): Float32Array[] {
  let right = 0, top = 0;
  for (let i = 0; i < normal.length; i += 2) {
    right = Math.max(right, normal[i]);
    top = Math.max(top, normal[i + 1]);
  }
  // no component of w is 0; the line falls, so it enters the range at its left or upper side
  const yAt = (x: number) => (rho - w1 * x) / w2, xAt = (y: number) => (rho - w2 * y) / w1;
  const start = yAt(0) <= top ? [0, yAt(0)] : [xAt(top), top],
    end = yAt(right) >= 0 ? [right, yAt(right)] : [xAt(0), 0];
  return start[0] < end[0] && start[1] >= 0 ? [Float32Array.from([...start, ...end])] : [];
}
