/** The shape of a scan as a grey relief. @module */
import type { Scan } from "../core/mod.ts";
import type { PictureGrid } from "./picture_grid.ts";

/** Grey of a pixel without measurement: darker than any shaded one. */
export const UNMEASURED = 22;

/** Grey of a surface that turns from the light, and of one that faces it. */
export const DARKEST = 52, LIGHTEST = 206;

/** Direction to the light, from the upper left and in front; camera frame, so −y is up and −z is to the camera. */
const LIGHT = normalised([-0.5, -0.6, -0.9]);

/** Pixels to each side that a point is averaged over: without it the relief of a plane is the sensor's noise. */
const SMOOTHING = 2;

/** Depth steps beyond this many pixels' width are edges, over which nothing is averaged and no slope is taken. */
const EDGE = 6;

/** An unmeasured pixel with this many measured neighbours of 8 is shown as surface: pictures tell of gaps, not of dropped pixels. */
const CLOSED_FROM = 2;

/** One grey value a pixel of the grid, by Lambert's law with the surface normal between neighbours in rows and columns. */
export function relief(scan: Scan, grid: PictureGrid): Uint8Array {
  const { width, height } = grid;
  const grey = new Uint8Array(width * height).fill(UNMEASURED);
  const edge = EDGE * pixelWidth(scan, grid);
  const surface = smoothed(scan, grid, edge);
  const step = (i: number, stride: number, hasBack: boolean, hasForth: boolean, into: Float64Array): boolean => {
    const joined = (j: number) => Math.abs(surface[3 * j + 2] - surface[3 * i + 2]) <= edge; // false for NaN
    const a = hasBack && joined(i - stride) ? i - stride : i, b = hasForth && joined(i + stride) ? i + stride : i;
    for (let axis = 0; axis < 3; axis++) into[axis] = surface[3 * b + axis] - surface[3 * a + axis];
    return a !== b;
  };
  const u = new Float64Array(3), v = new Float64Array(3);
  for (let r = 0, i = 0; r < height; r++) {
    for (let c = 0; c < width; c++, i++) {
      if (Number.isNaN(surface[3 * i])) continue;
      const known = step(i, 1, c > 0, c < width - 1, u) && step(i, width, r > 0, r < height - 1, v);
      grey[i] = known ? shade(u, v) : DARKEST;
    }
  }
  return grey;
}

/** Median distance of measured neighbours in a row, metres; infinite where there are none. */
function pixelWidth({ points }: Scan, { width, place, measured }: PictureGrid): number {
  const widths: number[] = [];
  const every = Math.max(1, Math.floor(place.length / 20000));
  for (let i = 0; i + 1 < place.length; i += every) {
    if (!measured[i] || !measured[i + 1] || i % width === width - 1) continue;
    const a = 3 * place[i], b = 3 * place[i + 1];
    widths.push(Math.hypot(points[b] - points[a], points[b + 1] - points[a + 1]));
  }
  return widths.length === 0 ? Infinity : Float64Array.from(widths).sort()[widths.length >> 1];
}

/** Each pixel's point as the mean around it on its own side of edges, x y z; NaN where the picture shows nothing. */
function smoothed({ points }: Scan, { width, height, place, measured }: PictureGrid, edge: number): Float32Array {
  const means = new Float32Array(3 * width * height).fill(NaN);
  for (let r = 0, i = 0; r < height; r++) {
    const top = Math.max(0, r - SMOOTHING), bottom = Math.min(height - 1, r + SMOOTHING);
    for (let c = 0; c < width; c++, i++) {
      const depth = measured[i] ? points[3 * place[i] + 2] : depthBeside(i, r, c);
      if (Number.isNaN(depth)) continue;
      const left = Math.max(0, c - SMOOTHING), right = Math.min(width - 1, c + SMOOTHING);
      let x = 0, y = 0, z = 0, n = 0;
      for (let row = top; row <= bottom; row++) {
        for (let j = row * width + left; j <= row * width + right; j++) {
          const at = 3 * place[j];
          if (!measured[j] || !(Math.abs(points[at + 2] - depth) <= edge)) continue;
          x += points[at], y += points[at + 1], z += points[at + 2], n++;
        }
      }
      means[3 * i] = x / n, means[3 * i + 1] = y / n, means[3 * i + 2] = z / n;
    }
  }
  return means;

  /** Least depth beside an unmeasured pixel with enough measured neighbours, else NaN. */
  function depthBeside(i: number, r: number, c: number): number {
    let depth = Infinity, n = 0;
    for (let dr = -1; dr <= 1; dr++) {
      for (let dc = -1; dc <= 1; dc++) {
        const j = i + dr * width + dc;
        if (r + dr < 0 || r + dr >= height || c + dc < 0 || c + dc >= width || !measured[j]) continue;
        depth = Math.min(depth, points[3 * place[j] + 2]);
        n++;
      }
    }
    return n >= CLOSED_FROM ? depth : NaN;
  }
}

function shade(u: Float64Array, v: Float64Array): number {
  const x = u[1] * v[2] - u[2] * v[1], y = u[2] * v[0] - u[0] * v[2], z = u[0] * v[1] - u[1] * v[0];
  const length = Math.hypot(x, y, z);
  if (length === 0) return DARKEST;
  const towards = z > 0 ? -1 : 1; // normals point to the camera
  const lit = Math.max(0, (towards * (x * LIGHT[0] + y * LIGHT[1] + z * LIGHT[2])) / length);
  return 2 * Math.round((DARKEST + (LIGHTEST - DARKEST) * lit) / 2); // even values alone: noise costs a bit less in the file
}

function normalised([x, y, z]: readonly [number, number, number]): readonly [number, number, number] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
