/**
 * The lines on which a decision function is 0: marching squares, each corner found exactly. @module
 *
 * A grid edge with a change of sign gives a corner, by Newton's method held in the bracket; between two corners one more point is put on
 * the line, by z ← z − f∇f/‖∇f‖². Between points the line is straight: off by the square of a quarter cell times the curvature at most.
 */
import { decisionGrid, SILENT } from "./decision_grid.ts";
import { decision, type KernelBoundary } from "./smo.ts";

type Point = readonly [number, number];

/** Steps towards the line for a point between two corners. */
const NEWTON_STEPS = 3;

/** Steps along an edge at most; halving alone would reach the last digit in so many. */
const EDGE_STEPS = 60;

/**
 * Closed lines, each `n × 2` with its first point again at its end. A region that is smaller than a cell of the grid is not seen; where
 * none is, there is one line of one point, the support of the greatest f.
 */
export function boundaryLines(boundary: KernelBoundary): Float64Array[] {
  const { x, y, f } = decisionGrid(boundary), links = new Map<number, number[]>();
  const slopeAt = slopeOf(boundary);
  const centre = (r: number, c: number) => decision(boundary, (x[c] + x[c + 1]) / 2, (y[r] + y[r + 1]) / 2);
  for (let r = 0; r + 1 < y.length; r++) {
    for (let c = 0; c + 1 < x.length; c++) linkCell(links, f, x.length, r, c, centre);
  }
  const place = (edge: number): Point => {
    const node = edge >>> 1, r = Math.floor(node / x.length), c = node % x.length, isUpright = edge % 2 === 1;
    const end: Point = isUpright ? [x[c], y[r + 1]] : [x[c + 1], y[r]];
    return crossing(slopeAt, [x[c], y[r]], end, f[node] >= 0);
  };
  const lines = loops(links).map((edges) => refined(slopeAt, edges.map(place)));
  return lines.length > 0 ? lines : [innermost(boundary)];
}

/**
 * Links the crossed edges of a cell. The edge from a node to the next one in x has number 2 · node, in y 2 · node + 1. Where all four are
 * crossed, the middle of the cell says which corners belong together.
 */
function linkCell(
  links: Map<number, number[]>,
  f: Float64Array,
  width: number,
  r: number,
  c: number,
  centre: (r: number, c: number) => number,
): void {
  const node = r * width + c, isIn = (at: number) => f[at] >= 0;
  const a = isIn(node), b = isIn(node + 1), d = isIn(node + width), e = isIn(node + width + 1);
  if (a === b && b === d && d === e) return;
  const low = 2 * node, left = low + 1, right = left + 2, high = low + 2 * width;
  const link = (one: number, other: number) => {
    for (const [at, to] of [[one, other], [other, one]]) {
      const list = links.get(at);
      if (list) list.push(to);
      else links.set(at, [to]);
    }
  };
  if (a === e && b === d) { // a saddle
    const isJoined = centre(r, c) >= 0 === a;
    link(low, isJoined ? right : left);
    link(high, isJoined ? left : right);
  } else {
    const crossed = [a !== b ? low : -1, b !== e ? right : -1, d !== e ? high : -1, a !== d ? left : -1];
    const [one, other] = crossed.filter((edge) => edge >= 0);
    link(one, other);
  }
}

/** Follows links to closed lines, each from its first edge; no line leaves the grid, as f is below 0 around it. */
function loops(links: ReadonlyMap<number, readonly number[]>): number[][] {
  const seen = new Set<number>(), found: number[][] = [];
  for (const start of links.keys()) {
    if (seen.has(start)) continue;
    const line: number[] = [];
    for (let at: number | undefined = start; at !== undefined; at = links.get(at)!.find((to) => !seen.has(to))) {
      seen.add(at);
      line.push(at);
    }
    found.push([...line, start]);
  }
  return found;
}

/** Where f is 0 between two nodes of unlike sign. */
function crossing(slopeAt: Slope, start: Point, end: Point, isStartIn: boolean): Point {
  let low = 0, high = 1, t = 0.5; // share of the way: on the start's side at low
  for (let step = 0; step < EDGE_STEPS; step++) {
    const point = between(start, end, t), { f, slope } = slopeAt(point);
    if (f >= 0 === isStartIn) low = t;
    else high = t;
    const along = slope[0] * (end[0] - start[0]) + slope[1] * (end[1] - start[1]), newton = t - f / along;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 1e-13) break;
    t = next;
  }
  return between(start, end, t);
}

const between = (a: Point, b: Point, t: number): Point => [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];

/** f and ∇f at a point; what every support adds, but for those too far away to be heard. */
type Slope = (point: Point) => { f: number; slope: Point };

function slopeOf({ supports, alphas, rho, gamma }: KernelBoundary): Slope {
  const order = Array.from(alphas.keys()).sort((a, b) => supports[2 * a] - supports[2 * b]);
  const xs = Float64Array.from(order, (i) => supports[2 * i]), reach = Math.sqrt(SILENT / gamma);
  return ([x, y]) => {
    let f = -rho, alongX = 0, alongY = 0;
    for (let k = firstFrom(xs, x - reach); k < xs.length && xs[k] <= x + reach; k++) {
      const dx = x - xs[k], dy = y - supports[2 * order[k] + 1];
      const term = alphas[order[k]] * Math.exp(-gamma * (dx * dx + dy * dy));
      f += term;
      alongX -= 2 * gamma * dx * term;
      alongY -= 2 * gamma * dy * term;
    }
    return { f, slope: [alongX, alongY] };
  };
}

/** Index of the first of rising values that is not below a bound. */
function firstFrom(values: Float64Array, bound: number): number {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A line with a point of f = 0 between any two of its corners. */
function refined(slopeAt: Slope, corners: readonly Point[]): Float64Array {
  const points = corners.flatMap((corner, i) => i === 0 ? [corner] : [onLine(slopeAt, corners[i - 1], corner), corner]);
  return Float64Array.from(points.flat());
}

/** The middle of two points moved on to f = 0; left where it is when that would take it farther than they are apart. */
function onLine(slopeAt: Slope, a: Point, b: Point): Point {
  const middle = between(a, b, 0.5);
  let [x, y] = middle;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const { f, slope } = slopeAt([x, y]), square = slope[0] ** 2 + slope[1] ** 2;
    x -= f * slope[0] / square;
    y -= f * slope[1] / square;
  }
  const moved = Math.hypot(x - middle[0], y - middle[1]);
  return moved <= Math.hypot(b[0] - a[0], b[1] - a[1]) ? [x, y] : middle;
}

/** The support of the greatest f, the first of several. */
function innermost(boundary: KernelBoundary): Float64Array {
  const { supports, alphas } = boundary;
  const values = Array.from(alphas, (_, i) => decision(boundary, supports[2 * i], supports[2 * i + 1]));
  const at = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
  return supports.slice(2 * at, 2 * at + 2);
}
