import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { resolveMethod } from "../core/mod.ts";
import { builtIn } from "../plugins/mod.ts";
import { bootstrap, mapMetrics, MapRefused, runName, scanHistograms, type ScoredMap } from "./mod.ts";
import { evaluateRun, type ScoredCategory } from "./evaluate_run.ts";

/** A map of 4 × 4 whose defect is the left column, and scores that rise to it where `right` is. */
function map(defect: string, right: boolean): ScoredMap {
  const truth = Uint8Array.from({ length: 16 }, (_, i) => defect !== "good" && i % 4 === 0 ? 1 : 0);
  const scores = Float32Array.from({ length: 16 }, (_, i) => i / 100 + (right && truth[i] ? 1 : 0));
  return { width: 4, height: 4, scores, truth, defect };
}

const maps = [map("dent", true), map("good", true), map("hole", false)];
const walked = (list: readonly ScoredMap[]) => ({
  async *walk() {
    yield* list;
  },
});
const method = resolveMethod("fpfh", "paper", builtIn);
const scored: ScoredCategory = {
  category: "toy",
  method,
  trainScans: 3,
  bankRows: 7,
  maps: walked(maps),
  ownMaps: walked(maps.slice(0, 2)),
  scans: [
    { name: "dent/0", defect: "dent", score: 9 },
    { name: "good/1", defect: "good", score: 1 },
    { name: "hole/2", defect: "hole", score: 0 },
  ],
  fitSeconds: 12,
  scanSeconds: [3, 1, 2, 100],
  times: new Map([["read", [0.3, 0.1, 0.2]], ["bank", [4]]]),
  peakMemoryBytes: 99,
};

Deno.test("evaluateRun() gives the metrics of all maps, of each defect, and at the scans' own size", async () => {
  const run = await evaluateRun(scored), { all, byDefect } = await mapMetrics(walked(maps));
  deepEqual([run.category, run.method, run.preset, run.options], ["toy", "fpfh", "paper", method.options]);
  deepEqual([run.trainScans, run.testScans, run.bankRows, run.peakMemoryBytes], [3, 3, 7, 99]);
  deepEqual(run.auPro, { exact: all!.exact, official: all!.official });
  deepEqual([run.pixelAuroc, run.curve, run.scanAuroc], [all!.pixelAuroc, all!.curve, 0.5]);
  deepEqual(Object.keys(run.byDefect), ["dent", "hole"]);
  deepEqual([run.byDefect.dent.scanAuroc, run.byDefect.hole.scanAuroc], [1, 0]);
  deepEqual([run.byDefect.dent.scans, run.byDefect.hole.scans], [1, 1]);
  deepEqual(run.byDefect.hole.pixelAuroc, byDefect.get("hole")!.pixelAuroc);
  ok(run.byDefect.dent.pixelAuroc === 1 && run.byDefect.hole.pixelAuroc < 0.6);
  equal(run.ownResolution.pixelAuroc, 1, "the maps without the hole");
  equal("audit" in run, false);
});

Deno.test("evaluateRun() gives medians and the 95th percentile by nearest rank", async () => {
  const { seconds } = await evaluateRun(scored);
  deepEqual(seconds, { fit: 12, perScan: { median: 2, p95: 100 }, stages: { read: 0.2, bank: 4 } });
  const many = await evaluateRun({ ...scored, scanSeconds: Array.from({ length: 100 }, (_, i) => 100 - i) });
  deepEqual(many.seconds.perScan, { median: 50, p95: 95 });
});

Deno.test("evaluateRun() without anything to measure gives no figure rather than a wrong one", async () => {
  const none = await evaluateRun({ ...scored, maps: walked([]), ownMaps: walked([]), scans: [], scanSeconds: [] });
  deepEqual([none.auPro, none.scanAuroc, none.byDefect], [{ exact: {}, official: {} }, null, {}]);
  ok(Number.isNaN(none.pixelAuroc) && JSON.parse(JSON.stringify(none)).pixelAuroc === null);
  deepEqual(none.seconds.perScan, { median: 0, p95: 0 });
});

