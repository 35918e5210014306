import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { z } from "zod";
import { createRun, type DefectMaps, type FittedFuser, type Fuser } from "../core/mod.ts";
import { mapMetrics } from "../evaluation/mod.ts";
import { fpfhExtractor, nearestNormal, ocsvm } from "../plugins/mod.ts";
import { mapOf, tinyMaps, type TinyMapsKind, withDefects } from "../testing/tiny_maps.ts";
import { temporaryFolder } from "../tests/run_deno.ts";
import { openBranchStore } from "./branch_store.ts";
import type { OpenRun } from "./open_run.ts";
import type { TableCategory, TestSet } from "./tables_category.ts";
import { type TableRow, tableRows } from "./tables_methods.ts";
import { measureRow } from "./tables_rows.ts";

interface Options {
  readonly k: "fixed" | "labelled" | number;
  readonly quantile: number;
}

const schema = z.strictObject({
  k: z.union([z.enum(["fixed", "labelled"]), z.number().max(200)]),
  quantile: z.number(),
});

/** Joins by S1 + k · S2, k as given or ten times the quantile, which has none up to `none`. Notes the kinds of defects that it is fitted by. */
function weighing(seen: string[][], none = 0): Fuser<Options> {
  return {
    kind: "fuser",
    name: "weighing",
    version: "1.0.0",
    api: 1,
    options: schema,
    presets: { default: { k: "fixed", quantile: 0.95 }, tuned: { k: "labelled", quantile: 0.95 } },
    examples: ({ k }) => k === "labelled" ? "labelled" : undefined,
    async fit(normal, { k: asked, quantile }, _run, defects) {
      await Array.fromAsync(normal);
      const kinds = (await Array.fromAsync(defects ?? [] as DefectMaps[])).map(({ kind }) => kind);
      seen.push(kinds);
      const isGiven = typeof asked === "number", hasNone = quantile <= none;
      const k = isGiven ? asked : hasNone ? 1 : 10 * quantile;
      const facts: FittedFuser["facts"] = isGiven || hasNone ? { k } : { k, q: quantile };
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
async function open(folder: string, kind?: TinyMapsKind) {
  const store = openBranchStore(folder), truth = new Uint8Array(32 * 32), none = truth.slice();
  truth.fill(1, 18 * 32 + 12, 18 * 32 + 18);
  const found = [1, 2].map((seed) => ({ name: `train/00${seed}`, cost: 0, defects: [], ...tinyMaps(seed, kind) }));
  await store.keepHeldOut({ heldOut: { kind: "leave-one-out", folds: 2, found }, refused: [] });
  const tests: TableCategory["tests"][number][] = [];
  for (const [type, defect] of ["good", "hole"].entries()) {
    for (let i = 0; i < 3; i++) {
      const name = `${defect}/00${i}`, digest = `${type}${i}`.repeat(32), maps = tinyMaps(10 * type + i + 5, kind);
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

async function rowsOf(seen: string[][], preset: string, none?: number) {
  const plugins = [fpfhExtractor, nearestNormal, weighing(seen, none)];
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

/** AU-PROs of a weighted sum of both branches over all test scans, by the definition. */
async function auProsBy(
  { category, store }: Awaited<ReturnType<typeof open>>,
  join: (feature: number, missing: number) => number,
) {
  const { all } = await mapMetrics({
    async *walk() {
      for (const { name, defect, digest } of category.tests) {
        const stored = await store.scan({ name, digest });
        if (!stored || !("missing" in stored)) throw new Error(`${name} is not there`);
        const scores = stored.feature.values.map((value, i) => join(value, stored.missing.values[i]));
        yield { name, defect, width: 32, height: 32, scores, truth: stored.truth! };
      }
    },
  });
  return { auPro: all!.official["0.3"], auProStrict: all!.exact["0.05"] };
}

Deno.test("measureRow() sweeps k over quantiles that have one, and around the k in use", async () => {
  using folder = temporaryFolder();
  const opened = await open(folder.path), seen: string[][] = [], [feature, , row] = await rowsOf(seen, "default");
  const { sets, sweeps } = await measureRow(row, opened, { bootstrap: 0, sweep: true }, run);
  deepEqual(sweeps.map(({ testSet, chosen }) => [testSet, chosen]), [["official", 9.5], ["reduced", 9.5]]);
  for (const [at, { points, chosen }] of sweeps.entries()) {
    const qs = points.flatMap(({ q }) => q ?? []), ks = points.map(({ k }) => k);
    deepEqual(qs, Array.from({ length: 20 }, (_, i) => (i + 1) / 20), "0 has none");
    deepEqual(ks, ks.toSorted((a, b) => a - b));
    const around = points.filter(({ q }) => q === null).map(({ k }) => 2 * Math.log2(k / chosen));
    // half an octave apart, and none above the most that its schema takes
    const wanted = Array.from({ length: 19 }, (_, i) => i - 10).filter((half) => half !== 0);
    ok(around.length === 18 && around.every((half, i) => Math.abs(half - wanted[i]) < 1e-9), String(around));
    const { q, auPro, auProStrict } = points.find(({ k }) => k === chosen)!, { figures } = sets[at];
    deepEqual([q, auPro, auProStrict], [0.95, figures["auPro@0.3"].value, figures["auPro@0.05"].value]);
  }
  for (const { k, auPro, auProStrict } of sweeps[0].points) {
    deepEqual({ auPro, auProStrict }, await auProsBy(opened, (s1, s2) => s1 + k * s2));
  }
  const fits: string[][] = [], [, , loud] = await rowsOf(fits, "default", 0.5);
  const { sweeps: [{ points }] } = await measureRow(loud, opened, { bootstrap: 0, sweep: true }, run);
  equal(points.filter(({ q }) => q !== null).length, 10);
  equal(
    fits.length,
    1 + 10 + 1 + 18,
    "the row's own, quantiles down to the first that has none, k around the row's own",
  );
  const alone = await measureRow(feature, opened, { bootstrap: 0, sweep: true }, run);
  deepEqual(alone.sweeps, []);
  const stopped = { ...run, signal: AbortSignal.abort() };
  await rejects(measureRow(row, opened, { bootstrap: 0, sweep: true }, stopped), { code: "run-aborted" });
});

Deno.test("measureRow() sweeps k where a branch is silent on normal scans, so that no quantile gives one", async () => {
  using folder = temporaryFolder();
  const opened = await open(folder.path, "silent"),
    told: string[] = [],
    info = (words: string) => void told.push(words);
  const overrides = { fuser: { kernel: "linear", k: "fixed" } };
  const [, , row] = await tableRows(
    { methods: ["fpfh+nearest-normal/ocsvm"], presets: ["default"], overrides },
    { plugins: [fpfhExtractor, nearestNormal, ocsvm] },
  );
  const listening = { ...run, log: { ...run.log, info } };
  const { sets, sweeps: [{ points, chosen }] } = await measureRow(
    row,
    opened,
    { bootstrap: 0, sweep: true },
    listening,
  );
  equal(points.length, 21);
  ok(points.every(({ q, k }, i) => q === null && Math.abs(2 * Math.log2(k / chosen) - (i - 10)) < 1e-9));
  equal(points[10].k, chosen);
  equal(points[10].auPro, sets[0].figures["auPro@0.3"].value);
  // both branches count alike in the plane of k · S1 and S2
  for (const { k, auPro, auProStrict } of points) {
    const wanted = await auProsBy(opened, (s1, s2) => k * s1 + s2);
    ok(Math.abs(auPro! - wanted.auPro) < 1e-3 && Math.abs(auProStrict! - wanted.auProStrict) < 1e-3, `k ${k}`);
  }
  ok(points[0].auProStrict! > points[20].auProStrict! + 0.1, "features that count for much hide what is missing");
  match(told.join("\n"), /k swept over 21 values around the one in use: a branch is silent/);
});
