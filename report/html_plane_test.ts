import { deepEqual, equal, ok } from "node:assert/strict";
import type { FusionPlane, ScanFound, ScoreMap } from "../core/mod.ts";
import { colourScale } from "./colour_scale.ts";
import { reportHtml } from "./html.ts";
import { planeChart } from "./html_plane.ts";
import { missingPart } from "./missing_part.ts";
import { type ReportScan, reportScan } from "./report_scan.ts";

const SIZE = 4, scale = colourScale({ max: 4, threshold: 1 });
const frame = { size: SIZE, width: SIZE, height: SIZE, side: SIZE, top: 0, left: 0 };
const map = (...values: number[]): ScoreMap => ({
  size: SIZE,
  values: Float32Array.from({ length: SIZE * SIZE }, (_, i) => values[i] ?? 0),
  score: Math.max(...values),
});

/** A scan with these maps, as `detect` reports it. */
function scanOf(
  input: string,
  [feature, missing, fused]: readonly ScoreMap[],
  { mapThreshold = 1 as number | null, withPlane = true } = {},
): ReportScan {
  const points = Float32Array.from({ length: 3 * SIZE * SIZE }, (_, i) => i % 3 === 2 ? 0.5 : (i % 7) / 1000);
  const scan = { name: input, width: SIZE, height: SIZE, points, valid: new Uint8Array(SIZE * SIZE).fill(1) };
  const judged = { feature, missing }, part = missingPart(scan, new Uint32Array(SIZE * SIZE), judged, { frame });
  const found: ScanFound = {
    input,
    score: fused.score,
    pValue: null,
    threshold: 1,
    thresholdOrigin: "given",
    decision: fused.score > 1 ? "anomalous" : "normal",
    decidedBy: "feature",
    notes: [],
    pose: null,
    regions: [],
    files: {},
    seconds: 1,
  };
  const branches = { judged, shares: judged, part, frame };
  return reportScan({
    found,
    scan,
    scores: fused.values,
    scale,
    mapThreshold,
    branches,
    ...(withPlane ? { fused } : {}),
  });
}

const plane: FusionPlane = {
  scale: 2,
  normal: Float32Array.from([0.5, 0, 1, 0.25]),
  boundary: [Float32Array.from([0, 1, 2, 0])],
};

/** Maps whose places are, k · S1 and S2: (8, 0), (0, 9), (2, 1) and (0.5, 0), from the highest down. */
const ODD = [map(4, 0, 1, 0.25), map(0, 9, 1, 0), map(5, 4, 3, 0.5)];
const EVIL = `</svg><img src=x onerror="alert('1')">/000`;

function pageOf(scans: readonly ReportScan[], shown?: FusionPlane): string {
  const model = {
    name: "plate",
    method: "fpfh+nearest-normal/ocsvm",
    preset: "default",
    version: "0",
    trainScans: 2,
    suspects: [],
    fingerprint: "",
    facts: {},
    calibration: null,
  };
  const adapter = { description: "", software: true };
  const detect = { schema: "uni3dad.detect/1" as const, adapter, model, scans: scans.map(({ found }) => found) };
  return reportHtml({ detect, scans, scale, seed: 0, plotly: "", plane: shown });
}

/** Where the dots of a path lie. */
const dotsOf = (path: string) => [...path.matchAll(/M([\d.]+) ([\d.]+)h0/g)].map(([, x, y]) => [Number(x), Number(y)]);
const pathOf = (html: string, kind: string) => new RegExp(`class="plane-dots ${kind}" d="([^"]*)"`).exec(html)![1];
const cardsOf = (html: string) => html.match(/<details class="plane"[\s\S]*?<\/details>/g) ?? [];

/** Where a label of a class of words stands along an axis. */
const labelAt = (ground: string, words: string, axis: "x" | "y") =>
  [...ground.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g)]
    .filter(([, x, y, shown]) => shown === words && (axis === "x") === (Number(x) > 60 && Number(y) > 360))
    .map(([, x, y]) => axis === "x" ? Number(x) : Number(y) - 4)[0];

