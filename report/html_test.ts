import { deepEqual, equal, ok } from "node:assert/strict";
import plotly from "plotly" with { type: "text" };
import type { DetectDocument, Region, Scan, ScanFound } from "../core/mod.ts";
import type { EvaluateRun } from "../evaluation/mod.ts";
import { readPng } from "../formats/mod.ts";
import { proCurveChart, scoreChart } from "./charts.ts";
import { colourScale } from "./colour_scale.ts";
import { escapeHtml, fileLink, scriptJson } from "./escape.ts";
import { type Report, reportHtml } from "./html.ts";
import { reportScan } from "./report_scan.ts";

const SIZE = 24, EVIL = `</script><img src=x onerror="alert('1')">&amp;/005`;
const scale = colourScale({ max: 4, threshold: 1 });
const region: Region = { areaMm2: 12.5, centreMm: [1.25, -2, 500], peak: 3.5, branch: "feature" };

const found = (input: string, score: number, rest: Partial<ScanFound> = {}): ScanFound => ({
  input,
  score,
  pValue: 0.05,
  threshold: 1.5,
  thresholdOrigin: "95 % of 19 held-out normal scans (split)",
  notes: [],
  pose: null,
  decidedBy: null,
  decision: score > 1.5 ? "anomalous" : "normal",
  regions: score > 1.5 ? [region] : [],
  files: { map: `maps/a b/"><b>.tiff` },
  seconds: 0.5,
  ...rest,
});

function plane(): Scan {
  const points = new Float32Array(3 * SIZE * SIZE);
  for (let i = 0; i < SIZE * SIZE; i++) points.set([(i % SIZE) / 1000, Math.floor(i / SIZE) / 1000, 0.5], 3 * i);
  const truth = { width: SIZE, height: SIZE, values: new Uint8Array(SIZE * SIZE).fill(1, 100, 110) };
  return { name: "plane", width: SIZE, height: SIZE, points, valid: new Uint8Array(SIZE * SIZE).fill(1), truth };
}

const report = (scans: DetectDocument["scans"], rest: Partial<Report> = {}): Report => ({
  detect: {
    schema: "uni3dad.detect/1",
    adapter: { description: "llvmpipe <1>", software: true },
    model: {
      name: "bagel <b>",
      method: "fpfh",
      preset: "default",
      version: "0.1.0",
      trainScans: 244,
      suspects: [],
      fingerprint: "abc123",
      facts: { bankRows: 17483 },
      calibration: { kind: "split", scans: 19, reachableAlpha: 0.05 },
    },
    scans,
  },
  scans: scans.filter((scan) => !("error" in scan)).map((scan) =>
    reportScan({
      found: scan as ScanFound,
      scan: plane(),
      scores: new Float32Array(SIZE * SIZE).fill(2, 200, 210),
      scale,
      mapThreshold: 1,
    })
  ),
  scale,
  calibration: { kind: "split", folds: 1, scores: [0.5, 0.6, 1.4], names: ["a", "b", "c"] },
  seed: 42,
  plotly: "window.Plotly = '</script><!--';",
  ...rest,
});

const auPro = { exact: { "0.3": 0.961, "0.01": 0.7 }, official: { "0.3": 0.9 } };
const evaluate: EvaluateRun = {
  category: "bagel",
  method: "fpfh",
  preset: "default",
  options: {},
  trainScans: 244,
  testScans: 3,
  bankRows: 17483,
  auPro,
  pixelAuroc: NaN,
  scanAuroc: 0.75,
  byDefect: { "hole<i>": { scans: 1, auPro, pixelAuroc: 0.9, scanAuroc: null } },
  ownResolution: { auPro, pixelAuroc: 0.9 },
  curve: { fpr: [0, 0.1, 0.3], pro: [0, 0.8, 1] },
  seconds: { fit: 1, perScan: { median: 1, p95: 1 }, stages: {} },
  peakMemoryBytes: 0,
};

const scans: DetectDocument["scans"] = [
  found("good/000", 0.5, { truth: "good" }),
  found("good/001", 1.75, { truth: "good" }),
  found(EVIL, 3, { truth: "hole" }),
  { input: "broken<u>.tiff", error: { code: "malformed-file", message: "Cannot read <tiff>" } },
];

/** The page without what a browser does not take for mark-up. */
const withoutRawText = (html: string) => html.replace(/(<(script|style)\b[^>]*>)[\s\S]*?<\/\2>/g, "$1</$2>");

const dataOf = (html: string, id: string) =>
  JSON.parse(new RegExp(`<script type="application/json" id="${id}">([^<]*)</script>`).exec(html)![1]);

Deno.test("reportHtml() shows every scan in the table, and judged ones on a card that the table links to", () => {
  const html = reportHtml(report(scans));
  equal(html.match(/<tr data-decision=/g)!.length, 4);
  equal(html.match(/<article /g)!.length, 3);
  for (const id of ["scan-1", "scan-2", "scan-3"]) {
    ok(html.includes(`<a href="#${id}">`) && html.includes(`<article class="card" id="${id}"`), id);
  }
  for (const words of ["false alarm", "malformed-file", "12.5", "1.3, -2.0, 500.0", "seed", "abc123", "17483"]) {
    ok(html.toLowerCase().includes(words.toLowerCase()), words);
  }
  equal(html.match(/data-wrong/g)!.length, 2 + pageRules(html), "the false alarm's row and card");
});

const pageRules = (html: string) => /<style>[\s\S]*?<\/style>/.exec(html)![0].match(/data-wrong/g)!.length;

