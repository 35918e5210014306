import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { z } from "zod";
import { createRun, type DefectMaps, type FittedFuser, type Fuser } from "../core/mod.ts";
import { mapMetrics } from "../evaluation/mod.ts";
import { fpfhExtractor, nearestNormal } from "../plugins/mod.ts";
import { mapOf, tinyMaps, withDefects } from "../testing/tiny_maps.ts";
import { temporaryFolder } from "../tests/run_deno.ts";
import { openBranchStore } from "./branch_store.ts";
import type { OpenRun } from "./open_run.ts";
import type { TableCategory, TestSet } from "./tables_category.ts";
import { type TableRow, tableRows } from "./tables_methods.ts";
import { measureRow } from "./tables_rows.ts";

interface Options {
  readonly k: "fixed" | "labelled";
  readonly quantile: number;
}

const schema = z.strictObject({ k: z.enum(["fixed", "labelled"]), quantile: z.number() });

/** Joins by S1 + k · S2, k ten times the quantile, which has none from `end` on. Notes the kinds of defects that it is fitted by. */
function weighing(seen: string[][], end = 1): Fuser<Options> {
  return {
    kind: "fuser",
    name: "weighing",
    version: "1.0.0",
    api: 1,
    options: schema,
    presets: { default: { k: "fixed", quantile: 0.95 }, tuned: { k: "labelled", quantile: 0.95 } },
    examples: ({ k }) => k === "labelled" ? "labelled" : undefined,
    async fit(normal, { quantile }, _run, defects) {
      await Array.fromAsync(normal);
      const kinds = (await Array.fromAsync(defects ?? [] as DefectMaps[])).map(({ kind }) => kind);
      seen.push(kinds);
      const k = 10 * quantile, facts: FittedFuser["facts"] = quantile >= end ? { k: 1 } : { k, q: quantile };
      return {
        facts,
        fuse: ({ feature, missing }) =>
          Promise.resolve(mapOf(feature.values.map((value, i) => value + k * missing.values[i]))),
        save: () => Promise.resolve(),
        [Symbol.dispose]: () => {},
      };
    },
    load: () => Promise.reject(new Error("not kept")),
  };
}

const run = createRun({} as OpenRun["gpu"]) as OpenRun; // nothing here needs a GPU

/** Two normal scans to learn from, and per type three scans; the last of each is the labelled one. */
async function open(folder: string) {
  const store = openBranchStore(folder), truth = new Uint8Array(32 * 32), none = truth.slice();
  truth.fill(1, 18 * 32 + 12, 18 * 32 + 18);
  const found = [1, 2].map((seed) => ({ name: `train/00${seed}`, cost: 0, defects: [], ...tinyMaps(seed) }));
  await store.keepHeldOut({ heldOut: { kind: "leave-one-out", folds: 2, found }, refused: [] });
  const tests: TableCategory["tests"][number][] = [];
  for (const [type, defect] of ["good", "hole"].entries()) {
    for (let i = 0; i < 3; i++) {
      const name = `${defect}/00${i}`, digest = `${type}${i}`.repeat(32), maps = tinyMaps(10 * type + i + 5);
      tests.push({ name, defect, digest, load: () => Promise.reject(new Error("no scan is read")) });
      await store.keepScan({ name, digest }, type ? { ...withDefects(maps), truth } : { ...maps, truth: none });
    }
  }
  const labelled = new Set(["good/002", "hole/002"]), all = tests.map(({ name }) => name);
  const sets: TestSet[] = [
    { dataset: "original", testSet: "official", names: new Set(all) },
    { dataset: "original", testSet: "reduced", names: new Set(all.filter((name) => !labelled.has(name))), labelled },
  ];
  const category = { name: "tiny", tests, sets } as unknown as TableCategory; // of no other part is anything read
  return { category, store, learned: (await store.heldOut())! };
}

