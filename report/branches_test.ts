import { deepEqual, equal, ok } from "node:assert/strict";
import {
  type Camera,
  type DetectDocument,
  findRegions,
  type JudgedBranches,
  type MapFrame,
  type Region,
  type Scan,
  type ScanFound,
  type ScoreMap,
  toOwnResolution,
} from "../core/mod.ts";
import { readPng } from "../formats/mod.ts";
import { tinyScan } from "../testing/mod.ts";
import type { ScanBranches } from "./branch_pictures.ts";
import { colourAt, colourScale, coverAt } from "./colour_scale.ts";
import { heatMapPng, MISSING_COLOUR } from "./heat_map.ts";
import { reportHtml } from "./html.ts";
import { missingPart } from "./missing_part.ts";
import { type ReportScan, reportScan } from "./report_scan.ts";

const SIDE = 64, SIZE = 32;
const scale = colourScale({ max: 4, threshold: 1 });

/** Tiny scans are cut to their middle rows, so that pictures are not square: 64 × 48 in the middle of a square of 64. */
const HEIGHT = 48, TOP = 8;
const frame: MapFrame = { size: SIZE, width: SIDE, height: HEIGHT, side: SIDE, top: TOP, left: 0 };

/** Of tiny scans: two pixels of the scan a map pixel, a millimetre each. */
const camera: Camera = { matrix: [500, 0, 0, 500], offset: [16, 16], central: false, rms: 0 };

/** The middle rows of a tiny scan. */
function middle(scan: Scan): Scan {
  const from = TOP * SIDE, to = from + HEIGHT * SIDE;
  return {
    name: scan.name,
    width: SIDE,
    height: HEIGHT,
    points: scan.points.slice(3 * from, 3 * to),
    valid: scan.valid.slice(from, to),
  };
}

const WHOLE = tinyScan({ seed: 1 });

/** The plate's points: what should have been seen. */
const shape = Float32Array.from(
  Array.from({ length: SIDE * SIDE }, (_, i) => [...WHOLE.points.subarray(3 * i, 3 * i + 3)])
    .filter(([, , z]) => z < 0.496).flat(),
);

/** Map columns and rows of the bite, and of an odd surface. */
const inBite = (column: number, row: number) => column >= 20 && column < 25 && row >= 10 && row < 16;
const inScratch = (column: number, row: number) => column >= 9 && column < 12 && row >= 17 && row < 20;

/** A plate that lacks a bite, through which the table is seen. */
function bitten(): Scan {
  const scan = middle(WHOLE);
  for (let i = 0; i < SIDE * HEIGHT; i++) {
    const column = Math.floor((i % SIDE) / 2), row = Math.floor((Math.floor(i / SIDE) + TOP) / 2);
    if (inBite(column, row)) scan.points[3 * i + 2] = 0.5;
  }
  return scan;
}

const map = (value: (column: number, row: number) => number): ScoreMap => {
  const values = Float32Array.from({ length: SIZE * SIZE }, (_, i) => value(i % SIZE, Math.floor(i / SIZE)));
  return { size: SIZE, values, score: values.reduce((most, value) => Math.max(most, value)) };
};

const FEATURE = map((column, row) => inScratch(column, row) ? 2 : 0);
const MISSING = map((column, row) => inBite(column, row) ? 8 : 0);

interface Judged {
  readonly scan: Scan;
  readonly report: ReportScan;
  readonly branches: ScanBranches;
  readonly scores: Float32Array;
}

/** The bitten plate as `detect` reports it, the missing map halved and added to the other. */
function judged(kept: Partial<JudgedBranches> = { shape }, rest: Partial<ScanFound> = {}): Judged {
  const scan = bitten(), judged = { feature: FEATURE, missing: MISSING, ...kept };
  const shares = { feature: judged.feature, missing: map((c, r) => judged.missing.values[r * SIZE + c] / 2) };
  const scores = toOwnResolution(shares.feature.values.map((value, i) => value + shares.missing.values[i]), frame);
  const { regions, labels } = findRegions(scan, scores, 1, {
    branchAt: (pixel) =>
      inScratch(Math.floor((pixel % SIDE) / 2), Math.floor((Math.floor(pixel / SIDE) + TOP) / 2))
        ? "feature"
        : "reconstruction",
  });
  const part = missingPart(scan, labels, judged, { frame, camera });
  const branches: ScanBranches = { judged, shares, part, frame, camera };
  const report = reportScan({ found: found(regions, rest), scan, scores, scale, mapThreshold: 1, branches });
  return { scan, report, branches, scores };
}

const found = (regions: readonly Region[], rest: Partial<ScanFound> = {}): ScanFound => ({
  input: "missing/000",
  score: 4,
  pValue: 0.05,
  threshold: 1,
  thresholdOrigin: "given",
  decision: "anomalous",
  decidedBy: "reconstruction",
  notes: [],
  pose: null,
  regions,
  files: {},
  seconds: 1,
  ...rest,
});

