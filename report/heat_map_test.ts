import { deepEqual, equal, ok } from "node:assert/strict";
import type { Scan } from "../core/mod.ts";
import { readPng } from "../formats/mod.ts";
import { colourAt, colourScale, coverAt } from "./colour_scale.ts";
import { heatMapPng, picturePng, REGION_COLOUR, TRUTH_COLOUR } from "./heat_map.ts";
import { outline } from "./outline.ts";
import { pictureGrid } from "./picture_grid.ts";
import { relief, UNMEASURED } from "./relief.ts";

/** A plane seen from the front, 1 mm between places; its depth at a place is `depth`, NaN is unmeasured. */
function planeScan(width: number, height: number, depth: (column: number, row: number) => number = () => 0.5): Scan {
  const points = new Float32Array(3 * width * height), valid = new Uint8Array(width * height);
  for (let i = 0; i < valid.length; i++) {
    const c = i % width, r = Math.floor(i / width), z = depth(c, r);
    if (Number.isNaN(z)) continue;
    points.set([c / 1000, r / 1000, z], 3 * i);
    valid[i] = 1;
  }
  return { name: "plane", width, height, points, valid };
}

const scale = colourScale({ max: 2, threshold: 1 });

Deno.test("pictures keep the size of a scan up to 800 and the shape beyond", async () => {
  for (const [width, height, wide, high] of [[30, 20, 30, 20], [1600, 800, 800, 400], [900, 3, 800, 3]]) {
    const scan = planeScan(width, height), scores = new Float32Array(width * height);
    const picture = await readPng(picturePng(scan));
    deepEqual([picture.width, picture.height, picture.channels], [wide, high, 1]);
    const map = await readPng(heatMapPng({ scan, scores, scale, threshold: 1 }));
    deepEqual([map.width, map.height, map.channels], [wide, high, 3]);
  }
});

Deno.test("heatMapPng() lays the scale's colour over the relief, and nothing where the score is 0", async () => {
  const scan = planeScan(40, 40), scores = new Float32Array(1600);
  scores[20 * 40 + 20] = 2;
  const [grey, map] = [
    await readPng(picturePng(scan)),
    await readPng(heatMapPng({ scan, scores, scale, threshold: null })),
  ];
  const at = 20 * 40 + 20, below = grey.values[at], cover = Math.round(255 * coverAt(1)) / 255;
  const want = colourAt(1).map((part) => Math.round(below + (part - below) * cover));
  deepEqual([...map.values.subarray(3 * at, 3 * at + 3)], want);
  deepEqual([...map.values.subarray(0, 3)], [grey.values[0], grey.values[0], grey.values[0]]);
});

Deno.test("heatMapPng() outlines regions outside and the ground truth inside of their border", async () => {
  const scan = planeScan(20, 20), scores = new Float32Array(400), truth = new Uint8Array(400);
  for (let r = 5; r < 12; r++) for (let c = 5; c < 12; c++) scores[r * 20 + c] = 1.5, truth[r * 20 + c] = 1;
  const { values } = await readPng(
    heatMapPng({ scan, scores, scale, threshold: 1, truth: { width: 20, height: 20, values: truth } }),
  );
  const pixel = (r: number, c: number) => [...values.subarray(3 * (r * 20 + c), 3 * (r * 20 + c) + 3)];
  deepEqual(pixel(8, 4), [...REGION_COLOUR]);
  deepEqual(pixel(8, 12), [...REGION_COLOUR]);
  deepEqual(pixel(8, 5), [...TRUTH_COLOUR]);
  deepEqual(pixel(11, 8), [...TRUTH_COLOUR]);
  ok(pixel(8, 8).join() !== [...TRUTH_COLOUR].join());
  const none = await readPng(heatMapPng({ scan, scores, scale, threshold: 1.5 }));
  ok(none.values.every((_, i) => i % 3 !== 0 || none.values.subarray(i, i + 3).join() !== REGION_COLOUR.join()));
});

Deno.test("outline() is two pixels wide on large pictures", () => {
  const size = { width: 600, height: 9 };
  const line = outline(size, (i) => i % 600 < 300, "outer");
  deepEqual([...line.subarray(4 * 600 + 298, 4 * 600 + 304)], [0, 0, 1, 1, 0, 0]);
});

Deno.test("relief() darkens what turns from the light, and tells holes from dropped pixels", () => {
  const towards = planeScan(30, 30, (c, r) => 0.5 - (c + r) / 4000),
    away = planeScan(30, 30, (c, r) => 0.5 + (c + r) / 4000);
  const middle = 15 * 30 + 15;
  const lit = relief(towards, pictureGrid(towards))[middle], dark = relief(away, pictureGrid(away))[middle];
  ok(lit > dark + 30, `${lit} and ${dark}`);
  const dropped = planeScan(30, 30, (c, r) => c === 15 && r === 15 ? NaN : 0.5);
  equal(relief(dropped, pictureGrid(dropped))[middle], relief(dropped, pictureGrid(dropped))[0]);
  const hole = planeScan(30, 30, (c, r) => Math.hypot(c - 15, r - 15) < 4 ? NaN : 0.5);
  equal(relief(hole, pictureGrid(hole))[middle], UNMEASURED);
  const empty = planeScan(5, 5, () => NaN);
  ok(relief(empty, pictureGrid(empty)).every((grey) => grey === UNMEASURED));
});

Deno.test("pictureGrid() shows an unorganised scan as the camera sees it", () => {
  const grid = planeScan(60, 40);
  const behind = [0.03, 0.02, 0.9];
  const cloud: Scan = {
    name: "cloud",
    width: 2401,
    height: 1,
    points: Float32Array.from([...grid.points, ...behind]),
    valid: new Uint8Array(2401).fill(1),
  };
  const { width, height, place, measured, pixelOf } = pictureGrid(cloud);
  ok(Math.abs(width / height - 59 / 39) < 0.15, `${width} × ${height}`);
  ok(measured.every((on) => on === 1));
  ok(!place.includes(2400), "a point behind another is not shown");
  equal(place[pixelOf(0)] >= 0, true);
  ok(place.every((shown, pixel) => pixelOf(shown) === pixel));
});
