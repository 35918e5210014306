/** A scene as a grid of heights: the part and the table around it, in the part's own frame. @module */
import type { Shape } from "./product.ts";

/** The table in the part's frame: z = c + a·x + b·y. */
export interface Floor {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Heights of a scene; between the nodes they are bilinear, outside the grid there is the table. Metres. */
export interface Surface {
  /** Nodes along each side; node i lies at (i − (size − 1)/2)·cell. */
  readonly size: number;
  readonly cell: number;
  /** `size × size`, row-major, y by rows. */
  readonly heights: Float64Array;
  /** `size × size`; 1 where the part stands on the node. */
  readonly present: Uint8Array;
  readonly floor: Floor;
  /** Nothing of the part lies farther from the origin. */
  readonly reach: number;
}

/** Half of the grid's side, metres: a part and what may lie beside it. */
const HALF_SIDE = 0.06;

/** Height of the table at a place. */
export const floorAt = ({ a, b, c }: Floor, x: number, y: number): number => c + a * x + b * y;

/** The scene of one shape on a table, on a grid of about `cell` metres. */
export function surfaceOf(
  shape: Shape,
  { floor, cell, reach }: { floor: Floor; cell: number; reach: number },
): Surface {
  const size = 2 * Math.ceil(HALF_SIDE / cell) + 1, middle = (size - 1) / 2;
  const heights = new Float64Array(size * size), present = new Uint8Array(size * size);
  for (let row = 0, node = 0; row < size; row++) {
    const y = (row - middle) * cell;
    for (let column = 0; column < size; column++, node++) {
      const x = (column - middle) * cell;
      const table = floorAt(floor, x, y);
      const part = x * x + y * y < reach * reach ? shape.height(x, y) : 0;
      present[node] = part > 0 && part > table ? 1 : 0;
      heights[node] = present[node] ? part : table;
    }
  }
  return { size, cell, heights, present, floor, reach };
}

/** Height of the scene at a place. */
export function heightAt({ size, cell, heights, floor }: Surface, x: number, y: number): number {
  const u = x / cell + (size - 1) / 2, v = y / cell + (size - 1) / 2;
  if (!(u >= 0 && v >= 0 && u < size - 1 && v < size - 1)) return floorAt(floor, x, y);
  const i = Math.floor(u), j = Math.floor(v), s = u - i, t = v - j, k = j * size + i;
  const near = heights[k] + s * (heights[k + 1] - heights[k]);
  const far = heights[k + size] + s * (heights[k + size + 1] - heights[k + size]);
  return near + t * (far - near);
}

/** Slope dz/dx and dz/dy at a place, over two cells. */
export function slopeAt(surface: Surface, x: number, y: number): [number, number] {
  const step = surface.cell;
  return [
    (heightAt(surface, x + step, y) - heightAt(surface, x - step, y)) / (2 * step),
    (heightAt(surface, x, y + step) - heightAt(surface, x, y - step)) / (2 * step),
  ];
}

/** Whether one of the four nodes around a place is marked: then the surface there depends on a marked node. */
export function touches({ size, cell }: Surface, marks: Uint8Array, x: number, y: number): boolean {
  const i = Math.floor(x / cell + (size - 1) / 2), j = Math.floor(y / cell + (size - 1) / 2);
  if (i < 0 || j < 0 || i >= size - 1 || j >= size - 1) return false;
  const k = j * size + i;
  return (marks[k] | marks[k + 1] | marks[k + size] | marks[k + size + 1]) !== 0;
}

/** Place of a node, metres. */
export function placeOf({ size, cell }: Surface, node: number): [number, number] {
  const row = Math.floor(node / size), middle = (size - 1) / 2;
  return [(node - row * size - middle) * cell, (row - middle) * cell];
}

/** Nodes on which the part stands. */
export function partNodes({ present }: Surface): Int32Array {
  const nodes = new Int32Array(present.length);
  let count = 0;
  for (let node = 0; node < present.length; node++) if (present[node]) nodes[count++] = node;
  return nodes.slice(0, count);
}

/** Calls `visit` with every node within `radius` of a place, and its squared distance. */
export function nodesWithin(
  { size, cell }: Surface,
  [x, y]: readonly [number, number],
  radius: number,
  visit: (node: number, squaredDistance: number) => void,
): void {
  const middle = (size - 1) / 2;
  const range = (at: number) => [
    Math.max(0, Math.ceil((at - radius) / cell + middle)),
    Math.min(size - 1, Math.floor((at + radius) / cell + middle)),
  ];
  const [left, right] = range(x), [top, bottom] = range(y);
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const squared = ((column - middle) * cell - x) ** 2 + ((row - middle) * cell - y) ** 2;
      if (squared < radius * radius) visit(row * size + column, squared);
    }
  }
}

/** Longer side of the part's bounding box, metres: the extent to which sizes of defects are relative. */
export function extentOf(surface: Surface): number {
  const { size, cell, present } = surface;
  let [left, right, top, bottom] = [size, 0, size, 0];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!present[row * size + column]) continue;
      [left, right] = [Math.min(left, column), Math.max(right, column)];
      [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    }
  }
  return Math.max(right - left, bottom - top) * cell;
}
