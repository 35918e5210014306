/**
 * How a prepared part lies before the sensor: viewing rays, its main piece, its size, the pixel's pitch, the sensor's noise. @module
 *
 * All of it is estimated from the points and their pixels alone, since a scan brings no camera with it.
 */
import type { Prepared } from "./prepared.ts";

/** A part as the sensor sees it; lengths in metres. Whatever is by point has `count` entries, of all pieces. */
export interface PartView {
  /** Side of the map, pixels. */
  readonly side: number;
  /** `side²`: the point of each map pixel, −1 where there is none. */
  readonly pointAt: Int32Array;
  /** Row-major map pixel of each point. */
  readonly pixels: Uint32Array;
  /** `count × 3`: unit vectors along the viewing rays, away from the sensor. A point that moves along its ray keeps its pixel. */
  readonly rays: Float64Array;
  /** `count × 3`: two coordinates across the middle ray and one along it, away from the sensor. */
  readonly places: Float64Array;
  /** Points of the main piece, the 8-connected one of most pixels, ascending. Remains of a table are other pieces. */
  readonly piece: Uint32Array;
  /** Diagonal of the main piece's bounding box. */
  readonly size: number;
  /** Median distance, across the rays, of points at neighbouring pixels of a row. */
  readonly pitch: number;
  /** Standard deviation of the sensor's noise along the rays; 0 where the piece has too few whole neighbourhoods to tell. */
  readonly noise: number;
}

/** The view of a scan; undefined where its main piece has fewer than `least` points. */
export function partView(scan: Pick<Prepared, "hostPoints" | "pixels" | "frame">, least: number): PartView | undefined {
  const { hostPoints, pixels, frame: { size: side } } = scan;
  const pointAt = new Int32Array(side * side).fill(-1);
  pixels.forEach((pixel, i) => pointAt[pixel] = i);
  const piece = mainPiece(pointAt, side);
  if (piece.length < least) return undefined;
  const rays = viewingRays(hostPoints, pixels, side, piece);
  const places = placesAcross(hostPoints, rays, piece);
  const pitch = pitchOf(places, pointAt, pixels, side, piece);
  const size = diagonal(hostPoints, piece);
  const noise = noiseOf(places, pointAt, pixels, side, piece);
  return { side, pointAt, pixels, rays, places, piece, size, pitch, noise };
}

/** The points at the 8 neighbours of a pixel, where there are any. */
export function* pointsAround({ pointAt, side }: Pick<PartView, "pointAt" | "side">, pixel: number): Generator<number> {
  const row = Math.floor(pixel / side), column = pixel % side;
  for (let r = Math.max(0, row - 1); r <= Math.min(side - 1, row + 1); r++) {
    for (let c = Math.max(0, column - 1); c <= Math.min(side - 1, column + 1); c++) {
      const near = r * side + c;
      if (near !== pixel && pointAt[near] >= 0) yield pointAt[near];
    }
  }
}

/** Of equal pieces the first in row-major order. */
function mainPiece(pointAt: Int32Array, side: number): Uint32Array {
  const seen = new Uint8Array(pointAt.length);
  let largest: number[] = [];
  for (let start = 0; start < pointAt.length; start++) {
    if (pointAt[start] < 0 || seen[start]) continue;
    const found = [start];
    seen[start] = 1;
    for (let next = 0; next < found.length; next++) {
      const row = Math.floor(found[next] / side), column = found[next] % side;
      for (let r = Math.max(0, row - 1); r <= Math.min(side - 1, row + 1); r++) {
        for (let c = Math.max(0, column - 1); c <= Math.min(side - 1, column + 1); c++) {
          const near = r * side + c;
          if (pointAt[near] < 0 || seen[near]) continue;
          seen[near] = 1;
          found.push(near);
        }
      }
    }
    if (found.length > largest.length) largest = found;
  }
  return Uint32Array.from(largest, (pixel) => pointAt[pixel]).sort();
}

/**
 * Rays from the origin where the pixels follow (x/z, y/z) clearly better than (x, y), else all along +z. A part far from the origin
 * follows both, and then the two hardly differ.
 */
function viewingRays(points: Float32Array, pixels: Uint32Array, side: number, piece: Uint32Array): Float64Array {
  const central = piece.every((i) => points[3 * i + 2] > 0) &&
    pixelMisfit(points, pixels, side, piece, true) < 0.8 * pixelMisfit(points, pixels, side, piece, false);
  const rays = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i], points[i + 1], points[i + 2]];
    const length = Math.hypot(x, y, z);
    rays.set(central && length > 0 ? [x / length, y / length, z / length] : [0, 0, 1], i);
  }
  return rays;
}

