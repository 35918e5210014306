import { deepEqual, equal, ok } from "node:assert/strict";
import type { Gpu } from "../kernels/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../testing/mod.ts";
import { toyDescriptor } from "../testing/toy_plugins.ts";
import { patchCore } from "../plugins/mod.ts";
import { createRun, fitModel, loadModel, memoryStorage, resolveMethod, saveModel } from "./mod.ts";
import { suspectNotes, suspectScans } from "./suspects.ts";

const named = (scores: readonly number[]) => scores.map((score, i) => ({ name: `train/${i}`, score }));

/** Scores of 20 normal scans: a median of 1.5, some at twice that. */
const usual = [0.7, 0.8, 0.9, 1, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.5, 1.6, 1.6, 1.7, 1.8, 1.9, 2, 2.4, 2.5, 3.1];

Deno.test("suspectScans() names nobody among scans that differ as usual, however alike they are", () => {
  deepEqual(suspectScans(named(usual)), []);
  deepEqual(suspectScans(named([...new Array(11).fill(1), 1.9])), [], "less than twice the median");
  deepEqual(suspectScans(named(new Array(12).fill(0))), []);
  deepEqual(suspectScans([]), []);
});

Deno.test("suspectScans() names those far out, the farthest first, though there are several", () => {
  deepEqual(suspectScans(named([7, ...usual])), ["train/0"]);
  deepEqual(suspectScans(named([...usual, 8, 10, 9])), ["train/21", "train/22", "train/20"]);
  deepEqual(suspectScans(named([...new Array(11).fill(1), 2.1])), ["train/11"]);
});

Deno.test("suspectScans() goes by spread, so that no unit or scale matters", () => {
  for (const scale of [1e-6, 1e6]) {
    deepEqual(suspectScans(named([...usual, 9].map((score) => scale * score))), ["train/20"]);
    deepEqual(suspectScans(named(usual.map((score) => scale * score))), []);
  }
});

Deno.test("suspectScans() names nobody where too few scans tell what is usual", () => {
  deepEqual(suspectScans(named([1, 1.1, 1.2, 1, 0.9, 1, 50])), []);
  deepEqual(suspectScans(named([1, 1.1, 1.2, 1, 0.9, 1, 1, 50])), ["train/7"]);
});

Deno.test("suspectNotes() says what a suspect scores, and what the others do", () => {
  deepEqual(suspectNotes(named(usual)), []);
  const [note, ...more] = suspectNotes(named([...usual, 7.123]));
  equal(more.length, 0);
  ok(note.startsWith("train/20 scores 7.1 where the other normal scans score 0.7 to 3.1"), note);
  ok(!note.endsWith("."));
});

const toy = patchCore({ descriptor: toyDescriptor });

/** The toy fitted to ten scans, of which one has a dent of so many metres. */
async function fit(gpu: Gpu, dent: number, folds: number, extractor: Readonly<Record<string, unknown>>) {
  const warnings: string[] = [],
    log = { debug: () => {}, info: () => {}, warn: (words: string) => warnings.push(words) };
  const train = Array.from({ length: 10 }, (_, i) => {
    const scan = tinyScan({ seed: i + 1, name: `train/${i}`, dent: i === 4 ? dent : 0 });
    return { name: scan.name, load: () => Promise.resolve(scan) };
  });
  const method = resolveMethod("toy", "default", { plugins: [toy] }, { prepare: tinyPrepare, extractor });
  const onRefused = (_: string, error: Error) => {
    throw error;
  };
  const model = await fitModel({ name: "tiny", method, train, folds, onRefused }, createRun(gpu, { log }));
  return { model, warnings };
}

const patches = { channels: ["distance"], components: null }, grid = { pooling: "zeros" };

for (const [by, options] of [["the extractor holds scans out", patches], ["folds do", grid]] as const) {
  await gpuTest(`fitModel() names a defective training scan, which stays in the model, where ${by}`, async (gpu) => {
    const { model, warnings } = await fit(gpu, 0.004, 5, options), storage = memoryStorage();
    using _model = model;
    deepEqual(model.suspects, ["train/4"], JSON.stringify(model.calibration!.scan));
    deepEqual([warnings.length, warnings[0].startsWith("train/4 scores ")], [1, true]);
    ok(model.trainNames.includes("train/4"));
    await saveModel(storage, model);
    using loaded = await loadModel(storage, { plugins: [toy] }, {}, createRun(gpu));
    deepEqual(loaded.suspects, ["train/4"]);
  });
}

await gpuTest("fitModel() names nobody among good scans, and can't where none was held out", async (gpu) => {
  for (const [dent, folds, options] of [[0, 5, patches], [0, 5, grid], [0.004, 0, grid]] as const) {
    const { model, warnings } = await fit(gpu, dent, folds, options);
    using _model = model;
    deepEqual([model.suspects, warnings], [[], []], JSON.stringify(model.calibration?.scan));
  }
});
