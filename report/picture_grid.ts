/** Which point of a scan each pixel of its picture shows. @module */
import type { Scan } from "../core/mod.ts";

/** A picture's pixels by the scan's points. */
export interface PictureGrid {
  readonly width: number;
  readonly height: number;
  /** `width × height`: index of the scan's place under the pixel, −1 where an unorganised scan has no point. */
  readonly place: Int32Array;
  /** `width × height`: 1 where that place holds a measurement. */
  readonly measured: Uint8Array;
  /** The pixel that shows, or lies over, a place of the scan. */
  pixelOf(place: number): number;
}

/** Longest side of a picture, pixels. */
export const LONGEST_SIDE = 800;

/** Points that a pixel of an unorganised scan's picture shows on average; fewer leave holes in it. */
const POINTS_A_PIXEL = 3;

/** The grid of a scan's picture: its own grid, scaled down where it is longer than `longest`; an unorganised scan as the camera sees it. */
export function pictureGrid(scan: Scan, longest = LONGEST_SIDE): PictureGrid {
  return scan.height === 1 ? projected(scan, longest) : sampled(scan, longest);
}

function sampled({ width, height, valid }: Scan, longest: number): PictureGrid {
  const scale = Math.min(1, longest / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  const place = new Int32Array(size.width * size.height);
  for (let r = 0, i = 0; r < size.height; r++) {
    const row = Math.floor(((r + 0.5) * height) / size.height) * width;
    for (let c = 0; c < size.width; c++, i++) {
      place[i] = row + Math.floor(((c + 0.5) * width) / size.width);
    }
  }
  const pixelOf = (i: number) =>
    Math.floor(((Math.floor(i / width) + 0.5) * size.height) / height) * size.width +
    Math.floor((((i % width) + 0.5) * size.width) / width);
  return { ...size, place, measured: Uint8Array.from(place, (i) => valid[i]), pixelOf };
}

/** Orthographic along z: of the points in a pixel the one next to the camera is shown. */
function projected({ width: count, valid, points }: Scan, longest: number): PictureGrid {
  let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity, measured = 0;
  for (let i = 0; i < count; i++) {
    if (!valid[i]) continue;
    const x = points[3 * i], y = points[3 * i + 1];
    left = Math.min(left, x), right = Math.max(right, x), top = Math.min(top, y), bottom = Math.max(bottom, y);
    measured++;
  }
  if (measured === 0) {
    return {
      width: 1,
      height: 1,
      place: Int32Array.of(-1),
      measured: Uint8Array.of(0),
      pixelOf: () => 0,
    };
  }
  const across = Math.max(right - left, 1e-9), down = Math.max(bottom - top, 1e-9);
  const pixel = Math.max(Math.sqrt((across * down * POINTS_A_PIXEL) / measured), Math.max(across, down) / longest);
  const size = { width: Math.max(1, Math.ceil(across / pixel)), height: Math.max(1, Math.ceil(down / pixel)) };
  const place = new Int32Array(size.width * size.height).fill(-1);
  const pixelOf = (i: number) =>
    Math.min(size.height - 1, Math.floor((points[3 * i + 1] - top) / pixel)) * size.width +
    Math.min(size.width - 1, Math.floor((points[3 * i] - left) / pixel));
  for (let i = 0; i < count; i++) {
    if (!valid[i]) continue;
    const at = pixelOf(i), shown = place[at];
    if (shown < 0 || points[3 * i + 2] < points[3 * shown + 2]) place[at] = i;
  }
  return { ...size, place, measured: Uint8Array.from(place, (i) => i < 0 ? 0 : 1), pixelOf };
}
