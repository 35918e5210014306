import { deepEqual, equal, ok } from "node:assert/strict";
import type { DetectDocument, ScanFound } from "../core/mod.ts";
import type { EvaluateDocument, EvaluateRun } from "../evaluation/mod.ts";
import { detectTable, evaluateTable } from "./tables.ts";

const found = (input: string, score: number, rest: Partial<ScanFound> = {}): ScanFound => ({
  input,
  score,
  pValue: 0.05,
  threshold: 1,
  thresholdOrigin: "95 % of 19 held-out normal scans (split)",
  notes: [],
  pose: null,
  decidedBy: null,
  decision: score > 1 ? "anomalous" : "normal",
  regions: [],
  files: {},
  seconds: 0.5,
  ...rest,
});

const detect: DetectDocument = {
  schema: "uni3dad.detect/1",
  adapter: { description: "", software: true },
  model: {
    name: "bagel",
    method: "fpfh",
    preset: "default",
    version: "0.1.0",
    trainScans: 2,
    suspects: [],
    fingerprint: "",
    facts: {},
    calibration: null,
  },
  scans: [
    found("good/000", 0.5, { truth: "good" }),
    found("good/001", 1.5, { truth: "good" }),
    found("hole/007", 2.345, {
      truth: "hole",
      regions: [
        { areaMm2: 1.5, centreMm: [1, 2, 3], peak: 3, branch: "feature" },
        { areaMm2: 10.25, centreMm: [12.34, -4, 421.66], peak: 2, branch: "feature" },
      ],
    }),
    { input: "evil\x1b[2J.tiff", error: { code: "malformed-file", message: "Cannot read tiff at byte 0: no magic" } },
  ],
};

Deno.test("detectTable() aligns its columns and says what the batch came to", () => {
  deepEqual(detectTable(detect).split("\n"), [
    "decision   scan           truth   score  p-value  regions  area mm²  largest at x, y, z mm     s",
    "─────────  ─────────────  ──────  ─────  ───────  ───────  ────────  ─────────────────────  ────",
    "normal     good/000       good    0.500   0.0500        0         –  –                      0.50",
    "anomalous  good/001       good ✗   1.50   0.0500        0         –  –                      0.50",
    "anomalous  hole/007       hole     2.35   0.0500        2      11.8  12.3, -4.0, 421.7      0.50",
    "refused    evil?[2J.tiff",
    "",
    "4 scans: 2 anomalous, 1 normal, 1 refused",
    "false alarms 1 of 2 (50.0 %), missed 0 of 1 (0.0 %)",
    "threshold 1.00, 95 % of 19 held-out normal scans (split)",
    "refused evil?[2J.tiff: Cannot read tiff at byte 0: no magic [malformed-file]",
  ]);
});

Deno.test("detectTable() says of two branches which one an anomalous scan's decision comes from", () => {
  const strange = { costMm: 9, covered: false, fits: false };
  const scans = [
    found("a", 0.5, { decidedBy: "feature" }),
    found("b", 1.5, { decidedBy: "feature" }),
    found("c", 1.5, { decidedBy: "reconstruction" }),
    found("d", 0.5, { decidedBy: "feature", decision: "anomalous", pose: strange }),
    { input: "e", error: { code: "malformed-file", message: "Cannot read" } },
  ];
  const [head, , ...rows] = detectTable({ ...detect, scans }).split("\n").slice(0, 7);
  deepEqual([head, ...rows].map((line) => line.slice(0, 38).trimEnd()), [
    "decision   scan  decided by",
    "normal     a     –",
    "anomalous  b     an odd surface",
    "anomalous  c     a missing piece",
    "anomalous  d     no normal shape fits",
    "refused    e",
  ]);
});

Deno.test("detectTable() colours only when told to, without moving a column", () => {
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
  const coloured = detectTable(detect, { colour: true });
  ok(coloured.match(escapes)!.length >= 6);
  equal(coloured.replace(escapes, ""), detectTable(detect));
  equal(detectTable(detect).match(escapes), null);
});

Deno.test("detectTable() has no truth where none is known, and says why there is no threshold", () => {
  const scans = [
    found("a.tiff", 2, { threshold: null, pValue: null, decision: "normal", thresholdOrigin: "none: too few" }),
  ];
  const table = detectTable({ ...detect, scans });
  ok(!table.includes("truth"));
  ok(table.endsWith("1 scan: 0 anomalous, 1 normal\nthreshold none: too few"), table);
});

