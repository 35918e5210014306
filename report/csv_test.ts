import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { DetectDocument, ScanFound } from "../core/mod.ts";
import { detectCsv } from "./csv.ts";

const document = (scans: DetectDocument["scans"]): DetectDocument => ({
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
  scans,
});

const found = (input: string, rest: Partial<ScanFound> = {}): ScanFound => ({
  input,
  score: 1.25,
  pValue: 0.05,
  threshold: 1,
  thresholdOrigin: "given",
  notes: [],
  pose: null,
  decidedBy: null,
  decision: "anomalous",
  regions: [],
  files: {},
  seconds: 0.5,
  ...rest,
});

/** RFC 4180, the plain reading. */
function parse(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (let i = 0, field = ""; i < csv.length; i++) {
    if (csv[i] === '"') {
      for (i++; csv[i] !== '"' || csv[i + 1] === '"'; i++) {
        field += csv[i];
        if (csv[i] === '"') i++;
      }
    } else if (csv[i] === "," || csv[i] === "\n") {
      rows.at(-1)!.push(field);
      field = "";
      if (csv[i] === "\n") rows.push([]);
    } else field += csv[i];
  }
  return rows.slice(0, -1);
}

Deno.test("detectCsv() writes one line a scan, numbers whole, the unknown empty", () => {
  const regions = [0.25, 2].map((areaMm2) => ({
    areaMm2,
    centreMm: [0, 0, 0] as const,
    peak: 2,
    branch: "feature" as const,
  }));
  const csv = detectCsv(document([
    found("bent/005", { regions, truth: "bent" }),
    found("x", { pValue: null, threshold: null, score: 1e-7, decision: "normal", notes: ["odd, and", "large"] }),
    { input: "broken.tiff", error: { code: "malformed-file", message: "Cannot read tiff at byte 4: a, b" } },
  ]));
  deepEqual(csv.split("\n"), [
    "input,score,p_value,threshold,decision,regions,area_mm2,seconds,truth,notes,error",
    "bent/005,1.25,0.05,1,anomalous,2,2.25,0.5,bent,,",
    'x,1e-7,,,normal,0,0,0.5,,"odd, and; large",',
    'broken.tiff,,,,,,,,,,"malformed-file: Cannot read tiff at byte 4: a, b"',
    "",
  ]);
});

Deno.test("detectCsv() tells of two branches which one is highest, and how much is missing", () => {
  const regions = (["reconstruction", "feature", "reconstruction"] as const).map((branch, i) => ({
    areaMm2: 2 ** i,
    centreMm: [0, 0, 0] as const,
    peak: 2,
    branch,
  }));
  const csv = detectCsv(document([
    found("bite", { regions, decidedBy: "reconstruction" }),
    found("whole", { decidedBy: "feature", decision: "normal" }),
    { input: "broken.tiff", error: { code: "malformed-file", message: "Cannot read" } },
  ]));
  deepEqual(csv.split("\n"), [
    "input,score,p_value,threshold,decision,regions,area_mm2,seconds,truth,notes,error,decided_by,missing_regions,missing_mm2",
    "bite,1.25,0.05,1,anomalous,3,7,0.5,,,,reconstruction,2,5",
    "whole,1.25,0.05,1,normal,0,0,0.5,,,,feature,0,0",
    "broken.tiff,,,,,,,,,,malformed-file: Cannot read,,,",
    "",
  ]);
});

Deno.test("detectCsv() disarms names that a spreadsheet takes for formulas", () => {
  for (const name of ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]) {
    equal(parse(detectCsv(document([found(name)])))[1][0], `'${name}`);
  }
  equal(parse(detectCsv(document([found("a=b")])))[1][0], "a=b");
});

Deno.test("detectCsv() can be read back, whatever the names", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme" })), (names) => {
    const rows = parse(detectCsv(document(names.map((name) => found(name, { truth: name })))));
    const kept = names.map((name) => /^[=+\-@\t\r]/.test(name) ? `'${name}` : name);
    deepEqual(rows.slice(1).map((row) => [row.length, row[0], row[8]]), kept.map((name) => [11, name, name]));
  }));
});
