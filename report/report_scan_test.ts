import { deepEqual, equal, ok } from "node:assert/strict";
import { findRegions, type Scan, type ScanFound } from "../core/mod.ts";
import { readPng } from "../formats/mod.ts";
import { colourScale } from "./colour_scale.ts";
import { samplePoints } from "./point_sample.ts";
import { reportScan } from "./report_scan.ts";

const SIZE = 200;

function bumpyScan(): { scan: Scan; scores: Float32Array } {
  const points = new Float32Array(3 * SIZE * SIZE),
    valid = new Uint8Array(SIZE * SIZE),
    scores = new Float32Array(SIZE * SIZE);
  for (let i = 0; i < valid.length; i++) {
    const c = i % SIZE, r = Math.floor(i / SIZE);
    if ((c + r) % 7 === 0) continue;
    valid[i] = 1;
    points.set([(c - 100) / 2000, (r - 100) / 2000, 0.6 + 0.002 * Math.sin(c / 9)], 3 * i);
    if (Math.hypot(c - 100, r - 100) < 60) scores[i] = 0.3;
    if (Math.hypot(c - 130, r - 80) < 8) scores[i] = 1.7;
  }
  return { scan: { name: "bumpy", width: SIZE, height: SIZE, points, valid }, scores };
}

Deno.test("samplePoints() keeps within its bound, and most of it for the part", () => {
  const { scan, scores } = bumpyScan();
  for (const most of [50, 1000, 8000]) {
    const places = samplePoints(scan, scores, most);
    ok(places.length <= most && places.length > 0.85 * most, `${places.length} of ${most}`);
    ok(places.every((place, i) => scan.valid[place] === 1 && (i === 0 || place > places[i - 1])));
    ok(places.filter((place) => scores[place] > 0).length > 0.7 * Math.min(most, 9000));
  }
  const cloud = { ...scan, width: SIZE * SIZE, height: 1 };
  equal(samplePoints(cloud, scores, 1e6).length, scan.valid.reduce((sum, on) => sum + on, 0));
  const few = samplePoints(cloud, scores, 500);
  ok(few.length <= 500 && few.length > 400, `${few.length}`);
});

Deno.test("reportScan() quantises points to what a sensor can tell, and marks regions where they are", async () => {
  const { scan, scores } = bumpyScan();
  const { regions } = findRegions(scan, scores, 1);
  equal(regions.length, 1);
  const found: ScanFound = {
    input: "bumpy",
    score: 1.7,
    pValue: null,
    threshold: 1,
    thresholdOrigin: "given",
    notes: [],
    pose: null,
    decidedBy: null,
    decision: "anomalous",
    regions,
    files: {},
    seconds: 1,
  };
  const { points, pictures, marks } = reportScan({
    found,
    scan,
    scores,
    scale: colourScale({ max: 2 }),
    mapThreshold: 1,
  });
  const places = samplePoints(scan, scores, 8000);
  equal(points.count, places.length);
  deepEqual(
    [points.positions.length, points.scores.length, points.greys.length],
    [6, 2, 1].map((n) => n * points.count),
  );
  const at = new DataView(points.positions.buffer), scored = new DataView(points.scores.buffer);
  places.forEach((place, i) => {
    for (const axis of [0, 1, 2]) {
      const mm = points.originMm[axis] + points.stepMm * at.getInt16(6 * i + 2 * axis, true);
      const off = Math.abs(mm - 1000 * scan.points[3 * place + axis]);
      ok(off <= points.stepMm * 0.51, `axis ${axis} of point ${i} is off by ${off} mm`); // half a step, and float32
    }
    const score = (points.mostScore * scored.getUint16(2 * i, true)) / 65535;
    ok(Math.abs(score - scores[place]) <= (points.mostScore / 65535) * 0.51);
  });
  ok(points.stepMm < 0.002, `${points.stepMm} mm`);
  ok(Math.hypot(marks[0].x - 130, marks[0].y - 80) < 2, JSON.stringify(marks));
  for (const png of [pictures.relief, pictures.heat, pictures.regions!]) {
    const { width, height } = await readPng(png);
    deepEqual([width, height], [pictures.width, pictures.height]);
  }
  equal(pictures.truth, undefined);
});

Deno.test("reportScan() of a scan without a point is whole", () => {
  const scan: Scan = { name: "empty", width: 4, height: 3, points: new Float32Array(36), valid: new Uint8Array(12) };
  const found: ScanFound = {
    input: "empty",
    score: 0,
    pValue: 1,
    threshold: null,
    thresholdOrigin: "none",
    notes: [],
    pose: null,
    decidedBy: null,
    decision: "normal",
    regions: [],
    files: {},
    seconds: 0,
  };
  const { points } = reportScan({
    found,
    scan,
    scores: new Float32Array(12),
    scale: colourScale({ max: 1 }),
    mapThreshold: null,
  });
  deepEqual([points.count, points.stepMm, points.mostScore], [0, 1, 0]);
});