Deno.test("planeChart() draws each place where its values are on the axes, by whether it is beyond the threshold", () => {
  const scan = scanOf("odd/000", ODD), { ground, ofScan } = planeChart(plane, [scan])!, card = ofScan(scan);
  const beyond = dotsOf(pathOf(card, "beyond")), within = dotsOf(pathOf(card, "within"));
  deepEqual([beyond.length, within.length], [3, 1]);
  const near = (a: number, b: number, words: string) => ok(Math.abs(a - b) <= 0.2, `${words}: ${a} and ${b}`);
  near(beyond[2][0], labelAt(ground, "2", "x"), "k·S1 of 2");
  near(beyond[2][1], labelAt(ground, "1", "y"), "S2 of 1");
  const [edge, two] = [beyond[0], beyond[2]].map(([x]) => x), strip = 2 * two - edge; // √8 is 2 · √2
  near(within[0][0], strip + (two - strip) / 2, "k·S1 of 0.5");
  ok(beyond[1][0] < strip && beyond[1][0] > 60, "in the strip where S1 is 0");
  for (const [, y] of [beyond[0], within[0]]) ok(y > beyond[2][1] && y < 354, "in the strip where S2 is 0");
  ok(card.includes(`<circle class="plane-highest" cx="${beyond[0][0]}" cy="${beyond[0][1]}"`), "the highest is ringed");
  ok(card.includes("3 of 4 places beyond the map's threshold") && card.includes("k·S1 8.00, S2 0 mm"));
  ok(!card.includes("even sample"), "all are drawn");
});

Deno.test("planeChart() draws normal places and the boundary once, on axes that have room for all scans", () => {
  const odd = scanOf("odd/000", ODD), good = scanOf("good/000", [map(0.25), map(), map(0.5)]);
  const chart = planeChart(plane, [odd, good])!;
  const [first, second] = dotsOf(pathOf(chart.ground, "normal"));
  const [[x, y]] = dotsOf(pathOf(chart.ofScan(good), "within"));
  equal(first[0], x, "k·S1 of 0.5 lies where it does among normal places");
  ok(first[1] > y, "normal places have the outer half of the strip");
  ok(second[0] > first[0] && second[1] < y);
  const path = /id="plane-boundary"[^>]* d="([^"]+)"/.exec(chart.ground)![1];
  ok(path.startsWith("M60.0 ") && path.endsWith(" 354.0"), path);
  const alone = planeChart(plane, [good])!;
  ok(labelAt(alone.ground, "2", "x") > labelAt(chart.ground, "2", "x"), "the boundary is in sight without odd places");
});

Deno.test("planeChart() has nothing to draw without a plane, or where no branch says anything", () => {
  const odd = scanOf("odd/000", ODD), silent = scanOf("good/000", [map(), map(), map()]);
  equal(planeChart(undefined, [odd]), undefined);
  equal(planeChart(plane, [silent]), undefined);
  equal(planeChart(plane, [scanOf("odd/000", ODD, { withPlane: false })]), undefined);
  equal(planeChart(plane, [odd, silent])!.ofScan(silent), "");
});

Deno.test("planeChart() of a run without a threshold has no place beyond it", () => {
  const scan = scanOf("odd/000", ODD, { mapThreshold: null }), card = planeChart(plane, [scan])!.ofScan(scan);
  deepEqual([dotsOf(pathOf(card, "beyond")).length, dotsOf(pathOf(card, "within")).length], [0, 4]);
  ok(card.includes("<summary>Both branches in one plane: 4 places</summary>") && !card.includes("beyond the map"));
});

Deno.test("reportHtml() has a folded plane on each card and its ground once; its names are escaped", () => {
  const html = pageOf([scanOf("odd/000", ODD), scanOf(EVIL, ODD)], plane), cards = cardsOf(html);
  equal(cards.length, 2);
  for (const id of ["plane-ground", "plane-boundary"]) {
    equal(html.split(`id="${id}"`).length, 2, id);
    ok(cards.every((card) => card.split(`href="#${id}"`).length === 2), id);
  }
  ok(!html.includes("<img") && cards[1].includes("&lt;/svg&gt;"));
  ok(html.includes(".plane-dots") && html.includes("<b>Both branches in one plane</b>"));
});

Deno.test("reportHtml() of a fuser without a plane knows nothing of it", () => {
  const html = pageOf([scanOf("odd/000", ODD, { withPlane: false })]);
  ok(!html.includes("plane-") && !html.includes("in one plane"));
});
