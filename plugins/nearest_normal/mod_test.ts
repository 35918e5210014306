import { equal, ok } from "node:assert/strict";
import { createRun, fitRegistry, prepare, ScanRefused } from "../../core/mod.ts";
import { bittenPlate, missingMapOf } from "../../testing/bitten_plate.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { tinySource } from "../../testing/tiny_source.ts";
import { nearestNormal } from "./mod.ts";

const bite = { rows: [26, 40], columns: [38, 50] } as const;

await gpuTest("nearest-normal gives back what a plate lacks, and a complete plate nothing", async (gpu) => {
  const run = createRun(gpu), source = tinySource(run, [1, 2, 3, 4].map((seed) => tinyScan({ seed })));
  using registry = await fitRegistry(source, run);
  const best = { ...nearestNormal.presets.rigid, shapes: 1 }; // four plates have no six that fit
  using fitted = await nearestNormal.fit(source, best, run, registry);
  equal(fitted.facts.shapes, 4);
  using complete = prepare(tinyScan({ seed: 5 }), tinyPrepare, run);
  equal((await missingMapOf(complete, registry, fitted, run)).score, 0);
  const { scan, gone } = bittenPlate(6, bite), { size, side } = complete.frame;
  using incomplete = prepare(scan, tinyPrepare, run);
  const { values, score } = await missingMapOf(incomplete, registry, fitted, run);
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
