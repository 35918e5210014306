/**
 * Where the pixels of a map look: found from what was measured, since a scan brings no camera with it. @module
 *
 * Pixel (u, v) = A q + b, q = (x/z, y/z), or (x, y) where that fits better, as in scans that were flattened; least squares in float64,
 * done once more without residuals above four times the median, which lenses and stray returns leave.
 */

/** Where pixels look. Pixel centres lie at whole numbers and a half. */
export interface Camera {
  /** A, 2 × 2 by rows: pixels a unit of q. */
  readonly matrix: readonly [number, number, number, number];
  /** b, pixels. */
  readonly offset: readonly [number, number];
  /** Whether all rays meet in the origin: q = (x/z, y/z). Otherwise they are parallel: q = (x, y). */
  readonly central: boolean;
  /** Root mean square of what the fit leaves, pixels. */
  readonly rms: number;
}

/** Most pixels that a fit may leave, to be believed. */
const WORST = 1;

/**
 * The camera from `count × 3` points, metres, and the `count × 2` pixels (u, v) at which they were seen; undefined where fewer than eight
 * points, points on a line, or more than a pixel's error leave it open.
 */
export function fitCamera(points: Float64Array, pixels: Float64Array): Camera | undefined {
  const inFront = points.every((value, i) => i % 3 !== 2 || value > 0);
  const fits = [inFront ? robustFit(points, pixels, true) : undefined, robustFit(points, pixels, false)];
  return fits.filter((fit) => fit !== undefined && fit.rms < WORST).sort((a, b) => a!.rms - b!.rms)[0];
}

/** Where a point is seen: u and v, pixels. Only points in front of a central camera are seen at all. */
export function pixelOf(
  { matrix: [a, b, c, d], offset, central }: Camera,
  x: number,
  y: number,
  z: number,
): readonly [u: number, v: number] {
  const p = central ? x / z : x, q = central ? y / z : y;
  return [a * p + b * q + offset[0], c * p + d * q + offset[1]];
}

/** How far apart neighbouring pixels of a map look at a part, metres: at its mean depth, across the viewing direction. */
export function pitchOf({ matrix: [a, b, c, d], central }: Camera, hostPoints: Float32Array): number {
  let depth = 0;
  for (let i = 2; i < hostPoints.length; i += 3) depth += hostPoints[i] / (hostPoints.length / 3);
  return (central ? depth : 1) / Math.sqrt(Math.abs(a * d - b * c));
}

/** A viewing ray: the points `from + t · along`, `along` not of unit length. */
export interface ViewingRay {
  /** Metres. */
  readonly from: readonly [number, number, number];
  /** Away from the sensor. */
  readonly along: readonly [number, number, number];
}

/** The ray on which a pixel (u, v) looks. */
export function rayOf({ matrix: [a, b, c, d], offset, central }: Camera, u: number, v: number): ViewingRay {
  const determinant = a * d - b * c, du = u - offset[0], dv = v - offset[1];
  const p = (d * du - b * dv) / determinant, q = (a * dv - c * du) / determinant;
  return central ? { from: [0, 0, 0], along: [p, q, 1] } : { from: [p, q, 0], along: [0, 0, 1] };
}

function robustFit(points: Float64Array, pixels: Float64Array, central: boolean): Camera | undefined {
  const first = leastSquares(points, pixels, central, () => true);
  if (!first) return undefined;
  const errors = errorsOf(first, points, pixels), limit = 4 * errors.toSorted()[errors.length >> 1];
  const second = leastSquares(points, pixels, central, (i) => errors[i] <= limit) ?? first;
  const kept = errorsOf(second, points, pixels).filter((_, i) => errors[i] <= limit);
  return { ...second, rms: Math.sqrt(kept.reduce((sum, error) => sum + error * error, 0) / Math.max(1, kept.length)) };
}

function errorsOf(camera: Omit<Camera, "rms">, points: Float64Array, pixels: Float64Array): Float64Array {
  return Float64Array.from({ length: points.length / 3 }, (_, i) => {
    const [u, v] = pixelOf(camera as Camera, points[3 * i], points[3 * i + 1], points[3 * i + 2]);
    return Math.hypot(u - pixels[2 * i], v - pixels[2 * i + 1]);
  });
}

const LEAST_POINTS = 8;

function leastSquares(
  points: Float64Array,
  pixels: Float64Array,
  central: boolean,
  uses: (i: number) => boolean,
): Omit<Camera, "rms"> | undefined {
  const count = points.length / 3, mean = [0, 0, 0, 0], m = [0, 0, 0], k = [0, 0, 0, 0];
  let used = 0;
  const values = (i: number) => {
    const depth = central ? points[3 * i + 2] : 1;
    return [points[3 * i] / depth, points[3 * i + 1] / depth, pixels[2 * i], pixels[2 * i + 1]];
  };
  for (let i = 0; i < count; i++) {
    if (!uses(i)) continue;
    used++;
    values(i).forEach((value, axis) => mean[axis] += value);
  }
  if (used < LEAST_POINTS) return undefined;
  mean.forEach((value, axis) => mean[axis] = value / used);
  for (let i = 0; i < count; i++) {
    if (!uses(i)) continue;
    const [p, q, u, v] = values(i).map((value, axis) => value - mean[axis]);
    [p * p, p * q, q * q].forEach((value, at) => m[at] += value);
    [p * u, q * u, p * v, q * v].forEach((value, at) => k[at] += value);
  }
  const determinant = m[0] * m[2] - m[1] * m[1];
  if (!(determinant > 1e-8 * (m[0] + m[2]) ** 2)) return undefined; // on a line
  const solve = (s: number, t: number) => [(m[2] * s - m[1] * t) / determinant, (m[0] * t - m[1] * s) / determinant];
  const [a, b] = solve(k[0], k[1]), [c, d] = solve(k[2], k[3]);
  if (a * d - b * c === 0) return undefined;
  return {
    matrix: [a, b, c, d],
    offset: [mean[2] - a * mean[0] - b * mean[1], mean[3] - c * mean[0] - d * mean[1]],
    central,
  };
}