Deno.test("detectTable() tells the notes of a scan, and nothing of scans without", () => {
  const scans = [found("a.tiff", 2), found("b\x07.tiff", 2, { notes: ["it is small", "no normal scan has its pose"] })];
  const notes = detectTable({ ...detect, scans }).split("\n").filter((line) => line.startsWith("note"));
  deepEqual(notes, ["note on b?.tiff: it is small; no normal scan has its pose"]);
});

function run(category: string, auPro: number, rest: Partial<EvaluateRun> = {}): EvaluateRun {
  const figures = { exact: { "0.3": auPro, "0.01": auPro / 2 }, official: { "0.3": auPro - 0.001 } };
  return {
    category,
    method: "fpfh",
    preset: "default",
    options: {},
    trainScans: 20,
    testScans: 30,
    bankRows: 1000,
    auPro: figures,
    pixelAuroc: 0.99,
    scanAuroc: null,
    byDefect: { hole: { scans: 6, auPro: figures, pixelAuroc: NaN, scanAuroc: 0.5 } },
    ownResolution: { auPro: figures, pixelAuroc: 0.98 },
    curve: { fpr: [], pro: [] },
    seconds: { fit: 12.3, perScan: { median: 0.4, p95: 0.6 }, stages: { read: 0.01 } },
    peakMemoryBytes: 2 ** 20,
    ...rest,
  };
}

const evaluate = (runs: EvaluateRun[]): EvaluateDocument => ({
  schema: "uni3dad.evaluate/1",
  adapter: { description: "", software: true },
  runs,
  refused: [{ input: "x.tiff", error: { code: "malformed-file", message: "Cannot read tiff" } }],
});

Deno.test("evaluateTable() has categories in the published order, then their mean, in percent", () => {
  const table = evaluateTable(evaluate([run("tire", 0.95), run("zebra", 0.5), run("bagel", 0.9)]));
  const rows = table.split("\n\n")[0].split("\n").slice(3).map((line) => line.split(/\s{2,}/));
  deepEqual(rows.map(([name, , , exact]) => [name, exact]), [
    ["bagel", "90.0"],
    ["tire", "95.0"],
    ["zebra", "50.0"],
    ["mean of 3", "78.3"],
  ]);
  deepEqual(rows[0].slice(3), ["90.0", "–", "–", "45.0", "89.9", "99.0", "–", "0.40", "0.60"]);
  ok(table.includes("refused: 1 input\nx.tiff: Cannot read tiff [malformed-file]"));
});

Deno.test("evaluateTable() lists defect types and what an audit found, and no mean of one", () => {
  const table = evaluateTable(evaluate([run("bagel", 0.9, { audit: { findings: ["the table's height separates"] } })]));
  ok(/^hole +6 +90\.0 +– +– +45\.0 +89\.9 +– +50\.0$/m.test(table), table);
  ok(/^own size +30 +90\.0/m.test(table));
  ok(table.includes("audit: the table's height separates"));
  ok(!table.includes("mean of"));
});

Deno.test("evaluateTable() shows the branches below what is made of them, and each size of the missing piece", () => {
  const ofRun = (exact: number) => ({
    auPro: { exact: { "0.3": exact }, official: {} },
    pixelAuroc: 0.5,
    scanAuroc: 1,
  });
  const branch = (exact: number) => {
    const groups = { ...ofRun(exact), scans: 6 };
    return { ...ofRun(exact), byDefect: { hole: groups }, bySize: { "3-5": groups } };
  };
  const { byDefect } = run("bagel", 0.9), bySize = { "3-5": byDefect.hole };
  const branches = { feature: branch(0.8), missing: branch(0.7) };
  const fused = run("bagel", 0.9, { bySize, branches }),
    [summary, ...blocks] = evaluateTable(
      evaluate([fused, run("tire", 0.95)]),
    ).split("\n\n");
  const rows = summary.split("\n").slice(3).map((line) => line.split(/\s{2,}/).slice(0, 4));
  deepEqual(rows, [
    ["bagel", "fpfh", "default", "90.0"],
    ["", "S1 alone", "80.0", "–"],
    ["", "S2 alone", "70.0", "–"],
    ["tire", "fpfh", "default", "95.0"],
    ["mean of 2", "fpfh", "default", "92.5"],
  ]);
  deepEqual(
    blocks[0].split("\n").slice(3, 10).map((line) => line.split(/\s{2,}/).slice(0, 3).join("|")),
    [
      "hole|6|90.0",
      "hole, S1 alone|6|80.0",
      "hole, S2 alone|6|70.0",
      "3-5 % missing|6|90.0",
      "3-5 % missing, S1 alone|6|80.0",
      "3-5 % missing, S2 alone|6|70.0",
      "own size|30|90.0",
    ],
  );
});
