import { deepEqual, ok } from "node:assert/strict";
import { toOwnResolution } from "./own_resolution.ts";

Deno.test("toOwnResolution() keeps a map of the scan's own size", () => {
  const values = Float32Array.from({ length: 64 * 64 }, (_, i) => i % 97);
  const frame = { size: 64, width: 64, height: 64, side: 64, top: 0, left: 0 };
  deepEqual(toOwnResolution(values, frame), values);
});

Deno.test("toOwnResolution() keeps a linear ramp linear, and leaves the square's padding out", () => {
  const size = 32, width = 90, height = 40, side = 90;
  const frame = { size, width, height, side, top: 25, left: 0 };
  const values = Float32Array.from({ length: size * size }, (_, i) => 3 * (i % size) + 5 * Math.floor(i / size));
  const own = toOwnResolution(values, frame);
  for (let r = 0; r < height; r++) {
    for (let c = 3; c < width - 3; c++) { // the outer half map pixel repeats the edge
      const want = 3 * ((c + 0.5) * size / side - 0.5) + 5 * ((r + 25.5) * size / side - 0.5);
      ok(Math.abs(own[r * width + c] - want) < 1e-4, `${r} ${c}: ${own[r * width + c]}, not ${want}`);
    }
  }
});