function pageOf(scans: readonly ReportScan[]): string {
  const detect: DetectDocument = {
    schema: "uni3dad.detect/1",
    adapter: { description: "", software: true },
    model: {
      name: "plate",
      method: "fpfh+nearest-normal/mean-std",
      preset: "default",
      version: "0",
      trainScans: 2,
      suspects: [],
      fingerprint: "",
      facts: {},
      calibration: null,
    },
    scans: scans.map(({ found }) => found),
  };
  return reportHtml({ detect, scans, scale, seed: 0, plotly: "" });
}

Deno.test("reportScan() draws the missing part where the scan lacks it, striped, shaded and outlined", async () => {
  const { report: { pictures }, branches } = judged();
  const part = await readPng(pictures.branches!.part!), line = await readPng(pictures.missing!);
  deepEqual([part.width, part.height, line.width, line.height], [SIDE, HEIGHT, SIDE, HEIGHT]);
  const covered = Array.from({ length: SIDE * HEIGHT }, (_, i) => part.values[4 * i + 3] === 255);
  deepEqual(covered, Array.from(branches.part.regionAt, (region) => region > 0));
  equal(covered.filter((on) => on).length, 10 * 12, "the bite's pixels");
  const colours = new Set(covered.flatMap((on, i) => on ? [part.values.slice(4 * i, 4 * i + 3).join()] : []));
  ok(colours.size > 4, `${[...colours]}`);
  for (let i = 0; i < SIDE * HEIGHT; i++) {
    const [red, green, blue, cover] = part.values.subarray(4 * i, 4 * i + 4);
    if (covered[i]) ok(blue > green && green > red, `${red}, ${green}, ${blue}`);
    else equal(cover, 0);
  }
  const outlined = Array.from({ length: SIDE * HEIGHT }, (_, i) => line.values[4 * i + 3] > 0);
  equal(outlined.filter((on) => on).length, 2 * 10 + 2 * 12 - 4);
  ok(outlined.every((on, i) => !on || covered[i]), "the line is the part's own border");
  deepEqual([...line.values.subarray(4 * outlined.indexOf(true)).subarray(0, 3)], [...MISSING_COLOUR]);
});

Deno.test("reportScan() has each branch's share on the run's colours, and the whole shape, over the map's square", async () => {
  const { branches } = judged().report.pictures;
  deepEqual(branches!.square, { x: 0, y: -TOP, width: SIDE, height: SIDE });
  const [surface, missing, whole] = await Promise.all(
    [branches!.surface, branches!.missing, branches!.whole!].map(readPng),
  );
  for (let i = 0; i < SIZE * SIZE; i++) {
    const column = i % SIZE, row = Math.floor(i / SIZE), at = `${column}, ${row}`;
    const shown = ({ values }: { values: ArrayLike<number> }) => Array.from({ length: 4 }, (_, c) => values[4 * i + c]);
    const heat = (position: number) => [...colourAt(position), Math.round(255 * coverAt(position))];
    deepEqual(shown(surface), inScratch(column, row) ? heat(0.5) : [0, 0, 0, 0], at);
    deepEqual(shown(missing), inBite(column, row) ? heat(1) : [0, 0, 0, 0], at);
    const far = Math.max(Math.abs(column - 15.5), Math.abs(row - 15.5)); // the plate covers 18 map pixels, gap or not
    if (far < 8) ok(shown(whole)[3] > 100 && shown(whole)[3] < 255, `${at}: the scan shows through`);
    if (far > 11) equal(shown(whole)[3], 0, at);
  }
});

Deno.test("reportScan() has the missing points for the 3-D view, and marks the bite where it is", () => {
  const { report: { points, marks, lacking, found }, branches } = judged();
  const { count, positions, colours } = points.missing!;
  deepEqual([count, positions.length, colours.length], [120, 720, 360]);
  const at = new DataView(positions.buffer), wanted = branches.part.points;
  for (let i = 0; i < 3 * count; i++) {
    const mm = points.originMm[i % 3] + points.stepMm * at.getInt16(2 * i, true);
    ok(Math.abs(mm - 1000 * wanted[i]) <= 0.51 * points.stepMm, `${mm} and ${1000 * wanted[i]}`);
    if (i % 3 === 2) ok(mm < 493, `${mm}: on the plate, not on the table`);
  }
  const bite = found.regions.findIndex(({ branch }) => branch === "reconstruction");
  const { x, y } = marks[bite];
  ok(Math.abs(x - 44.5) < 1 && Math.abs(y - (25.5 - TOP)) < 1, `${x}, ${y}`);
  deepEqual(lacking, [bite + 1]);
});

Deno.test("reportScan() of many missing points keeps 2000 of them, evenly", () => {
  const many = Float32Array.from(
    { length: 3 * 6000 },
    (_, i) => i % 3 === 2 ? 0.49 : 0.013 + (i % 3 ? -0.02 : 0) + 1e-7 * i,
  );
  const { branches, report: { points } } = judged({ shape: many });
  ok(branches.part.pixels.length > 4000, `${branches.part.pixels.length}`);
  equal(points.missing!.count, 2000);
});

