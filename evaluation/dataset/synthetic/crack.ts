/** Cracks: a V-shaped groove along a random smooth curve. @module */
import { type Damage, LEAST_PIXELS, placeOn, unchanged, type Workpiece } from "./damage.ts";
import { logBetween } from "./smooth_field.ts";
import { nodesWithin, type Surface, touches } from "./surface.ts";

/** Distance between the curve's points, metres. */
const STRIDE = 0.0004;
/** Curves tried; the first that stays on the part is taken, else the one that stays on it longest. */
const TRIES = 60;

/** A curve from its middle both ways, its direction a random walk; it ends where it would leave the part. */
function curve(piece: Workpiece, length: number): [number, number][] {
  const { surface, stream } = piece;
  const [x, y] = placeOn(piece, 0.05 * piece.extent);
  const direction = 2 * Math.PI * stream.uniform();
  const points: [number, number][] = [[x, y]];
  for (const way of [0, Math.PI]) {
    let [px, py, heading, bend] = [x, y, direction + way, 0];
    for (let along = STRIDE; along < length / 2; along += STRIDE) {
      bend += 12 * STRIDE * stream.normal() - 0.05 * bend;
      heading += bend + 4 * STRIDE * stream.normal();
      [px, py] = [px + STRIDE * Math.cos(heading), py + STRIDE * Math.sin(heading)];
      if (!touches(surface, surface.present, px, py)) break;
      points.push([px, py]);
    }
  }
  return points;
}

/** Squared distance of each node near the curve to it, within `radius`. */
function nearCurve(surface: Surface, points: readonly [number, number][], radius: number): Map<number, number> {
  const nearest = new Map<number, number>();
  for (const point of points) {
    nodesWithin(surface, point, radius, (node, squared) => {
      if (surface.present[node] && squared < (nearest.get(node) ?? Infinity)) nearest.set(node, squared);
    });
  }
  return nearest;
}

/** Length 0.1 to 0.4 of the extent, depth 0.01 to 0.03, width 0.01 but at least three pixels. */
export function crack(piece: Workpiece): Damage {
  const { extent, pitch, stream } = piece;
  const length = logBetween(stream, 0.1, 0.4) * extent, depth = logBetween(stream, 0.01, 0.03) * extent;
  const half = Math.max(0.01 * extent, LEAST_PIXELS * pitch) / 2;
  const wanted = Math.floor(length / STRIDE);
  let points: [number, number][] = [];
  for (let tries = 0; tries < TRIES && points.length < wanted - 2; tries++) {
    const next = curve(piece, length);
    if (next.length > points.length) points = next;
  }
  const { surface, changed } = unchanged(piece.surface);
  for (const [node, squared] of nearCurve(surface, points, half)) {
    surface.heights[node] -= depth * (1 - Math.sqrt(squared) / half);
    changed[node] = 1;
  }
  const [x, y] = points[0];
  return { surface, changed, parameters: { length: points.length * STRIDE, depth, width: 2 * half, x, y } };
}
