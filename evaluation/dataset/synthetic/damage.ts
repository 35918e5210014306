/** What a defect does to a surface, and where on a part one may be. @module */
import type { RandomStream } from "../../../core/mod.ts";
import { partNodes, placeOf, slopeAt, type Surface, touches } from "./surface.ts";

/** A surface with a defect. */
export interface Damage {
  readonly surface: Surface;
  /** `size × size` of the surface; 1 at nodes whose height is the defect's. */
  readonly changed: Uint8Array;
  /** What was drawn, metres, for the manifest. */
  readonly parameters: Readonly<Record<string, number | string>>;
}

/** A surface to be damaged. */
export interface Workpiece {
  readonly surface: Surface;
  /** The part's extent, metres. */
  readonly extent: number;
  /** Distance of measured places, metres: a defect is never less than three of them across. */
  readonly pitch: number;
  readonly stream: RandomStream;
}

/** A defect is at least this many pixels across. */
export const LEAST_PIXELS = 3;

/** A copy of the surface that can be written, and an empty set of changed nodes. */
export function unchanged(surface: Surface): { surface: Surface; changed: Uint8Array } {
  return { surface: { ...surface, heights: surface.heights.slice() }, changed: new Uint8Array(surface.heights.length) };
}

/** Steepest slope (dz over distance) at which a defect's middle may lie: 39 degrees, still well seen from above. */
const STEEPEST = 0.8;

/** Share of a circle around a place that lies on the part. */
function coverage(surface: Surface, x: number, y: number, radius: number): number {
  let inside = 0;
  for (let i = 0; i < 16; i++) {
    const direction = 2 * Math.PI * i / 16;
    inside += touches(surface, surface.present, x + radius * Math.cos(direction), y + radius * Math.sin(direction))
      ? 1
      : 0;
  }
  return inside / 16;
}

/**
 * A place on the part around which a circle of `radius` lies on it, on no steep slope. Where there is none (a
 * part thinner than the circle) the best of the places tried.
 */
export function placeOn({ surface, stream }: Workpiece, radius: number): [number, number] {
  const nodes = partNodes(surface);
  let best: [number, number] = [0, 0], bestFault = Infinity;
  for (let tries = 0; tries < 300 && bestFault > 0; tries++) {
    const [x, y] = placeOf(surface, nodes[stream.integer(nodes.length)]);
    const steep = Math.max(0, Math.hypot(...slopeAt(surface, x, y)) - STEEPEST);
    const fault = steep + 4 * (1 - coverage(surface, x, y, radius));
    if (fault < bestFault) [best, bestFault] = [[x, y], fault];
  }
  return best;
}

/** Cosine of the slope at a place: heights along the normal are this much less than along z. */
export function uprightness(surface: Surface, [x, y]: readonly [number, number]): number {
  return 1 / Math.hypot(1, ...slopeAt(surface, x, y));
}
