/** The whole shape as its scan would have looked. @module */
import { type Camera, type MapFrame, pixelOf, type Scan } from "../core/mod.ts";
import { pictureGrid } from "./picture_grid.ts";
import { relief } from "./relief.ts";

/** Map pixels to each side in which an empty pixel looks for points of the shape: a shape may have fewer points than its picture pixels. */
const REACH = 3;

/** `size²` grey values of the map, shaded as scans are; `UNMEASURED` where nothing of the shape, `count × 3` metres, is seen. */
export function shapeRelief(shape: Float32Array, camera: Camera, { size }: MapFrame): Uint8Array {
  const seen = closed(seenBy(shape, camera, size));
  return relief(seen, pictureGrid(seen, size));
}

/** The shape as a scan of the map's size: in each pixel the point next to the camera. */
function seenBy(shape: Float32Array, camera: Camera, size: number): Scan {
  const points = new Float32Array(3 * size * size), valid = new Uint8Array(size * size);
  for (let i = 0; i < shape.length; i += 3) {
    const [x, y, z] = shape.subarray(i, i + 3);
    if (camera.central && !(z > 0)) continue;
    const [u, v] = pixelOf(camera, x, y, z).map(Math.floor), pixel = v * size + u;
    if (!(u >= 0 && u < size && v >= 0 && v < size) || (valid[pixel] === 1 && points[3 * pixel + 2] <= z)) continue;
    points.set([x, y, z], 3 * pixel);
    valid[pixel] = 1;
  }
  return { name: "", width: size, height: size, points, valid };
}

/** Lines along which gaps between points are closed: in rows, columns and both diagonals. */
const LINES = [[0, 1], [1, 0], [1, 1], [1, -1]] as const;

/** The same with a point in each pixel between two others, on the shortest line; the outline stays where it is. */
function closed({ width, height, points, valid, ...scan }: Scan): Scan {
  const filled = points.slice(), known = valid.slice();
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let column = 0; column < width; column++, pixel++) {
      if (valid[pixel] === 1) continue;
      const [nearest] = LINES.flatMap(([down, right]) => {
        const back = stepsTo(row, column, -down, -right), forth = stepsTo(row, column, down, right);
        return back && forth ? [{ back, forth, length: back.steps + forth.steps }] : [];
      }).sort((a, b) => a.length - b.length);
      if (!nearest) continue;
      const { back, forth, length } = nearest;
      for (let axis = 0; axis < 3; axis++) {
        const from = points[3 * back.pixel + axis], to = points[3 * forth.pixel + axis];
        filled[3 * pixel + axis] = from + (to - from) * back.steps / length;
      }
      known[pixel] = 1;
    }
  }
  return { ...scan, width, height, points: filled, valid: known };

  function stepsTo(row: number, column: number, down: number, right: number) {
    for (let steps = 1; steps <= REACH; steps++) {
      const r = row + steps * down, c = column + steps * right;
      if (r < 0 || r >= height || c < 0 || c >= width) return undefined;
      if (valid[r * width + c] === 1) return { steps, pixel: r * width + c };
    }
    return undefined;
  }
}
