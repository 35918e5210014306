import { deepEqual, equal, notEqual, ok, rejects } from "node:assert/strict";
import { createRun } from "../core/mod.ts";
import { synthesise, synthOptions } from "../evaluation/mod.ts";
import { type TemporaryFolder, temporaryFolder } from "../tests/run_deno.ts";
import { diskStorage } from "./disk.ts";
import type { OpenRun } from "./open_run.ts";
import { type CategoryWanted, openTableCategory } from "./tables_category.ts";

const run = createRun({} as OpenRun["gpu"]) as OpenRun; // nothing here needs a GPU

/** A bagel with `good` good scans and as many dents, and two normal scans for the calibration. */
async function put({ path }: TemporaryFolder, good: number): Promise<CategoryWanted> {
  const size = { width: 64, height: 64, defects: ["dent"] };
  const options = synthOptions.parse({ ...size, train: 2, validation: 2, good, perDefect: good });
  await synthesise(options, diskStorage(`${path}/data`));
  return {
    data: `${path}/data`,
    output: `${path}/out`,
    datasets: ["original", "augmented"],
    testSets: ["official", "reduced"],
  };
}

Deno.test("openTableCategory() adds incomplete scans of good test scans, and tests none that is made of a labelled one", async () => {
  using folder = temporaryFolder();
  const wanted = await put(folder, 7),
    { sets, tests, incomplete, refused } = await openTableCategory(wanted, "bagel", run);
  deepEqual(refused, []);
  const { sources, manifest } = incomplete!;
  deepEqual(new Set(sources.values()), new Set(Array.from({ length: 7 }, (_, i) => `good/00${i}`)));
  equal(manifest.options.perScan, 5);
  equal(tests.length, 7 + 7 + 35);
  for (const { name, defect, load } of [tests[0], tests.at(-1)!]) {
    deepEqual([(await load()).name, defect], [name, name.split("/")[0]]);
  }
  const counts = sets.map(({ dataset, testSet, names, labelled }) => [dataset, testSet, names.size, labelled?.size]);
  deepEqual(counts, [
    ["original", "official", 14, undefined],
    ["original", "reduced", 4, 10],
    ["augmented", "official", 49, undefined],
    ["augmented", "reduced", 4 + 2 * 5, 15],
  ]);
  const { names, labelled } = sets[3];
  deepEqual(
    [...labelled!].filter((name) => name.startsWith("incomplete/")),
    [0, 1, 2, 3, 4].map((i) => `incomplete/00${i}`),
  );
  for (const name of names) {
    ok(!labelled!.has(name) && !labelled!.has(sources.get(name) ?? ""), `${name} is labelled, or made of what is`);
  }
});

Deno.test("openTableCategory() makes incomplete scans once, and again where the good scans or the seed are others", async () => {
  using folder = temporaryFolder();
  const wanted = { ...await put(folder, 2), testSets: ["official"] } as const;
  const first = await openTableCategory(wanted, "bagel", run), file = `${first.incomplete!.folder}/augmentation.json`;
  const written = Deno.statSync(file).mtime!.getTime();
  const again = await openTableCategory(wanted, "bagel", run);
  equal(Deno.statSync(file).mtime!.getTime(), written);
  deepEqual(again.tests.map(({ digest }) => digest), first.tests.map(({ digest }) => digest));
  const seeded = await openTableCategory(wanted, "bagel", { ...run, seed: 1 });
  notEqual(seeded.incomplete!.folder, first.incomplete!.folder);
  equal(seeded.digest, first.digest);
  const scan = `${wanted.data}/bagel/test/good/xyz/000.tiff`;
  Deno.copyFileSync(`${wanted.data}/bagel/test/good/xyz/001.tiff`, scan);
  notEqual((await openTableCategory(wanted, "bagel", run)).incomplete!.folder, first.incomplete!.folder);
  Deno.copyFileSync(scan, `${wanted.data}/bagel/train/good/xyz/000.tiff`);
  notEqual((await openTableCategory(wanted, "bagel", run)).digest, first.digest);
});

Deno.test("openTableCategory() refuses a reduced test set with the content of a labelled scan", async () => {
  using folder = temporaryFolder();
  const wanted = await put(folder, 7), good = `${wanted.data}/bagel/test/good/xyz`;
  Deno.copyFileSync(`${good}/000.tiff`, `${good}/006.tiff`);
  const { sets, refused } = await openTableCategory({ ...wanted, datasets: ["original"] }, "bagel", run);
  deepEqual(sets.map(({ testSet }) => testSet), ["official"]);
  deepEqual(refused.map(({ input, error }) => [input, error.code]), [[
    "bagel, original, reduced test set",
    "overlapping-sets",
  ]]);
  ok(refused[0].error.message.includes("good/000") && refused[0].error.message.includes("good/006"));
});

Deno.test("openTableCategory() names the sets that cannot be made, and does the rest", async () => {
  using folder = temporaryFolder();
  const wanted = await put(folder, 5);
  const split = await openTableCategory(wanted, "bagel", run);
  deepEqual(split.refused.map(({ input, error }) => [input, error.code]), [
    ["bagel, original, reduced test set", "split-impossible"],
    ["bagel, augmented, reduced test set", "split-impossible"],
  ]);
  Deno.removeSync(`${wanted.data}/bagel/test/good`, { recursive: true });
  const { sets, refused } = await openTableCategory({ ...wanted, testSets: ["official"] }, "bagel", run);
  deepEqual(sets.map(({ dataset, names }) => [dataset, names.size]), [["original", 5]]);
  deepEqual(refused.map(({ input, error }) => [input, error.code]), [["bagel, augmented", "no-scans-to-damage"]]);
  await rejects(openTableCategory(wanted, "peach", run), { code: "no-such-category" });
  await rejects(openTableCategory(wanted, "bagel", { ...run, signal: AbortSignal.abort() }), { code: "run-aborted" });
});
