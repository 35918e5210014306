import { deepEqual, equal, ok } from "node:assert/strict";
import { findRegions } from "./regions.ts";
import type { Scan } from "./scan.ts";

/** A plane tilted by 60° about the column axis, a millimetre a column. */
function plate(width: number, height: number): Scan {
  const points = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    points.set(
      [(i % width) / 1000, Math.floor(i / width) / 1000, 0.5 + Math.sqrt(3) * Math.floor(i / width) / 1000],
      3 * i,
    );
  }
  return { name: "plate", width, height, points, valid: new Uint8Array(width * height).fill(1) };
}

Deno.test("findRegions() measures the surface, not its shadow, and names peak and centre", () => {
  const scan = plate(20, 20), scores = new Float32Array(400);
  for (let r = 5; r < 9; r++) for (let c = 10; c < 15; c++) scores[r * 20 + c] = 2 + (r === 6 && c === 12 ? 1 : 0);
  const { regions, labels } = findRegions(scan, scores, 1);
  equal(regions.length, 1);
  ok(Math.abs(regions[0].areaMm2 - 20 * 2) < 1e-3, `20 pixels of 1 × 2 mm, not ${regions[0].areaMm2}`); // 1/cos 60° = 2
  equal(regions[0].peak, 3);
  deepEqual(regions[0].centreMm.map((v) => Math.round(v * 100) / 100), [
    12,
    6.5,
    Math.round((500 + Math.sqrt(3) * 6.5) * 100) / 100,
  ]);
  equal(labels.reduce((sum, label) => sum + label, 0), 20);
});

Deno.test("findRegions() joins at corners, separates across gaps, sorts by peak, and is strict at the threshold", () => {
  const scan = plate(10, 10), scores = new Float32Array(100);
  scores[11] = scores[22] = 5;
  scores[77] = 9;
  scores[99] = 1;
  const { regions } = findRegions(scan, scores, 1);
  deepEqual(regions.map(({ peak }) => peak), [9, 5]);
});

Deno.test("findRegions() gives a place without measurement the median pixel's area and the nearest point's place", () => {
  const scan = plate(10, 10), scores = new Float32Array(100);
  for (const i of [44, 45, 54, 55]) {
    (scan.valid as Uint8Array)[i] = 0;
    scores[i] = 4;
  }
  const [region] = findRegions(scan, scores, 1).regions;
  ok(Math.abs(region.areaMm2 - 8) < 1e-3, `${region.areaMm2}`);
  ok(Math.abs(region.centreMm[0] - 4) <= 1.01, `${region.centreMm}`);
});
