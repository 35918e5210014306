import { deepEqual, equal } from "node:assert/strict";
import { explainedPlace, highestPlaces, mapPixelOf, patchAt, scanPixelOf } from "./explained_places.ts";
import type { Explanation } from "./explanation.ts";
import type { MapFrame } from "./prepared.ts";

const NONE = 0xffffffff;
const frame: MapFrame = { size: 4, width: 8, height: 6, side: 8, top: 1, left: 0 }; // a map pixel is 2 × 2 of the scan's

/** A map of 4 × 4 with patches on pixels 5 and 6; the second has the higher score. */
const explanation: Explanation = {
  map: { size: 4, values: Float32Array.from({ length: 16 }, (_, i) => i === 6 ? 3 : i === 5 ? 1 : 0), score: 3 },
  channels: [
    { name: "place", meaning: "distance", against: "normal scans have here", unit: null, share: 1 },
    { name: "offset", meaning: "distance", against: "normal scans have here", unit: "m", share: 0 },
  ],
  patches: {
    count: 2,
    pixels: Uint32Array.of(5, 6),
    patchOf: new Uint32Array(16).fill(NONE).fill(0, 5, 6).fill(1, 6, 7),
    score: Float32Array.of(0.5, 2),
    values: Float32Array.of(1, 2, 3, 4),
    expected: Float32Array.of(1, 1, 1, 1),
    spread: Float32Array.of(1, 1, 0.5, 2),
    z: Float32Array.of(0, 1, 4, 1.5),
    nearest: { scan: Int32Array.of(0, 1), pixel: Uint32Array.of(0, 15), distance: Float32Array.of(1, 3) },
    usual: { mean: Float32Array.of(1, 0.5), deviation: Float32Array.of(0, 0.25) },
    local: { scan: Int32Array.of(-1, 0), pixel: Uint32Array.of(0, 10), distance: Float32Array.of(9, 4) },
  },
  scans: [{ name: "train/000", frame }, { name: "train/001", frame: { ...frame, top: 0, height: 8 } }],
  trust: 1,
};

Deno.test("scanPixelOf() and mapPixelOf() undo each other, and stay inside", () => {
  for (let pixel = 4; pixel < 16; pixel++) equal(mapPixelOf(frame, scanPixelOf(frame, pixel)), pixel);
  deepEqual(scanPixelOf(frame, 0), [1, 0]);
  deepEqual(scanPixelOf(frame, 15), [7, 5], "row 7 of the square is row 6 of the scan, which has six");
  equal(mapPixelOf(frame, [7, 5]), 15);
});

Deno.test("patchAt() finds a pixel's patch, else the nearest within reach", () => {
  equal(patchAt(explanation, 6, 0), 1);
  equal(patchAt(explanation, 7, 1), 1);
  equal(patchAt(explanation, 4, 4), 0);
  equal(patchAt(explanation, 15, 1), undefined);
});

Deno.test("highestPlaces() takes peaks that are apart, highest first", () => {
  const values = new Float32Array(64);
  for (const [pixel, value] of [[9, 5], [10, 4], [12, 3], [54, 4.5], [62, 1]]) values[pixel] = value;
  const map = { size: 8, values, score: 5 };
  deepEqual(highestPlaces(map, 5, 3), [9, 54, 12], "10 is on the slope of 9, 62 on that of 54");
  deepEqual(highestPlaces(map, 2, 1), [9, 54]);
  deepEqual(highestPlaces({ ...map, values: new Float32Array(64) }, 5, 3), []);
});

Deno.test("explainedPlace() tells a place in the scan's own pixels and in millimetres", () => {
  const prepared = {
    pixels: Uint32Array.of(5, 6),
    sourcePixels: Uint32Array.of(2 * 8 + 3, 2 * 8 + 5),
    hostPoints: Float32Array.of(0, 0, 0.5, 0.25, -0.5, 0.75),
    frame,
  };
  deepEqual(explainedPlace(explanation, prepared, 1, 6), {
    pixel: [5, 2],
    beside: null,
    millimetres: [250, -500, 750],
    score: 3,
    patchScore: 2,
    channels: {
      place: { value: 3, expected: 1, spread: 0.5, z: 4 },
      offset: { value: 4, expected: 1, spread: 2, z: 1.5 },
    },
    nearest: { scan: "train/001", pixel: [7, 7], distance: 3, usual: { mean: 0.5, deviation: 0.25 } },
    local: { scan: "train/000", pixel: [5, 4], distance: 4 },
  });
  const beside = explainedPlace(explanation, prepared, 0, 4);
  deepEqual([beside.pixel, beside.beside, beside.score, beside.local], [[1, 2], [3, 2], 0, null], "an empty place");
});
