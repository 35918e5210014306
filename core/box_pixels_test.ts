import { deepEqual, equal } from "node:assert/strict";
import { boxPixels } from "./box_pixels.ts";

const SIZE = 20;

/** A scan of these (row, column, x, y), z = 1. */
function scanOf(places: readonly (readonly [number, number, number, number])[]) {
  return {
    pixels: Uint32Array.from(places, ([row, column]) => row * SIZE + column),
    hostPoints: Float32Array.from(places.flatMap(([, , x, y]) => [x, y, 1])),
    frame: { size: SIZE, width: SIZE, height: SIZE, side: SIZE, top: 0, left: 0 },
  };
}

/** Columns 3 to 8 for x of 0 to 4: values 0, 1, 2, 3, 4 of columns 3 to 7; rows 10 to 12 for y of 10 to 20: both values, of rows 10 and 11. */
const scan = scanOf([[10, 3, 0, 10], [11, 8, 4, 12], [12, 5, 1, 20]]);
const columnOf = (x: number) => boxPixels(scan)(x, 10) % SIZE;
const rowOf = (y: number) => Math.floor(boxPixels(scan)(0, y) / SIZE);

Deno.test("boxPixels() cuts the scan's range into as many values as its box is wide, by hand", () => {
  deepEqual([0, 1, 2, 3, 4].map(columnOf), [3, 4, 5, 6, 7]);
  deepEqual([0.5, 1.5, 2.01, 3.99].map(columnOf), [4, 5, 6, 7]); // between two: where it would be put in
  deepEqual([10, 15, 20].map(rowOf), [10, 11, 11]);
});

Deno.test("boxPixels() puts what lies outside on the border of the box", () => {
  deepEqual([-0.5, -100].map(columnOf), [3, 3]);
  deepEqual([4.5, 100].map(columnOf), [8, 8]);
  deepEqual([9, 21].map(rowOf), [10, 12]);
});

Deno.test("boxPixels() takes what is within 1e-5 of the largest radius for equal", () => {
  const centre = [5 / 3, 14], radius = Math.hypot(1 - centre[0], 20 - centre[1]);
  deepEqual([2 + 0.9e-5 * radius, 2 + 1.1e-5 * radius, 2 - 1.1e-5 * radius].map(columnOf), [5, 6, 5]);
  equal(columnOf(4 + 0.9e-5 * radius), 7);
  equal(columnOf(4 + 1.1e-5 * radius), 8);
});

Deno.test("boxPixels() bears a box of one column, of two, and points in one place", () => {
  const narrow = boxPixels(scanOf([[2, 6, 0, 0], [5, 6, 0, 3]]));
  deepEqual([-1, 0, 1].map((x) => narrow(x, 0) % SIZE), [6, 6, 6]);
  const two = boxPixels(scanOf([[2, 6, 0, 0], [5, 7, 1, 3]])); // one value, 0
  deepEqual([-1, 0, 0.1, 1, 2].map((x) => two(x, 0) % SIZE), [6, 6, 7, 7, 7]);
  const still = boxPixels(scanOf([[2, 2, 1, 1], [2, 9, 1, 1]]));
  deepEqual([0, 2].map((x) => still(x, 1) % SIZE), [2, 9]);
});