/** Sum of squares, pixels², that an affine function of (x, y), or of (x/z, y/z), leaves of the columns and rows. */
function pixelMisfit(points: Float32Array, pixels: Uint32Array, side: number, piece: Uint32Array, central: boolean) {
  const n = piece.length, mean = new Float64Array(4), moments = new Float64Array(16);
  const values = (i: number) => {
    const depth = central ? points[3 * i + 2] : 1;
    return [points[3 * i] / depth, points[3 * i + 1] / depth, pixels[i] % side, Math.floor(pixels[i] / side)];
  };
  for (const i of piece) values(i).forEach((value, k) => mean[k] += value / n);
  for (const i of piece) {
    const off = values(i).map((value, k) => value - mean[k]);
    for (let a = 0; a < 4; a++) for (let b = 0; b < 4; b++) moments[4 * a + b] += off[a] * off[b];
  }
  const [uu, uv, vv] = [moments[0], moments[1], moments[5]], determinant = uu * vv - uv * uv;
  if (!(determinant > 1e-12 * uu * vv)) return Infinity;
  return [2, 3].reduce((left, k) => {
    const [u, v] = [moments[k], moments[4 + k]];
    return left + moments[5 * k] - (vv * u * u - 2 * uv * u * v + uu * v * v) / determinant;
  }, 0);
}

function placesAcross(points: Float32Array, rays: Float64Array, piece: Uint32Array): Float64Array {
  const middle = [0, 0, 0];
  for (const i of piece) for (let axis = 0; axis < 3; axis++) middle[axis] += rays[3 * i + axis];
  const length = Math.hypot(...middle), [wx, wy, wz] = middle.map((value) => value / length);
  // x without its part along w; a sensor that looks along x is taken by y
  const from = Math.abs(wx) < 0.9 ? [1 - wx * wx, -wx * wy, -wx * wz] : [-wx * wy, 1 - wy * wy, -wy * wz];
  const across = Math.hypot(...from), [ux, uy, uz] = from.map((value) => value / across);
  const [vx, vy, vz] = [wy * uz - wz * uy, wz * ux - wx * uz, wx * uy - wy * ux];
  const places = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i], points[i + 1], points[i + 2]];
    places.set([ux * x + uy * y + uz * z, vx * x + vy * y + vz * z, wx * x + wy * y + wz * z], i);
  }
  return places;
}

function diagonal(points: Float32Array, piece: Uint32Array): number {
  const least = [Infinity, Infinity, Infinity], most = [-Infinity, -Infinity, -Infinity];
  for (const i of piece) {
    for (let axis = 0; axis < 3; axis++) {
      least[axis] = Math.min(least[axis], points[3 * i + axis]);
      most[axis] = Math.max(most[axis], points[3 * i + axis]);
    }
  }
  return Math.hypot(...most.map((value, axis) => value - least[axis]));
}

function pitchOf(places: Float64Array, pointAt: Int32Array, pixels: Uint32Array, side: number, piece: Uint32Array) {
  const steps: number[] = [];
  for (const i of piece) {
    const next = pixels[i] % side === side - 1 ? -1 : pointAt[pixels[i] + 1];
    if (next >= 0) steps.push(Math.hypot(places[3 * next] - places[3 * i], places[3 * next + 1] - places[3 * i + 1]));
  }
  return median(steps);
}

/** Least whole neighbourhoods from which the noise is told. */
const LEAST_NEIGHBOURHOODS = 30;

/**
 * The mask (1, −2, 1) ⊗ (1, −2, 1) on the depths has no response to planes, nor to any f(column) + g(row), and to white noise of σ one
 * of standard deviation 6 σ; its median magnitude does not see edges. Source: Immerkær, "Fast Noise Variance Estimation", CVIU 64(2),
 * 1996, with the median in place of the mean.
 */
function noiseOf(places: Float64Array, pointAt: Int32Array, pixels: Uint32Array, side: number, piece: Uint32Array) {
  const responses: number[] = [];
  for (const i of piece) {
    const row = Math.floor(pixels[i] / side), column = pixels[i] % side;
    if (row === 0 || column === 0 || row === side - 1 || column === side - 1) continue;
    let response = 0;
    for (let r = -1; r <= 1; r++) {
      for (let c = -1; c <= 1; c++) {
        const near = pointAt[pixels[i] + r * side + c];
        response += near < 0 ? NaN : (r === 0 ? -2 : 1) * (c === 0 ? -2 : 1) * places[3 * near + 2];
      }
    }
    if (!Number.isNaN(response)) responses.push(Math.abs(response));
  }
  return responses.length < LEAST_NEIGHBOURHOODS ? 0 : median(responses) / 0.6745 / 6;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
