import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { EvaluateDocument, EvaluateRun } from "../evaluation/mod.ts";
import { evaluateMarkdown } from "./evaluate_markdown.ts";
import { differenceTable, falseAlarmText, foundText, intervalTable, pText, spreadNote } from "./statistics_tables.ts";
import { evaluateTable } from "./tables.ts";

const interval = [0.8, 0.85] as const;
const intervals = {
  exact: { "0.3": interval, "0.1": interval, "0.05": interval, "0.01": null },
  pixelAuroc: [0.9, 0.95],
  scanAuroc: null,
} as const;
const falseAlarms = {
  scans: 40,
  flagged: null,
  rates: { "0.05": { stated: 0.05, reachable: 0.1, seen: 0.025, lower: 0.001, upper: 0.132 } },
  found: { bent: { scans: 4, found: 0.75, lower: 0.194, upper: 0.994 } },
};

function run(rest: Partial<EvaluateRun> = {}): EvaluateRun {
  const auPro = { exact: { "0.3": 0.8254, "0.01": 0.4 }, official: {} };
  return {
    category: "bagel",
    method: "fpfh",
    preset: "default",
    options: {},
    trainScans: 20,
    testScans: 20,
    bankRows: 1000,
    auPro,
    pixelAuroc: 0.93,
    scanAuroc: null,
    byDefect: { hole: { scans: 6, auPro, pixelAuroc: NaN, scanAuroc: 0.5, intervals } },
    ownResolution: { auPro, pixelAuroc: 0.98 },
    curve: { fpr: [], pro: [] },
    seconds: { fit: 12.3, perScan: { median: 0.4, p95: 0.6 }, stages: {} },
    peakMemoryBytes: 2 ** 20,
    ...rest,
  };
}

const difference = { value: -0.0004, interval: [-0.012, 0.011], p: 0.6412 } as const;
const differences: EvaluateDocument["differences"] = [{
  category: "bagel",
  from: "fpfh reference",
  to: "fpfh default",
  runs: [0, 1],
  scans: 20,
  exact: { "0.3": difference, "0.1": difference, "0.05": difference, "0.01": null },
  pixelAuroc: { value: 0.02, interval: [0.01, 0.03], p: 0.0005 },
  scanAuroc: null,
}];

const document = (runs: EvaluateRun[], rest: Partial<EvaluateDocument> = {}): EvaluateDocument => ({
  schema: "uni3dad.evaluate/1",
  adapter: { description: "", software: true },
  runs,
  refused: [],
  ...rest,
});

Deno.test("intervalTable() has a line a run in percent, and none without intervals", () => {
  equal(intervalTable([run()]), undefined);
  const lines = intervalTable([run(), run({ intervals: { rounds: 2000, ...intervals } })])!.split("\n");
  equal(lines[0], "percent, 2.5 … 97.5 % of 2000 draws of the test scans");
  deepEqual(lines.slice(3).map((line) => line.split(/ {2,}/)), [
    ["bagel", "fpfh", "default", "80.0…85.0", "80.0…85.0", "80.0…85.0", "–", "90.0…95.0", "–"],
  ]);
});

Deno.test("spreadNote() warns of types with few scans, good ones too", () => {
  const { hole } = run().byDefect;
  equal(spreadNote([run()]), undefined);
  match(
    spreadNote([run({ byDefect: { hole: { ...hole, scans: 1 } } })])!,
    /a type has 1 scan, whose draws show no spread/,
  );
  match(spreadNote([run({ testScans: 8 })])!, /a type has 2 scans, .* too little spread/);
});

Deno.test("differenceTable() has a line a figure, signs, and no minus before a zero", () => {
  equal(differenceTable([]), undefined);
  const lines = differenceTable(differences)!.split("\n").slice(3).map((line) => line.trim().split(/ {2,}/));
  deepEqual(lines[0], [
    "bagel",
    "fpfh reference → fpfh default",
    "20",
    "AU-PRO@0.3",
    "0.0",
    "-1.2 … +1.1",
    "0.64",
  ]);
  deepEqual(lines.slice(3), [
    ["AU-PRO@0.01", "–", "–", "–"],
    ["P-AUROC", "+2.0", "+1.0 … +3.0", "0.0005"],
    ["I-AUROC", "–", "–", "–"],
  ]);
});

Deno.test("pText() has two digits that count", () => {
  deepEqual([0.0005, 0.6412, 1, 0.049].map(pText), ["0.0005", "0.64", "1", "0.049"]);
});

