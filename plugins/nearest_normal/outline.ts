/** The outline of a part: where it ends, seen from the sensor, and which way is out. @module */
import { type Prepared, ScanRefused, type TableFrame, toTable } from "../../core/mod.ts";

/** Points along the outline of a part, in its table frame. */
export interface Outline {
  /** How many. */
  readonly count: number;
  /** `count × 4`: metres, the fourth is 0. */
  readonly points: Float32Array<ArrayBuffer>;
  /** `count × 4`: unit directions away from the part, along the table: z is 0. */
  readonly directions: Float32Array<ArrayBuffer>;
}

/** Pixels around one of the outline that tell which way is out. */
const AROUND = 4;

/**
 * The outline of the points that belong to the part, around large holes too. The map's border is none: the part may go on there.
 * @throws {ScanRefused} where it can't be told how the pixels look
 */
export function outlineOf(
  { name, frame: { size }, pixels, hostPoints, camera }: Prepared,
  belongs: Uint8Array,
  frame: TableFrame,
): Outline {
  if (!camera) {
    throw new ScanRefused(name, "no-camera", "its points and pixels follow no camera, so nothing is known of gaps");
  }
  const pointAt = new Int32Array(size * size).fill(-1);
  pixels.forEach((pixel, i) => pointAt[pixel] = belongs[i] === 1 ? i : -1);
  const outside = outsideOf(pointAt, size), { axes } = frame, [a, b, c, d] = camera.matrix;
  const found: number[] = [], directions: number[] = [];
  for (let row = 1; row < size - 1; row++) {
    for (let column = 1; column < size - 1; column++) {
      const pixel = row * size + column;
      if (
        pointAt[pixel] < 0 || !(outside[pixel - 1] | outside[pixel + 1] | outside[pixel - size] | outside[pixel + size])
      ) {
        continue;
      }
      const [u, v] = outwards(outside, size, row, column);
      const x = d * u - b * v, y = a * v - c * u, sign = Math.sign(a * d - b * c); // the camera's x and y, but for their length
      const along = [axes[0] * x + axes[1] * y, axes[3] * x + axes[4] * y].map((value) => sign * value);
      const length = Math.hypot(...along);
      if (!(length > 0)) continue; // a lone pixel: every way is out
      found.push(pointAt[pixel]);
      directions.push(along[0] / length, along[1] / length, 0, 0);
    }
  }
  const points = new Float32Array(3 * found.length);
  found.forEach((point, i) => points.set(hostPoints.subarray(3 * point, 3 * point + 3), 3 * i));
  return { count: found.length, points: toTable(frame, points), directions: Float32Array.from(directions) };
}

/** Least size of a hole that has an outline, as a share of the part's pixels: smaller ones are drop-outs. */
const LEAST_HOLE = 0.005;

/** 1 for pixels outside of the part: what reaches the map's border, and holes that are large enough. */
function outsideOf(pointAt: Int32Array, size: number): Uint8Array {
  const seen = new Uint8Array(size * size), outside = new Uint8Array(size * size);
  const least = LEAST_HOLE * pointAt.reduce((count, point) => count + (point >= 0 ? 1 : 0), 0);
  for (let start = 0; start < size * size; start++) {
    if (pointAt[start] >= 0 || seen[start] === 1) continue;
    const { pixels, atBorder } = emptyPiece(pointAt, size, start, seen);
    if (atBorder || pixels.length >= least) { for (const pixel of pixels) outside[pixel] = 1; }
  }
  return outside;
}

/** The empty pixels that hang together by their sides with one, and whether they reach the map's border. */
function emptyPiece(pointAt: Int32Array, size: number, start: number, seen: Uint8Array) {
  const pixels = [start];
  let atBorder = false;
  seen[start] = 1;
  const visit = (pixel: number) => {
    if (pointAt[pixel] >= 0 || seen[pixel] === 1) return;
    seen[pixel] = 1;
    pixels.push(pixel);
  };
  for (let next = 0; next < pixels.length; next++) {
    const pixel = pixels[next], column = pixel % size;
    atBorder ||= column === 0 || column === size - 1 || pixel < size || pixel >= size * (size - 1);
    if (column > 0) visit(pixel - 1);
    if (column < size - 1) visit(pixel + 1);
    if (pixel >= size) visit(pixel - size);
    if (pixel < size * (size - 1)) visit(pixel + size);
  }
  return { pixels, atBorder };
}

/** Sum of the offsets, columns and rows, to pixels outside around one. */
function outwards(outside: Uint8Array, size: number, row: number, column: number): [number, number] {
  let u = 0, v = 0;
  const tall = Math.min(AROUND, row, size - 1 - row), wide = Math.min(AROUND, column, size - 1 - column); // as far on either side
  for (let r = row - tall; r <= row + tall; r++) {
    for (let c = column - wide; c <= column + wide; c++) {
      if (outside[r * size + c] === 0) continue;
      u += c - column;
      v += r - row;
    }
  }
  return [u, v];
}
