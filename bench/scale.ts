/**
 * What a fit costs as the training set grows: `deno task bench:scale`. @module
 *
 * Two tables: whole fits (scans of a synthetic product, from files to the model), and the greedy choice alone at the sizes of whole
 * categories, on rows made of clusters as features are.
 */
import { builtIn } from "../plugins/mod.ts";
import { createRun, randomStream, resolveMethod } from "../core/mod.ts";
import { synthesise, synthOptions } from "../evaluation/mod.ts";
import { diskStorage, fitDataset, openCategory, openRun, peakMemory } from "../host/mod.ts";
import { greedyCoreset, uploadRows } from "../kernels/mod.ts";

const COLUMNS = 33, PER_SCAN = 784;

using run = await openRun();
const folder = await Deno.makeTempDir({ prefix: "uni3dad-scale-" });
try {
  console.log(
    "| normal scans | bank rows | fit, s | s a scan | peak memory, MiB |\n| --- | --- | --- | --- | --- |",
  );
  for (const train of [8, 16, 32, 64]) {
    await synthesise(
      synthOptions.parse({ product: "bagel", train, good: 1, perDefect: 1, defects: ["dent"] }),
      diskStorage(`${folder}/${train}`),
    );
    const open = await openCategory(`${folder}/${train}`, "bagel", run);
    const start = performance.now();
    const { model } = await fitDataset(open, resolveMethod("fpfh", "default", builtIn), 0, run);
    using _model = model;
    const seconds = (performance.now() - start) / 1000;
    console.log(
      `| ${train} | ${model.extractor.facts.bankRows} | ${seconds.toFixed(1)} | ${(seconds / train).toFixed(2)} | ${
        (peakMemory(run.gpu) / 2 ** 20).toFixed(0)
      } |`,
    );
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

console.log("\n| rows | picks | greedy choice, s | µs a pick |\n| --- | --- | --- | --- |");
const random = randomStream(1, "bench/scale");
const quiet = createRun(run.gpu);
for (const scans of [32, 64, 128, 223]) {
  const count = scans * PER_SCAN, picks = Math.floor(count / 10);
  const values = new Float32Array(count * COLUMNS);
  for (let i = 0; i < count; i++) {
    const cluster = random.integer(40);
    for (let c = 0; c < COLUMNS; c++) {
      values[i * COLUMNS + c] = 100 * Math.abs(Math.sin(cluster * 7 + c)) + 8 * random.normal();
    }
  }
  using rows = uploadRows(quiet.gpu, values, COLUMNS);
  await quiet.gpu.done();
  const start = performance.now();
  using coreset = await greedyCoreset(quiet.gpu, { rows, picks, first: 0 });
  await quiet.gpu.done();
  const seconds = (performance.now() - start) / 1000;
  console.log(`| ${count} | ${coreset.rows.count} | ${seconds.toFixed(1)} | ${((seconds / picks) * 1e6).toFixed(0)} |`);
}
Deno.exit(0);