Deno.test("falseAlarmText() says what was seen, and what is out of reach", () => {
  equal(
    falseAlarmText(falseAlarms),
    "false alarms among 40 good test scans in percent: 2.5 (0.1…13.2) at 5.0 (out of reach: the least is 10.0)",
  );
  ok(falseAlarmText({ ...falseAlarms, flagged: 0.002 }).endsWith("; 0.2 of their parts is marked"));
  equal(falseAlarmText(null), "false alarms: no good test scan");
  equal(foundText(falseAlarms), "defective test scans found at 5.0 false alarms: bent 3 of 4 (19.4…99.4)");
  deepEqual([foundText(null), foundText({ ...falseAlarms, found: {} })], [undefined, undefined]);
});

Deno.test("evaluateTable() tells training sets apart, and has a mean for each over the categories", () => {
  const set = (category: string, trainScansAsked: number, contaminated?: number) =>
    run({ category, trainScans: trainScansAsked, trainScansAsked, contaminated });
  const [block] = evaluateTable(document([set("bagel", 5), set("bagel", 10, 1), set("tire", 5), set("tire", 10, 1)]))
    .split("\n\n");
  deepEqual(block.split("\n").slice(3).map((line) => line.split(/ {2,}/).slice(0, 4)), [
    ["bagel", "fpfh", "default", "5"],
    ["tire", "fpfh", "default", "5"],
    ["mean of 2", "fpfh", "default", "–"],
    ["bagel", "fpfh", "default", "10, 1 defective"],
    ["tire", "fpfh", "default", "10, 1 defective"],
    ["mean of 2", "fpfh", "default", "–"],
  ]);
});

Deno.test("evaluateTable() has intervals by defect type, and the false alarms", () => {
  const text = evaluateTable(
    document([run({ intervals: { rounds: 99, ...intervals }, falseAlarms })], { differences }),
  );
  match(text, /^hole +6 .* 80\.0…85\.0 +–$/m);
  match(text, /^false alarms among 40/m);
  match(text, /^bagel +fpfh reference → fpfh default/m);
});

Deno.test("evaluateMarkdown() has the figures by product, preset and defect type", () => {
  const lines = evaluateMarkdown(document([run({ preset: "a|b" }), run({ category: "tire", byDefect: {} })])).split(
    "\n",
  );
  deepEqual(lines, [
    "| product, method | @0.3 | @0.1 | @0.05 | @0.01 | pixel | scan | hole |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    "| bagel, fpfh a\\|b | 0.825 | – | – | 0.400 | 0.930 | – | 0.825 |",
    "",
    "| product, method | @0.3 | @0.1 | @0.05 | @0.01 | pixel | scan |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    "| tire, fpfh default | 0.825 | – | – | 0.400 | 0.930 | – |",
  ]);
});

Deno.test("evaluateMarkdown() has intervals, differences and false alarms where there are any", () => {
  const runs = [run({ intervals: { rounds: 99, ...intervals }, falseAlarms })];
  const text = evaluateMarkdown(document(runs, { differences }));
  ok(text.includes("| bagel, fpfh default | 0.800 … 0.850 | 0.800 … 0.850 | 0.800 … 0.850 | – | 0.900 … 0.950 | – |"));
  ok(text.includes("| bagel, fpfh reference → fpfh default | 20 | 0.000 (-0.012 … 0.011), 0.64 |"), text);
  ok(text.includes("| bagel, fpfh default | 40 | 0.050 | 0.100 | 0.025 | 0.001 … 0.132 |"));
  ok(text.includes("| bagel, fpfh default | bent | 4 | 0.750 | 0.194 … 0.994 |"));
});

Deno.test("evaluateMarkdown() has the branches below their run, and the sizes of missing pieces beside the defect types", () => {
  const figures = (exact: number) => ({
    auPro: { exact: { "0.3": exact }, official: {} },
    pixelAuroc: 0.5,
    scanAuroc: 1,
  });
  const group = (exact: number) => ({ ...figures(exact), scans: 6 });
  const branch = (exact: number) => ({
    ...figures(exact),
    byDefect: { hole: group(exact) },
    bySize: { "3-5": group(0.1) },
  });
  const whole = run({
    bySize: { "3-5": group(0.6), "10-30": group(0.7) },
    branches: { feature: branch(0.8), missing: branch(0.9) },
  });
  deepEqual(evaluateMarkdown(document([whole])).split("\n"), [
    "| product, method | @0.3 | @0.1 | @0.05 | @0.01 | pixel | scan | hole | 3-5 % missing | 10-30 % missing |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    "| bagel, fpfh default | 0.825 | – | – | 0.400 | 0.930 | – | 0.825 | 0.600 | 0.700 |",
    "| bagel, fpfh default, S1 alone | 0.800 | – | – | – | 0.500 | 1.000 | 0.800 | 0.100 | – |",
    "| bagel, fpfh default, S2 alone | 0.900 | – | – | – | 0.500 | 1.000 | 0.900 | 0.100 | – |",
  ]);
});
