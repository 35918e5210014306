/**
 * Signed distances to a boundary that never fall where a branch rises. @module
 *
 * N↓ is everything that is at most as large, in both coordinates, as something normal. F(x) = min over z of N↓ of ‖(x − z)₊‖ where that is
 * above 0, else −min over z outside N↓ of ‖(z − x)₊‖. Both parts are non-decreasing in each coordinate, in float arithmetic too: each is a
 * minimum of sums of squares that only grow.
 *
 * The edge of N↓ is a frontier: points of rising x and falling y, N↓ their lower left quadrants together.
 */
import type { LinearBoundary } from "./boundary.ts";

/** Steps of the frontier's stairs, as a share of the larger of its greatest x and y: F is too large by less than one. */
const STEP = 1 / 2048;

/** Pieces that a step is put together from. */
const PIECES = 4;

interface Corner {
  readonly x: number;
  readonly y: number;
  readonly line: number;
  readonly index: number;
}

/** The upper right frontier of lines, each `n × 2`: `m × 2` in rising x, at most a few thousand points, most of them far fewer. */
export function frontierOf(lines: readonly Float64Array[]): Float64Array {
  const corners = undominated(lines), last = corners[corners.length - 1];
  if (corners.length === 0) return new Float64Array(0);
  const step = STEP * Math.max(Math.abs(last.x), Math.abs(corners[0].y));
  const points = corners.flatMap((corner, i): { x: number; y: number }[] => {
    const next = corners[i + 1];
    return next && areNeighbours(corner, next, lines) ? piecesOf(corner, next, step / PIECES) : [corner];
  });
  const kept = [points[0]];
  for (let i = 1; i < points.length; i++) {
    const { x, y } = kept[kept.length - 1], next = points[i + 1];
    // what is lost of N↓ between two kept points lies in the box between them, at most its shorter side from what stays
    if (!next || Math.min(next.x - x, y - next.y) > step) kept.push(points[i]);
  }
  return Float64Array.from(kept.flatMap(({ x, y }) => [x, y]));
}

/** Corners that no other is above and right of, in rising x. */
function undominated(lines: readonly Float64Array[]): Corner[] {
  const corners = lines.flatMap((points, line) =>
    Array.from(
      { length: points.length / 2 },
      (_, index) => ({ x: points[2 * index], y: points[2 * index + 1], line, index }),
    )
  );
  corners.sort((a, b) => b.x - a.x || b.y - a.y || a.line - b.line || a.index - b.index);
  let highest = -Infinity;
  const kept = corners.filter(({ y }) => {
    const isHigher = y > highest;
    if (isHigher) highest = y;
    return isHigher;
  });
  return kept.reverse();
}

/** Whether the line runs straight from one to the other; a closed line has its first corner at its end too. */
function areNeighbours(a: Corner, b: Corner, lines: readonly Float64Array[]): boolean {
  if (a.line !== b.line) return false;
  const points = lines[a.line], steps = points.length / 2 - 1;
  const isClosed = points[0] === points[2 * steps] && points[1] === points[2 * steps + 1];
  const apart = Math.abs(a.index - b.index);
  return apart === 1 || (isClosed && apart === steps - 1);
}

/** The first point, and others on the way to the second, as many as make each piece's shorter side at most `most`. */
function piecesOf(from: Corner, to: Corner, most: number): { x: number; y: number }[] {
  const width = to.x - from.x, height = to.y - from.y, pieces = Math.max(1, Math.ceil(Math.min(width, -height) / most));
  return Array.from({ length: pieces }, (_, i) => ({
    x: from.x + width * i / pieces,
    y: from.y + height * i / pieces,
  }));
}

/** F of (x, y), by the definition: above 0 outside N↓, at most 0 within it. `kernels/frontier_distance.ts` has it for whole maps. */
export function monotoneDistance(frontier: Float64Array, x: number, y: number): number {
  const count = frontier.length / 2;
  let outside = Infinity;
  for (let k = 0; k < count; k++) outside = Math.min(outside, above(x - frontier[2 * k], y - frontier[2 * k + 1]));
  if (outside > 0) return Math.sqrt(outside);
  let inside = Infinity;
  for (let k = 0; k <= count; k++) { // corners between the stairs: as low as the next point, as far right as the one before
    const left = k > 0 ? frontier[2 * k - 2] : -Infinity, low = k < count ? frontier[2 * k + 1] : -Infinity;
    inside = Math.min(inside, above(left - x, low - y));
  }
  return inside > 0 ? -Math.sqrt(inside) : 0;
}

/** ‖(x, y)₊‖². */
function above(x: number, y: number): number {
  const right = Math.max(0, x), up = Math.max(0, y);
  return right * right + up * up;
}

/**
 * F of (x, y) for a line: its signed distance. A weight below 0 counts as 0, and without one above 0 it is 0 everywhere.
 */
export function linearDistance({ w, rho }: LinearBoundary, x: number, y: number): number {
  const a = Math.max(0, w[0]), b = Math.max(0, w[1]), length = Math.hypot(a, b);
  return length > 0 ? (a * x + b * y - rho) / length : 0;
}
