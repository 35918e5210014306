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
  type ScanRegistry,
} from "../../core/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { tinySource } from "../../testing/tiny_source.ts";
import { spGan } from "./mod.ts";

/** A tiny plate without pixels of its right side, where the table is seen. */
function bitten(seed: number): { readonly scan: Scan; readonly gone: ReadonlySet<number> } {
  const scan = tinyScan({ seed }), gone = new Set<number>();
  for (let row = 22; row < 44; row++) for (let column = 34; column < 50; column++) gone.add(row * scan.width + column);
  for (const pixel of gone) scan.points[3 * pixel + 2] = 0.5;
  return { scan, gone };
}

/** Brought to the normal scans, reconstructed, and compared. */
async function mapOf(scan: Prepared, registry: ScanRegistry, fitted: FittedReconstructor, run: Run) {
  using registration = (await registry.register(scan, run))!;
  using whole = await fitted.reconstruct({ ...scan, registration }, run);
  equal(whole.shapes.length, 2);
  return await missingRegion(scan, whole, missingPresets.default, run);
}

await gpuTest("sp-gan learns plates, and finds what one of them lacks", async (gpu) => {
  const run = createRun(gpu), source = tinySource(run, [1, 2, 3, 4, 5, 6].map((seed) => tinyScan({ seed })));
  using registry = await fitRegistry(source, run);
  using fitted = await spGan.fit(source, { ...spGan.presets.default, points: 256, iterations: 10 }, run, registry);
  using complete = prepare(tinyScan({ seed: 7 }), tinyPrepare, run);
  const { score: usual } = await mapOf(complete, registry, fitted, run);
  const { scan, gone } = bitten(8), { size, side } = complete.frame;
  using incomplete = prepare(scan, tinyPrepare, run);
  const { values, score } = await mapOf(incomplete, registry, fitted, run);
  ok(score > 3 && score > 1.2 * usual, `${score} mm, a complete plate ${usual}`); // 22 rows and 16 columns: 8 mm deep at most
  const along = (i: number) => Math.floor((i + 0.5) * side / size);
  const isGone = Array.from(values, (_, i) => gone.has(along(Math.floor(i / size)) * scan.width + along(i % size)));
  const found = Array.from(values, (value) => value > 0.6 * score), count = found.filter(Boolean).length;
  const right = found.filter((is, i) => is && isGone[i]).length;
  ok(
    right > 0.6 * count && right > 0.4 * isGone.filter(Boolean).length,
    `${right} of ${count} found, ${isGone.filter(Boolean).length} gone`,
  );
});
