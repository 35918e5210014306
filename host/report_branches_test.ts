import { deepEqual, equal } from "node:assert/strict";
import type { BranchMaps, Detected, JudgedBranches, MapFrame, Scan, ScoreMap } from "../core/mod.ts";
import { branchesToReport, cloudBranches } from "./report_branches.ts";

const frame: MapFrame = { size: 2, width: 4, height: 4, side: 4, top: 0, left: 0 };
const scan: Scan = {
  name: "tiny",
  width: 4,
  height: 4,
  points: new Float32Array(48),
  valid: new Uint8Array(16).fill(1),
};
const map = (...values: number[]): ScoreMap => ({ size: 2, values: Float32Array.from(values), score: 0 });
const detected = (branches?: JudgedBranches, shares?: BranchMaps) =>
  ({
    scored: { frame, map: map(0, 0, 0, 0) },
    branches,
    shares,
    labels: Uint32Array.from({ length: 16 }, (_, i) => i < 8 ? 1 : 0),
  }) as Detected;

Deno.test("branchesToReport() has what each branch adds by itself, and what is missing in regions", () => {
  const judged = { feature: map(1, 0, 3, 0), missing: map(0, 4, 0, 5) };
  const shares = { feature: map(2, 0, 6, 0), missing: map(0, 40, 0, 50) };
  const branches = branchesToReport(scan, detected(judged, shares))!;
  equal(branches.shares, shares);
  deepEqual([...branches.part.regionAt], [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  deepEqual([branches.judged, branches.frame], [judged, frame]);
  const { feature, missing, part } = cloudBranches(branches);
  deepEqual([feature[0], feature[1], feature[12]], [1, 0.75, 3], "at the scan's own resolution");
  deepEqual([missing[3], missing[15], missing[0]], [4, 5, 0]);
  equal(part, branches.part);
});

Deno.test("branchesToReport() has nothing of methods with one branch", () => {
  equal(branchesToReport(scan, detected()), undefined);
});