Deno.test("evaluateRun() refuses a NaN, keeps an audit, and stops when it is told to", async () => {
  const broken = { ...maps[0], scores: maps[0].scores.with(5, NaN) };
  await rejects(evaluateRun({ ...scored, maps: walked([broken]) }), MapRefused);
  equal((await evaluateRun({ ...scored, audit: null })).audit, null);
  const reason = new Error("enough");
  await rejects(evaluateRun(scored, AbortSignal.abort(reason)), reason);
});

Deno.test("evaluateRun() has intervals, training set and false alarms where they are given, and no empty fields else", async () => {
  const named = maps.map((map, i) => ({ ...map, name: `${map.defect}/${i}` }));
  const scans = scored.scans.map((scan, i) => ({ ...scan, name: named[i].name }));
  const histograms = await scanHistograms(walked(named), scans);
  const run = await evaluateRun({
    ...scored,
    bootstrap: bootstrap(histograms, { rounds: 50, seed: 0, stream: "toy" }),
    training: { trainScansAsked: 3, contaminated: { share: 0.3, scans: 1 } },
    falseAlarms: null,
  });
  equal(run.intervals!.rounds, 50);
  deepEqual(run.intervals!.scanAuroc, [0.5, 0.5], "one scan of each type: every draw is the scans themselves");
  deepEqual([run.byDefect.dent.intervals!.scanAuroc, run.byDefect.hole.intervals!.scanAuroc], [[1, 1], [0, 0]]);
  deepEqual([run.trainScansAsked, run.contaminated, run.contaminatedShare, run.falseAlarms], [3, 1, 0.3, null]);
  equal(runName(run), "fpfh paper, 1 of 3 training scans defective");
  const bare = await evaluateRun(scored);
  for (const key of ["intervals", "trainScansAsked", "contaminated", "contaminatedShare", "falseAlarms"]) {
    equal(key in bare, false, key);
  }
  deepEqual([runName(bare), runName({ ...bare, trainScansAsked: 5 })], ["fpfh paper", "fpfh paper, 5 training scans"]);
  equal("intervals" in bare.byDefect.dent, false);
});

Deno.test("evaluateRun() has each size of the missing piece with the good scans, the smallest first, and each branch", async () => {
  const named = [
    map("missing", true),
    map("missing", false),
    map("missing", true),
    map("good", true),
    map("dent", false),
  ]
    .map((map, i) => ({ ...map, name: `${map.defect}/${i}` }));
  const scans = named.map(({ name, defect }, i) => ({ name, defect, score: [9, 3, 8, 5, 0][i] }));
  const sizes = new Map([["missing/0", "10-30"], ["missing/1", "3-5"], ["missing/2", "10-30"]]);
  const missing = { maps: walked(named.toReversed()), scans: scans.map((scan) => ({ ...scan, score: -scan.score })) };
  const feature = { maps: walked(named), scans };
  const run = await evaluateRun({ ...scored, maps: walked(named), scans, sizes, branches: { feature, missing } });
  const { bySize = {}, branches } = run;
  deepEqual(Object.keys(bySize), ["3-5", "10-30"]);
  deepEqual(Object.values(bySize).map(({ scans, scanAuroc }) => [scans, scanAuroc]), [[1, 0], [2, 1]]);
  const large = await mapMetrics(walked([named[0], named[2], named[3]]));
  deepEqual(bySize["10-30"].auPro, { exact: large.all!.exact, official: large.all!.official });
  deepEqual(bySize["10-30"].pixelAuroc, large.all!.pixelAuroc);
  equal(run.byDefect.missing.scans, 3);
  deepEqual(branches!.feature, {
    auPro: run.auPro,
    pixelAuroc: run.pixelAuroc,
    scanAuroc: run.scanAuroc,
    byDefect: run.byDefect,
    bySize,
  });
  deepEqual([branches!.missing.auPro, branches!.missing.scanAuroc], [run.auPro, 1 - run.scanAuroc!]);
  const { bySize: none } = await evaluateRun({ ...scored, branches: { feature, missing } });
  equal(none, undefined);
});