Deno.test("reportScan() without a shape has maps, and what is missing in one shade", async () => {
  const { report: { points, pictures } } = judged({});
  deepEqual([points.missing, pictures.branches!.whole], [undefined, undefined]);
  const { values } = await readPng(pictures.branches!.part!);
  const colours = new Set(Array.from({ length: SIDE * HEIGHT }, (_, i) => values.slice(4 * i, 4 * i + 4).join()));
  equal(colours.size, 3, "none, shade and stripe");
});

Deno.test("reportScan() of a complete scan has no missing part", () => {
  const { report: { points, pictures, lacking } } = judged({ shape, missing: map(() => 0) });
  deepEqual([points.missing, pictures.missing, pictures.branches!.part, lacking], [
    undefined,
    undefined,
    undefined,
    [],
  ]);
  ok(pictures.branches!.whole);
});

Deno.test("heatMapPng() outlines what is missing", async () => {
  const { scan, scores, branches: { part } } = judged();
  const { values } = await readPng(heatMapPng({ scan, scores, scale, threshold: null, missing: part.regionAt }));
  const first = part.regionAt.findIndex((region) => region > 0);
  deepEqual([...values.subarray(3 * first, 3 * first + 3)], [...MISSING_COLOUR]);
});

Deno.test("reportHtml() says which branch decided and what each region is", () => {
  const { report } = judged(), html = pageOf([report]);
  ok(html.includes("Decided by: <b>a missing piece</b>."));
  ok(html.includes(`<td data-value="a missing piece">a missing piece</td>`));
  for (const [i, { branch }] of report.found.regions.entries()) {
    const word = branch === "reconstruction" ? "missing" : "surface";
    ok(html.includes(`<td class="number">${i + 1}</td><td>${word}</td>`), `${i}: ${word}`);
  }
  equal(new Set(report.found.regions.map(({ branch }) => branch)).size, 2);
  const odd = pageOf([judged({ shape }, { decidedBy: "feature" }).report]);
  ok(odd.includes("Decided by: <b>an odd surface</b>."));
  const strange = { costMm: 9, covered: false, fits: false };
  ok(pageOf([judged({ shape }, { pose: strange }).report]).includes("Decided by: <b>no normal shape fits</b>."));
  const normal = pageOf([judged({ shape }, { decision: "normal", decidedBy: "feature" }).report]);
  ok(!normal.includes("Decided by:") && normal.includes("Its highest place comes from the <b>surface</b> branch."));
});

Deno.test("reportHtml() says where a surface region lacks something, too", () => {
  const { report } = judged();
  const regions = report.found.regions.map((region) => ({ ...region, branch: "feature" as const }));
  const html = pageOf([{ ...report, found: { ...report.found, regions } }]);
  equal(html.match(/<td>surface, partly missing<\/td>/g)?.length, 1);
});

Deno.test("reportHtml() switches the maps of both branches without scripts, each picture once in the page", () => {
  const { report } = judged(), html = pageOf([report]);
  const radios = [...html.matchAll(/<input type="radio" name="map" id="([\w-]+)"( checked)?>/g)];
  deepEqual(radios.map(([, id, checked]) => [id, checked !== undefined]), [
    ["map-fused", true],
    ["map-surface", false],
    ["map-missing", false],
    ["map-whole", false],
    ["map-scan", false],
  ]);
  ok(html.includes(`<input type="checkbox" id="missing-part" checked>`));
  for (const [, id] of radios) ok(html.includes(`body:has(#${id}:checked)`), id);
  for (const kind of ["share-surface", "share-missing", "whole-shape"]) {
    const image = `<image class="${kind}" x="0" y="-8" width="64" height="64" preserveAspectRatio="none" href="data:`;
    equal(html.split(image).length, 2, kind);
  }
  for (const id of ["part-scan-1", "line-scan-1"]) {
    deepEqual([html.split(`id="${id}"`).length, html.split(`href="#${id}"`).length], [2, 2], id);
  }
  const used = [...html.matchAll(/<use [^>]*href="#([^"]+)"/g)].map(([, id]) => id);
  ok(used.every((id) => html.includes(`id="${id}"`)), used.join());
  const [, json] = /id="points-scan-1">([^<]*)</.exec(html)!;
  const { missing } = JSON.parse(json);
  deepEqual([missing.count, Uint8Array.fromBase64(missing.positions).length], [120, 720]);
  equal(Uint8Array.fromBase64(missing.colours).length, 360);
});

Deno.test("reportHtml() of one branch knows nothing of two", () => {
  const { scan, scores, report } = judged();
  const alone = reportScan({
    found: { ...report.found, decidedBy: null },
    scan,
    scores,
    scale,
    mapThreshold: 1,
  });
  const html = pageOf([alone]);
  for (
    const words of ["missing-part", "map-fused", "Decided by", "missingTraces", "share-", "partly", "<th>What</th>"]
  ) {
    ok(!html.includes(words), words);
  }
  ok(html.includes(`<input type="checkbox" id="heat" checked>`));
});