async function rowsOf(seen: string[][], preset: string, end?: number) {
  const plugins = [fpfhExtractor, nearestNormal, weighing(seen, end)];
  return await tableRows({ methods: ["fpfh+nearest-normal/weighing"], presets: [preset] }, { plugins });
}

Deno.test("measureRow() measures branches and what joins them on each set, out of the store alone", async () => {
  using folder = temporaryFolder();
  const opened = await open(folder.path), seen: string[][] = [], rows = await rowsOf(seen, "default");
  const measured: Record<TableRow["kind"], (number | null)[]> = { feature: [], missing: [], fused: [] };
  for (const row of rows) {
    const { sets, sweeps } = await measureRow(row, opened, { bootstrap: 50, sweep: false }, run);
    deepEqual(sweeps, []);
    deepEqual(sets.map(({ testSet, scans }) => [testSet, scans.good, scans.defective]), [["official", 3, 3], [
      "reduced",
      2,
      2,
    ]]);
    measured[row.kind] = sets.map(({ figures }) => figures["auPro@0.05"].value);
    for (const { figures } of sets) equal(figures["auPro@0.05"].drawn!.draws.length, 50);
  }
  deepEqual(seen, [[]], "one fit for both sets, without defects");
  ok(measured.fused[0]! > measured.feature[0]!, String(measured.fused));
  // the definition: what is missing, of all six scans
  const { all } = await mapMetrics({
    async *walk() {
      for (const { name, defect, digest } of opened.category.tests) {
        const stored = await opened.store.scan({ name, digest });
        if (!stored || !("missing" in stored)) throw new Error(`${name} is not there`);
        yield { name, defect, width: 32, height: 32, scores: stored.missing.values, truth: stored.truth! };
      }
    },
  });
  equal(measured.missing[0], all!.exact["0.05"]);
});

Deno.test("measureRow() fits by labelled scans only where they are not tested, and says null elsewhere", async () => {
  using folder = temporaryFolder();
  const opened = await open(folder.path), seen: string[][] = [], [, , row] = await rowsOf(seen, "tuned");
  equal(row.byLabels, true);
  const { sets: [official, reduced] } = await measureRow(row, opened, { bootstrap: 0, sweep: false }, run);
  deepEqual(seen, [["good", "hole"]]);
  deepEqual([official.figures["auPro@0.3"].value, official.figures.scanAuroc.value], [null, null]);
  ok(reduced.figures["auPro@0.3"].value! > 0.5);
});

Deno.test("measureRow() sweeps k over 21 quantiles, and leaves out where there is none", async () => {
  using folder = temporaryFolder();
  const opened = await open(folder.path), seen: string[][] = [], [feature, , row] = await rowsOf(seen, "default");
  const { sets, sweeps } = await measureRow(row, opened, { bootstrap: 0, sweep: true }, run);
  deepEqual(sweeps.map(({ testSet, points, chosen }) => [testSet, points.length, chosen]), [["official", 21, 9.5], [
    "reduced",
    21,
    9.5,
  ]]);
  const [{ points }] = sweeps, inUse = points.find(({ q }) => Math.abs(q - 0.95) < 1e-12)!;
  deepEqual([points[0].q, points[0].k, points[20].q], [0.9, 9, 1]);
  deepEqual(points[20], { q: 1, k: null, auPro: null, auProStrict: null });
  ok(Math.abs(inUse.auPro! - sets[0].figures["auPro@0.3"].value!) < 1e-9);
  const alone = await measureRow(feature, opened, { bootstrap: 0, sweep: true }, run);
  deepEqual(alone.sweeps, []);
  const [, , silent] = await rowsOf(seen, "default", 0.9);
  deepEqual((await measureRow(silent, opened, { bootstrap: 0, sweep: true }, run)).sweeps, []);
  const stopped = { ...run, signal: AbortSignal.abort() };
  await rejects(measureRow(row, opened, { bootstrap: 0, sweep: true }, stopped), { code: "run-aborted" });
});
