/**
 * The straight one-class SVM solved exactly, in the plane. @module
 *
 * The dual asks for the point nearest to the origin of the reduced convex hull {Σ a_i x_i : 0 ≤ a_i ≤ 1/(νn), Σ a_i = 1}: that point is w.
 * Source: Wolfe, "Finding the nearest point in a polytope", Math. Programming 11, 1976. Its corral has two points at most in the plane,
 * unless the origin is inside. The farthest point of the hull against a direction is the mean of the νn smallest projections on it.
 */
import type { LinearBoundary } from "./boundary.ts";
import { OriginInside } from "./errors.ts";
import { nthSmallest } from "./nth_smallest.ts";

type Point = readonly [number, number];

/** Wolfe's method ends when the squared distance can fall by no more than this share of itself. */
const GAP = 1e-12;

/** A nearest point below this share of the largest pair is the origin itself, but for rounding. */
const NOTHING = 1e-12;

/** Rounds: each corral is nearer than the one before, so none comes twice; data takes about ten. */
const MOST_ROUNDS = 1000;

/**
 * The line of `pairs`, n × 2, and `nu` in (0, 1]: w of Σ a = 1, and the middle of the admissible offsets. It turns and shrinks as the
 * pairs do. @throws {OriginInside}
 */
export function minimumNormBoundary(pairs: Float64Array, nu: number): LinearBoundary {
  const count = pairs.length / 2, projections = new Float64Array(count), scratch = new Float64Array(count);
  const mass = wholeOr(nu * count), largest = pairs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const project = (u: Point) => {
    for (let i = 0; i < count; i++) projections[i] = u[0] * pairs[2 * i] + u[1] * pairs[2 * i + 1];
    scratch.set(projections);
  };
  const farthestAgainst = (u: Point): Point => {
    project(u);
    return lowestMean(pairs, projections, nthSmallest(scratch, Math.ceil(mass) - 1), mass);
  };
  let corral: readonly Point[] = [farthestAgainst([1, 1])], w = corral[0];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (Math.hypot(...w) <= NOTHING * largest) throw new OriginInside(count, nu);
    const found = farthestAgainst(w);
    if (dot(w, w) - dot(w, found) <= GAP * dot(w, w)) break;
    const next = nearestOf([...corral, found]);
    if (next === undefined) throw new OriginInside(count, nu);
    if (!(dot(next.point, next.point) < dot(w, w))) break; // rounding leaves nothing to win
    ({ point: w, corral } = next);
  }
  project(w);
  const low = nthSmallest(scratch, Math.ceil(mass) - 1);
  const high = Math.floor(mass) < count ? nthSmallest(scratch, Math.floor(mass)) : low;
  return { w: [w[0], w[1]], rho: (low + high) / 2 };
}

const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1];

/** A product that only rounding keeps from being whole. */
function wholeOr(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) <= 1e-12 * value ? whole : value;
}

/** Mean of the pairs whose projections are the `mass` smallest, of which `threshold` is the last; ties count by index, the last in part. */
function lowestMean(pairs: Float64Array, projections: Float64Array, threshold: number, mass: number): Point {
  let x = 0, y = 0, left = mass;
  for (let i = 0; i < projections.length; i++) {
    if (!(projections[i] < threshold)) continue;
    x += pairs[2 * i];
    y += pairs[2 * i + 1];
    left--;
  }
  for (let i = 0; i < projections.length && left > 0; i++) {
    if (projections[i] !== threshold) continue;
    const weight = Math.min(1, left);
    x += weight * pairs[2 * i];
    y += weight * pairs[2 * i + 1];
    left -= weight;
  }
  return [x / mass, y / mass];
}

/** The point nearest to the origin of a segment or a triangle, and the corners it lies between; undefined where the origin is inside. */
function nearestOf(corners: readonly Point[]): { point: Point; corral: readonly Point[] } | undefined {
  const sides = corners.map((corner, i): readonly [Point, Point] => [corner, corners[(i + 1) % corners.length]]);
  const turns = sides.map(([a, b]) => a[0] * b[1] - a[1] * b[0]);
  if (corners.length === 3 && (turns.every((turn) => turn > 0) || turns.every((turn) => turn < 0))) return undefined;
  return sides.map(([a, b]) => nearestBetween(a, b)).reduce((best, other) =>
    dot(other.point, other.point) < dot(best.point, best.point) ? other : best
  );
}

function nearestBetween(a: Point, b: Point): { point: Point; corral: readonly Point[] } {
  const along: Point = [b[0] - a[0], b[1] - a[1]], length = dot(along, along), t = -dot(a, along) / length;
  if (!(t > 0)) return { point: a, corral: [a] }; // also where both are one
  if (t >= 1) return { point: b, corral: [b] };
  return { point: [a[0] + t * along[0], a[1] + t * along[1]], corral: [a, b] };
}