Deno.test("reportHtml() escapes names wherever they stand", () => {
  const page = withoutRawText(reportHtml(report(scans, { evaluate })));
  for (const tag of ["<img ", "<b>.tiff", "<u>", "<i>", "<1>", "<tiff>", "alert('1')"]) ok(!page.includes(tag), tag);
  ok(page.includes(escapeHtml(EVIL)));
  equal(page.match(/<script/g)!.length, page.match(/<\/script>/g)!.length);
  equal(page.match(/<script/g)!.length, 3 + 3, "one a card, the scale, the library, the page's own");
  ok(page.includes(`href="./maps/a%20b/%22%3E%3Cb%3E.tiff"`));
});

Deno.test("reportHtml() loads nothing from anywhere", () => {
  const html = reportHtml(report(scans, { evaluate, plotly }));
  const addresses = [...withoutRawText(html).matchAll(/(?:src|href|action|data|poster|srcset)="([^"]*)"/g)].map((
    [, to],
  ) => to);
  ok(addresses.length > 10);
  for (const to of addresses) ok(/^(#|\.\/|data:image\/png;base64,)/.test(to), to);
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1];
  ok(!/url\(|@import/.test(style));
  ok(html.includes(`content="default-src 'none'; img-src data: blob:;`));
  ok(!/fetch\(|XMLHttpRequest|import\(/.test(html.slice(html.lastIndexOf("<script>"))));
});

Deno.test("reportHtml() carries the plotting library to the letter", () => {
  equal(dataOf(reportHtml(report(scans, { plotly })), "plotting-library"), plotly);
  equal(dataOf(reportHtml(report(scans)), "plotting-library"), "window.Plotly = '</script><!--';");
});

Deno.test("reportHtml() marks the threshold on the bar where the scale has it", () => {
  const html = reportHtml(report(scans));
  const bars = html.match(/<line class="mark" x1="100.0" x2="100.0"/g)!; // threshold 1 of 4 on a bar of 400
  equal(bars.length, 3);
  ok(!reportHtml(report(scans, { scale: colourScale({ max: 4 }) })).includes(`class="mark"`));
});

Deno.test("reportHtml() has pictures that can be read, and points that fit them", async () => {
  const html = reportHtml(report(scans));
  const pictures = [...html.matchAll(/width="24" height="24" href="data:image\/png;base64,([^"]+)"/g)];
  equal(pictures.length, 3 * 4, "relief, heat, regions and truth of each");
  for (const [, base64] of pictures) {
    const { width, height } = await readPng(Uint8Array.fromBase64(base64));
    deepEqual([width, height], [SIZE, SIZE]);
  }
  const { count, positions, marks } = dataOf(html, "points-scan-3");
  equal(count, SIZE * SIZE);
  equal(Uint8Array.fromBase64(positions).length, 6 * count);
  deepEqual(marks, [[1.25, -2, 500]]);
});

Deno.test("reportHtml() shows accuracy where it is known", () => {
  const html = reportHtml(report(scans, { evaluate }));
  for (const words of ["PRO curve", "96.1", "scan AUROC 75.0 %", "Pixel AUROC –", `<table id="defects">`]) {
    ok(html.includes(words), words);
  }
  ok(!reportHtml(report(scans)).includes("PRO curve"));
});

Deno.test("reportHtml() tells a scan's notes on its card, escaped", () => {
  const html = reportHtml(report([found("a.tiff", 2, { notes: ["<b>another</b> unit?"] }), found("b.tiff", 2)]));
  equal(html.match(/<p class="note">&lt;b&gt;another&lt;\/b&gt; unit\?<\/p>/g)!.length, 1);
  equal(html.match(/<p class="note">/g)!.length, 1);
});

Deno.test("reportHtml() says that nothing is decided without a threshold, and stands without scans", () => {
  const open = found("a.tiff", 2, {
    threshold: null,
    pValue: null,
    decision: "normal",
    thresholdOrigin: "none: too few",
    notes: [],
    pose: null,
    decidedBy: null,
  });
  ok(reportHtml(report([open])).includes("No scan could be called anomalous: threshold none: too few"));
  const empty = reportHtml(report([], { calibration: undefined }));
  ok(!empty.includes('plotting-library">') && empty.endsWith("</html>\n"));
  const cut = reportHtml(report(scans, { scans: [] }));
  ok(cut.includes("3 more scans") && !cut.includes("<article"));
});

Deno.test("proCurveChart() and scoreChart() put values where their axes say", () => {
  const curve = proCurveChart([0, 0.15, 0.3], [0, 0.5, 1]);
  ok(curve.includes(`<polyline class="curve" points="46.0,212.0 296.0,112.0 546.0,12.0"/>`), curve);
  const chart = scoreChart([{ name: "good", kind: "good", scores: [0, 1, 2] }], 1);
  const at = Number(/class="threshold" x1="([\d.]+)"/.exec(chart)![1]);
  ok(Math.abs(at - (46 + 500 / 2.04)) < 0.1, `${at}`); // the axis ends 2 % beyond the largest
  equal(chart.match(/<rect class="bar good"/g)!.length, 3);
  equal(scoreChart([{ name: "good", kind: "good", scores: [] }], 1), "");
  ok(!/NaN|Infinity/.test(scoreChart([{ name: "good", kind: "good", scores: [0] }], null)));
  ok(!/NaN|Infinity/.test(scoreChart([{ name: "good", kind: "good", scores: [-3, -3] }], null)));
});

Deno.test("escapes hold what they promise", () => {
  equal(escapeHtml(`<&>"'`), "&lt;&amp;&gt;&quot;&#39;");
  deepEqual(JSON.parse(scriptJson(["</script>", "<!--", "\u2028"])), ["</script>", "<!--", "\u2028"]);
  ok(!scriptJson("</script>").includes("<"));
  equal(fileLink("javascript:alert(1)"), "./javascript%3Aalert(1)");
});
