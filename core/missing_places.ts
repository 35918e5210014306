/** Where missing material should have been, and how much of it: there is no measured point to say it. @module */
import { type Camera, pixelOf } from "./camera.ts";
import type { MapFrame } from "./prepared.ts";

/** The size and the place of missing material. */
export interface MissingPlace {
  /** Across the viewing direction, square metres. */
  readonly area: number;
  /** Centre in the camera's frame, metres. */
  readonly centre: readonly [number, number, number];
}

/** Map pixels farther than this from all that is seen of the shape lie beside it: regions reach a little over the outline. */
const TOUCHING = 1;

/** What pixels of a scan would have shown. */
export interface MissingPlaces {
  /** Of the material behind some pixels, row-major in the scan's own grid; at least one. */
  of(pixels: readonly number[]): MissingPlace;
}

/**
 * Lays a whole shape, `count × 3` metres, under the map: each map pixel has the mean of the points that are seen in it, or those of the
 * nearest pixel that has some. A pixel at depth z covers z²/|det A|, or 1/|det A| under parallel rays, A being the camera's matrix.
 * Undefined where no point is seen in the map.
 */
export function missingPlaces(shape: Float32Array, camera: Camera, frame: MapFrame): MissingPlaces | undefined {
  const { size, width, side, top, left } = frame, { matrix: [a, b, c, d], central } = camera;
  const sums = new Float64Array(4 * size * size);
  for (let i = 0; i < shape.length; i += 3) {
    const [x, y, z] = shape.subarray(i, i + 3);
    if (central && !(z > 0)) continue;
    const [u, v] = pixelOf(camera, x, y, z).map(Math.floor);
    if (!(u >= 0 && u < size && v >= 0 && v < size)) continue;
    [x, y, z, 1].forEach((value, axis) => sums[4 * (v * size + u) + axis] += value);
  }
  const source = nearestFilled(size, (pixel) => sums[4 * pixel + 3] > 0);
  if (!source) return undefined;
  const scale = size / side, covered = scale * scale / Math.abs(a * d - b * c); // of a pixel of the scan, at a depth of 1
  return {
    of(pixels) {
      const shown = pixels.map((pixel) => {
        const column = Math.floor((pixel % width + left + 0.5) * scale);
        const row = Math.floor((Math.floor(pixel / width) + top + 0.5) * scale);
        const from = source[row * size + column];
        return { from, away: Math.max(Math.abs(from % size - column), Math.abs(Math.floor(from / size) - row)) };
      });
      const beside = shown.filter(({ away }) => away <= TOUCHING), counted = beside.length > 0 ? beside : shown;
      let area = 0;
      const centre: [number, number, number] = [0, 0, 0];
      for (const { from } of counted) {
        const at = 4 * from, count = sums[at + 3], depth = central ? sums[at + 2] / count : 1;
        area += depth * depth * covered;
        for (let axis = 0; axis < 3; axis++) centre[axis] += sums[at + axis] / count / counted.length;
      }
      return { area, centre };
    },
  };
}

/** Of each pixel of a square the nearest filled one, by steps of a king; among equals the one whose row, then column, is least. Undefined where none is filled. */
function nearestFilled(size: number, filled: (pixel: number) => boolean): Int32Array | undefined {
  const source = new Int32Array(size * size).fill(-1), queue: number[] = [];
  for (let pixel = 0; pixel < size * size; pixel++) {
    if (!filled(pixel)) continue;
    source[pixel] = pixel;
    queue.push(pixel);
  }
  for (let next = 0; next < queue.length; next++) {
    const row = Math.floor(queue[next] / size), column = queue[next] % size;
    for (let r = Math.max(0, row - 1); r <= Math.min(size - 1, row + 1); r++) {
      for (let c = Math.max(0, column - 1); c <= Math.min(size - 1, column + 1); c++) {
        if (source[r * size + c] >= 0) continue;
        source[r * size + c] = source[queue[next]];
        queue.push(r * size + c);
      }
    }
  }
  return queue.length > 0 ? source : undefined;
}
