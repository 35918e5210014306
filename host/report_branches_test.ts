import { deepEqual, equal } from "node:assert/strict";
import type { Detected, FittedFuser, JudgedBranches, MapFrame, Model, Run, Scan, ScoreMap } from "../core/mod.ts";
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
const run = {} as Run;

/** Twice one branch and ten times the other. */
const fuser: FittedFuser = {
  facts: {},
  save: () => Promise.resolve(),
  [Symbol.dispose]: () => {},
  fuse: ({ feature, missing }) =>
    Promise.resolve(map(...feature.values.map((value, i) => 2 * value + 10 * missing.values[i]))),
};

const detected = (branches?: JudgedBranches) =>
  ({
    scored: { branches, frame, map: map(0, 0, 0, 0) },
    labels: Uint32Array.from({ length: 16 }, (_, i) => i < 8 ? 1 : 0),
  }) as Detected;

Deno.test("branchesToReport() has what each branch adds by itself, and what is missing in regions", async () => {
  const judged = { feature: map(1, 0, 3, 0), missing: map(0, 4, 0, 5) };
  const branches = (await branchesToReport({ fuser } as Model, scan, detected(judged), run))!;
  deepEqual([...branches.shares.feature.values], [2, 0, 6, 0]);
  deepEqual([...branches.shares.missing.values], [0, 40, 0, 50]);
  deepEqual([...branches.part.regionAt], [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  deepEqual([branches.judged, branches.frame], [judged, frame]);
  const { feature, missing, part } = cloudBranches(branches);
  deepEqual([feature[0], feature[1], feature[12]], [1, 0.75, 3], "at the scan's own resolution");
  deepEqual([missing[3], missing[15], missing[0]], [4, 5, 0]);
  equal(part, branches.part);
});

Deno.test("branchesToReport() has nothing of methods with one branch", async () => {
  equal(await branchesToReport({} as Model, scan, detected(), run), undefined);
  equal(await branchesToReport({ fuser } as Model, scan, detected(), run), undefined);
});
