/**
 * What choosing a normal shape costs as the training set grows: `deno task bench:shapes [N…]`. @module
 *
 * Synthetic bagels of 400 × 400 pixels, so many normal ones (10, 30, 100 and 300 unless said) of one series; twelve others are tested, a
 * third of which lack a piece. Medians of a scan, waiting for the device after each stage; the raster search is also timed by itself.
 * How deep usual gaps are is learned from a few scans alone, which changes no cost: a fit takes as long for each scan as a test does.
 */
import {
  fitRegistry,
  missingPresets,
  missingRegion,
  prepare,
  type Prepared,
  preparePresets,
  randomStream,
  type Run,
  type ScanSource,
  tableFrame,
  toTable,
} from "../core/mod.ts";
import { heightRaster, mostAlike, RASTER } from "../core/height_raster.ts";
import { drawRig } from "../evaluation/dataset/synthetic/rig.ts";
import { syntheticScan } from "../evaluation/dataset/synthetic/synthetic_scan.ts";
import { openRun } from "../host/mod.ts";
import { nearestNormal } from "../plugins/mod.ts";
import { median } from "./timed.ts";

const SIDE = 400, TESTED = 12, SEED = 0, NOISE = 5e-5;

/** Scans that tell how deep usual gaps are, and rasters that the search gives. */
const TELL_GAPS = 4, RASTERS_FOUND = 20;

/** One bagel, prepared. It keeps its memory until the end. */
function bagel(name: string, run: Run, isWhole = true): Prepared {
  const rig = drawRig(randomStream(SEED, "bench/shapes/rig"), SIDE, SIDE);
  const defect = isWhole ? undefined : "missing";
  const { points, valid, width, height } = syntheticScan({
    product: "bagel",
    rig,
    seed: SEED,
    name,
    defect,
    noise: NOISE,
  });
  return prepare({ name, points, valid, width, height }, preparePresets.default, run);
}

/** The scans; from the second walk on the first few alone. */
function sourceOf(scans: readonly Prepared[]): ScanSource {
  let walks = 0;
  return {
    count: scans.length,
    names: scans.map(({ name }) => name),
    refuse(scan, error) {
      throw new Error(`${scan} can't be used`, { cause: error });
    },
    async *walk() {
      yield* walks++ === 0 ? scans : scans.slice(0, TELL_GAPS);
      await Promise.resolve();
    },
  };
}

/** What is timed of each test scan, in this order. */
const STAGES = ["rasters", "register", "reconstruct", "missing region"] as const;

/** Medians of the test scans' stages in seconds, of all but the search of rasters, and bytes of GPU buffers that the shapes take. */
async function measureShapes(normal: readonly Prepared[], tested: readonly Prepared[], run: Run) {
  const { gpu } = run, before = gpu.memory.liveBytes;
  using registry = await fitRegistry(sourceOf(normal), run);
  using shapes = await nearestNormal.fit(sourceOf(normal), nearestNormal.presets.default, run, registry);
  await gpu.done();
  const bytes = gpu.memory.liveBytes - before;
  const side = 2.2 * registry.extent / RASTER; // as the registry has it
  const inTable = (scan: Prepared) => toTable(tableFrame(scan), scan.hostPoints);
  const rasters = normal.map((scan) => heightRaster(inTable(scan), side));
  const seconds = STAGES.map((): number[] => []), sums: number[] = [];
  for (const [i, scan] of [tested[0], ...tested].entries()) {
    const points = inTable(scan), times = [performance.now()];
    const lap = async () => {
      await gpu.done();
      times.push(performance.now());
    };
    mostAlike(points, side, rasters, { most: RASTERS_FOUND });
    times.push(performance.now());
    using registration = (await registry.register(scan, run))!;
    await lap();
    using reconstruction = await shapes.reconstruct({ ...scan, registration }, run);
    await lap();
    await missingRegion(scan, reconstruction, missingPresets.default, run);
    await lap();
    if (i === 0) continue; // makes the pipelines
    seconds.forEach((list, stage) => list.push((times[stage + 1] - times[stage]) / 1000));
    sums.push((times[STAGES.length] - times[1]) / 1000);
  }
  return { stages: seconds.map(median), all: median(sums), bytes };
}

using run = await openRun();
const sizes = Deno.args.length > 0 ? Deno.args.map(Number) : [10, 30, 100, 300];
console.error(`synthetic bagels, ${SIDE} × ${SIDE} pixels; usual gaps are learned from ${TELL_GAPS} of them`);
const tested = Array.from({ length: TESTED }, (_, i) => bagel(`test/${i}`, run, i % 3 > 0));
const normal: Prepared[] = [];
console.log(`| normal shapes | ${STAGES.join(", s | ")}, s | all but the first, s | shapes on the GPU, MiB |`);
console.log(`| --- |${" --- |".repeat(STAGES.length + 2)}`);
for (const size of sizes.toSorted((a, b) => a - b)) {
  while (normal.length < size) normal.push(bagel(`train/${normal.length}`, run));
  const { stages, all, bytes } = await measureShapes(normal, tested, run);
  const cells = [...stages, all].map((value) => value.toFixed(3));
  console.log(`| ${size} | ${cells.join(" | ")} | ${(bytes / 2 ** 20).toFixed(0)} |`);
}
Deno.exit(0);
