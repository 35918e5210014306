/** A sheet of shapes, to see at a glance what a generator has learned. @module */
import { writePng } from "../formats/mod.ts";
import { colourAt } from "./colour_scale.ts";

/** Side of a view, which shows the unit ball, pixels. */
const VIEW = 128;

/** Pixels between shapes. */
const GAP = 4;

/** Grey behind the shapes, and between them. */
const BEHIND = 22, BETWEEN = 70;

/** Side of a point's dot where few points leave room for large ones, and where there are many, pixels. */
const LARGEST_DOT = 4, SMALLEST_DOT = 2;

/** How a view turns x, y, z into right, up, and towards who looks. */
const views = {
  above: ([x, y, z]: readonly number[]) => [x, y, z],
  side: ([x, y, z]: readonly number[]) => [x, z, -y],
};

/**
 * Rows of shapes, each `points × 3` in the unit ball with z as height, as an RGB PNG: from above, and below that from the side. Points are
 * coloured by height, from the lowest to the highest of the first row, so that colours mean the same in all rows.
 */
export function shapeSheetPng(rows: readonly (readonly Float32Array[])[]): Uint8Array {
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const width = GAP + columns * (VIEW + GAP), height = GAP + rows.length * (2 * VIEW + GAP);
  const values = new Uint8Array(3 * width * height).fill(BETWEEN), colourOf = coloursOf(rows[0] ?? []);
  for (const [row, shapes] of rows.entries()) {
    for (const [column, shape] of shapes.entries()) {
      const left = GAP + column * (VIEW + GAP), top = GAP + row * (2 * VIEW + GAP);
      for (const [at, view] of [views.above, views.side].entries()) {
        draw(shape, view, colourOf, (x, y, colour) => {
          values.set(colour, 3 * ((top + at * VIEW + y) * width + left + x));
        });
      }
    }
  }
  return writePng({ width, height, channels: 3, values });
}

type Paint = (x: number, y: number, colour: readonly number[]) => void;

/** Draws one view of a shape; points nearer to who looks cover others. Points that are no numbers are left out. */
function draw(
  shape: Float32Array,
  view: typeof views.above,
  colourOf: (height: number) => readonly number[],
  paint: Paint,
): void {
  for (let y = 0; y < VIEW; y++) for (let x = 0; x < VIEW; x++) paint(x, y, [BEHIND, BEHIND, BEHIND]);
  const count = shape.length / 3, side = Math.round(Math.sqrt(VIEW * VIEW / (2 * count)));
  const dot = Math.min(LARGEST_DOT, Math.max(SMALLEST_DOT, side));
  const points = Array.from({ length: count }, (_, i) => {
    const [right, up, towards] = view(Array.from(shape.subarray(3 * i, 3 * i + 3)));
    return { right, up, towards, height: shape[3 * i + 2] };
  }).filter(({ right, up, towards }) => Number.isFinite(right + up + towards)).sort((a, b) => a.towards - b.towards);
  const pixelOf = (value: number) => Math.round((value + 1) / 2 * VIEW - dot / 2);
  for (const { right, up, height } of points) {
    const left = pixelOf(right), top = pixelOf(-up), colour = colourOf(height);
    for (let y = Math.max(0, top); y < Math.min(VIEW, top + dot); y++) {
      for (let x = Math.max(0, left); x < Math.min(VIEW, left + dot); x++) paint(x, y, colour);
    }
  }
}

function coloursOf(shapes: readonly Float32Array[]): (height: number) => readonly number[] {
  let low = Infinity, high = -Infinity;
  for (const shape of shapes) {
    for (let i = 2; i < shape.length; i += 3) {
      low = Math.min(low, shape[i]);
      high = Math.max(high, shape[i]);
    }
  }
  return (height) => colourAt(high > low ? (height - low) / (high - low) : 0);
}
