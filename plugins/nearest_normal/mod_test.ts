import { equal, ok } from "node:assert/strict";
import {
  createRun,
  fitRegistry,
  type FittedReconstructor,
  missingPresets,
  missingRegion,
  prepare,
  type Prepared,
  type Run,
  type Scan,
  ScanRefused,
  type ScanRegistry,
} from "../../core/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { tinySource } from "../../testing/tiny_source.ts";
import { nearestNormal } from "./mod.ts";

/** A tiny plate without pixels of its right side, where the table is seen. */
function bitten(seed: number): { readonly scan: Scan; readonly gone: ReadonlySet<number> } {
  const scan = tinyScan({ seed }), gone = new Set<number>();
  for (let row = 26; row < 40; row++) for (let column = 38; column < 50; column++) gone.add(row * scan.width + column);
  for (const pixel of gone) scan.points[3 * pixel + 2] = 0.5;
  return { scan, gone };
}

/** Brought to the normal scans, reconstructed, and compared. */
async function mapOf(scan: Prepared, registry: ScanRegistry, fitted: FittedReconstructor, run: Run) {
  using registration = (await registry.register(scan, run))!;
  using whole = await fitted.reconstruct({ ...scan, registration }, run);
  return await missingRegion(scan, whole, missingPresets.default, run);
}

await gpuTest("nearest-normal gives back what a plate lacks, and a complete plate nothing", async (gpu) => {
  const run = createRun(gpu), source = tinySource(run, [1, 2, 3, 4].map((seed) => tinyScan({ seed })));
  using registry = await fitRegistry(source, run);
  const best = { ...nearestNormal.presets.rigid, shapes: 1 }; // four plates have no six that fit
  using fitted = await nearestNormal.fit(source, best, run, registry);
  equal(fitted.facts.shapes, 4);
  using complete = prepare(tinyScan({ seed: 5 }), tinyPrepare, run);
  equal((await mapOf(complete, registry, fitted, run)).score, 0);
  const { scan, gone } = bitten(6), { size, side } = complete.frame;
  using incomplete = prepare(scan, tinyPrepare, run);
  const { values, score } = await mapOf(incomplete, registry, fitted, run);
  ok(score > 4 && score < 9, `${score} mm`); // 14 rows: 7 mm deep
  const along = (i: number) => Math.floor((i + 0.5) * side / size);
  const isGone = Array.from(values, (_, i) => gone.has(along(Math.floor(i / size)) * scan.width + along(i % size)));
  const found = Array.from(values, (value) => value > 0.01 * score), count = isGone.filter(Boolean).length;
  const right = found.filter((is, i) => is && isGone[i]).length,
    wrong = found.filter((is, i) => is && !isGone[i]).length;
  ok(
    right > 0.85 * count && wrong < 0.2 * count, // half a pixel around it would be a fifth
    `${right} of ${count}, and ${wrong} others`,
  );
});

await gpuTest("nearest-normal refuses a scan that was brought to no normal one", async (gpu) => {
  const run = createRun(gpu), source = tinySource(run, [tinyScan({ seed: 1 })]);
  using registry = await fitRegistry(source, run);
  using fitted = await nearestNormal.fit(source, nearestNormal.presets.default, run, registry);
  using scan = prepare(tinyScan({ seed: 2 }), tinyPrepare, run);
  const error = await fitted.reconstruct(scan, run).then(() => undefined, (error) => error);
  ok(error instanceof ScanRefused && /any normal scan/.test(error.message), `${error}`);
});
