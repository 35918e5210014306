import { deepEqual, equal, ok } from "node:assert/strict";
import { readPng } from "../formats/mod.ts";
import { colourAt } from "./colour_scale.ts";
import { shapeSheetPng } from "./shape_sheet.ts";

const LOW = colourAt(0), HIGH = colourAt(1), BEHIND = [22, 22, 22];

/** A sheet's pixels. */
async function pixelsOf(rows: readonly (readonly Float32Array[])[]) {
  const { width, height, channels, values } = await readPng(shapeSheetPng(rows));
  equal(channels, 3);
  return {
    width,
    height,
    /** The pixel at right, up in a view of the unit ball. */
    at: (row: number, column: number, view: "above" | "side", right: number, up: number) => {
      const x = 4 + 132 * column + Math.floor((right + 1) * 64);
      const y = 4 + 260 * row + (view === "side" ? 128 : 0) + Math.floor((1 - up) * 64);
      return Array.from(values.subarray(3 * (y * width + x), 3 * (y * width + x) + 3));
    },
  };
}

Deno.test("shapeSheetPng() shows each shape from above and from the side, by height", async () => {
  // low at the right and the near side, high at the left and the far side
  const shape = Float32Array.of(0.5, -0.5, -0.25, -0.5, 0.5, 0.75), { width, height, at } = await pixelsOf([[shape]]);
  deepEqual([width, height], [136, 264]);
  deepEqual(at(0, 0, "above", 0.5, -0.5), [...LOW]);
  deepEqual(at(0, 0, "above", -0.5, 0.5), [...HIGH]);
  deepEqual(at(0, 0, "above", 0.5, 0.5), BEHIND);
  deepEqual(at(0, 0, "side", 0.5, -0.25), [...LOW]);
  deepEqual(at(0, 0, "side", -0.5, 0.75), [...HIGH]);
  deepEqual(at(0, 0, "side", -0.5, -0.25), BEHIND);
});

Deno.test("shapeSheetPng() lets what is nearer cover what is farther, in whatever order points come", async () => {
  const below = [0, 0, -0.5], above = [0, 0, 0.5], near = [0.7, -0.7, 0], far = [0.7, 0.7, 0];
  const colours = colourAt(0.5);
  for (const points of [[below, above, near, far], [far, near, above, below]]) {
    const { at } = await pixelsOf([[Float32Array.from(points.flat())]]);
    deepEqual(at(0, 0, "above", 0, 0), [...HIGH]);
    deepEqual(at(0, 0, "side", 0.7, 0), [...colours]);
  }
  const nearHigh = Float32Array.of(0, -0.5, 0.1, 0, 0.5, 0.1 - 1e-3), { at } = await pixelsOf([[nearHigh]]);
  deepEqual(at(0, 0, "side", 0, 0.1), [...HIGH]); // one pixel, the near point's
});

Deno.test("shapeSheetPng() colours all rows by the first one's heights, and bears empty rows and lost points", async () => {
  const low = Float32Array.of(0, 0, -1), high = Float32Array.of(0, 0, 1), lost = Float32Array.of(NaN, 0, Infinity);
  const { width, height, at } = await pixelsOf([[low, high], [], [Float32Array.of(0, 0, 0), lost]]);
  deepEqual([width, height], [4 + 2 * 132, 4 + 3 * 260]);
  deepEqual(at(0, 0, "above", 0, 0), [...LOW]);
  deepEqual(at(0, 1, "above", 0, 0), [...HIGH]);
  deepEqual(at(2, 0, "above", 0, 0), [...colourAt(0.5)]);
  deepEqual(at(2, 1, "above", 0, 0), BEHIND);
  deepEqual(at(1, 0, "above", 0, 0), [70, 70, 70]);
  ok(shapeSheetPng([]).length > 0);
});
