/** The plane under the part, from the scan's border. @module */
import type { Plane } from "./prepared.ts";
import { type RandomStream } from "./random.ts";

/** How a plane is searched. */
export interface PlaneSearch {
  /** Distance in metres within which a point belongs to the plane. */
  readonly inlier: number;
  /** Points of one hypothesis. */
  readonly sample: number;
  /** Most hypotheses. */
  readonly iterations: number;
}

/**
 * Regression of a plane through the points `chosen` of `points` (x y z interleaved), along the axis whose determinant is largest, as
 * Open3D's `segment_plane` does; undefined when they lie on a line or a point. Float64.
 */
export function fitPlane(points: ArrayLike<number>, chosen: ArrayLike<number>): Plane | undefined {
  const n = chosen.length;
  let mx = 0, my = 0, mz = 0;
  for (let i = 0; i < n; i++) {
    const at = 3 * chosen[i];
    mx += points[at];
    my += points[at + 1];
    mz += points[at + 2];
  }
  mx /= n;
  my /= n;
  mz /= n;
  let xx = 0, xy = 0, xz = 0, yy = 0, yz = 0, zz = 0;
  for (let i = 0; i < n; i++) {
    const at = 3 * chosen[i];
    const x = points[at] - mx, y = points[at + 1] - my, z = points[at + 2] - mz;
    xx += x * x;
    xy += x * y;
    xz += x * z;
    yy += y * y;
    yz += y * z;
    zz += z * z;
  }
  const dx = yy * zz - yz * yz, dy = xx * zz - xz * xz, dz = xx * yy - xy * xy;
  const most = Math.max(dx, dy, dz), spread = xx + yy + zz;
  if (!(most > 1e-12 * spread * spread)) return undefined;
  const [a, b, c] = most === dz
    ? [xy * yz - xz * yy, xy * xz - yz * xx, dz]
    : most === dy
    ? [xz * yz - xy * zz, dy, xy * xz - yz * xx]
    : [dx, xz * yz - xy * zz, xy * yz - xz * yy];
  const length = Math.hypot(a, b, c);
  const normal = [a / length, b / length, c / length] as const;
  return { normal, offset: -(normal[0] * mx + normal[1] * my + normal[2] * mz) };
}

/** Signed distance of the point at float index `at`. */
export function planeDistance({ normal, offset }: Plane, points: ArrayLike<number>, at: number): number {
  return normal[0] * points[at] + normal[1] * points[at + 1] + normal[2] * points[at + 2] + offset;
}

/**
 * RANSAC over the points `among`, then a refit to all inliers of the best hypothesis (more inliers, then a smaller error). It stops
 * as soon as a better one is less likely than 1e-8. Undefined when no plane was found.
 */
export function searchPlane(
  points: ArrayLike<number>,
  among: Uint32Array,
  search: PlaneSearch,
  random: RandomStream,
): Plane | undefined {
  const n = among.length;
  if (n < search.sample) return undefined;
  let best: Plane | undefined, bestCount = 0, bestError = Infinity, stopAt = search.iterations;
  for (let round = 0; round < stopAt; round++) {
    const places = new Set<number>(); // places in the list, not points: a point may be in it twice
    while (places.size < search.sample) places.add(random.integer(n));
    const plane = fitPlane(points, Array.from(places, (place) => among[place]));
    if (!plane) continue;
    let count = 0, error = 0;
    for (let i = 0; i < n; i++) {
      const d = Math.abs(planeDistance(plane, points, 3 * among[i]));
      if (d < search.inlier) {
        count++;
        error += d * d;
      }
    }
    if (count > bestCount || (count === bestCount && error < bestError)) {
      [best, bestCount, bestError] = [plane, count, error];
      const miss = 1 - (count / n) ** search.sample;
      stopAt = miss <= 0 ? 0 : Math.min(search.iterations, Math.log(1e-8) / Math.log(miss));
    }
  }
  if (!best) return undefined;
  const plane = best;
  const inliers = among.filter((index) => Math.abs(planeDistance(plane, points, 3 * index)) < search.inlier);
  return fitPlane(points, inliers);
}
