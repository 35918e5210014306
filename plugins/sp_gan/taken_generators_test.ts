import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import {
  createRun,
  fitRegistry,
  type ModelFolder,
  prepare,
  type Reconstruction,
  type Run,
  type ScanRegistry,
} from "../../core/mod.ts";
import { bittenPlate, missingMapOf } from "../../testing/bitten_plate.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { tinyFolder, tinySource } from "../../testing/tiny_source.ts";
import { spGan } from "./mod.ts";
import { normalShapes } from "./normal_shapes.ts";
import type { SpGanOptions } from "./options.ts";
import { trainShares } from "./train_shares.ts";
import { saveGenerator } from "./trained_generator.ts";

const optionsOf = (points: number, iterations: number) => ({ ...spGan.presets.default, points, iterations });
const seeds = [1, 2, 3, 4, 5, 6], others = [21, 22, 23, 24];
const plates = (run: Run, of: readonly number[]) => tinySource(run, of.map((seed) => tinyScan({ seed })));

/** What `train` would leave of the plates. */
async function trainedOn(run: Run, registry: ScanRegistry, options: SpGanOptions): Promise<ModelFolder[]> {
  const { points } = options, shapes = await normalShapes(plates(run, seeds), registry, { points, samples: 4 }, run);
  return (await trainShares(shapes, options, run)).map((generator) => {
    const folder = tinyFolder();
    saveGenerator(folder, generator);
    return folder;
  });
}

gpuTest(
  "networks that were trained before give the bits of a fit that trains them, and stand for no scan that they learned",
  async (gpu) => {
    const run = createRun(gpu), options = optionsOf(64, 2);
    using registry = await fitRegistry(plates(run, seeds), run);
    const trained = await trainedOn(run, registry, options);
    using own = await spGan.fit(plates(run, seeds), options, run, registry);
    using taken = await spGan.fit(plates(run, seeds), options, run, registry, trained);
    deepEqual(taken.facts, own.facts);
    const bits = async ({ points, usual, shapes }: Reconstruction) => [
      shapes.length,
      await gpu.read(points),
      await gpu.read(usual!),
    ];
    for (const [seed, heldOut] of [[7, false], [2, true]] as const) {
      using scan = prepare(tinyScan({ seed }), tinyPrepare, run);
      using registration = (await registry.register(scan, run, { without: scan.name }))!;
      using a = await own.reconstruct({ ...scan, registration }, run, { heldOut });
      using b = await taken.reconstruct({ ...scan, registration }, run, { heldOut });
      equal(a.shapes.length, heldOut ? 1 : 2, "a normal scan by the one that never saw it");
      deepEqual(await bits(b), await bits(a));
    }
    using learned = await fitRegistry(plates(run, [1, 3, 5]), run); // the second learned these
    using knowing = await spGan.fit(plates(run, [1, 3, 5]), options, run, learned, [trained[1]]);
    using scan = prepare(tinyScan({ seed: 1 }), tinyPrepare, run);
    using registration = (await learned.register(scan, run, { without: scan.name }))!;
    await rejects(
      knowing.reconstruct({ ...scan, registration }, run, { heldOut: true }),
      /every generator was trained/,
    );
    using whole = await knowing.reconstruct({ ...scan, registration }, run);
    equal(whole.shapes.length, 1);
  },
);

gpuTest("networks that were trained on other scans find what one of these lacks", async (gpu) => {
  const run = createRun(gpu), options = optionsOf(128, 10);
  using first = await fitRegistry(plates(run, seeds), run);
  const [trained] = await trainedOn(run, first, options);
  using registry = await fitRegistry(plates(run, others), run);
  using fitted = await spGan.fit(plates(run, others), options, run, registry, [trained]);
  equal(fitted.facts.generators, 1);
  using complete = prepare(tinyScan({ seed: 7 }), tinyPrepare, run);
  const { score: usual } = await missingMapOf(complete, registry, fitted, run);
  using incomplete = prepare(bittenPlate(8, { rows: [22, 44], columns: [34, 50] }).scan, tinyPrepare, run);
  const { score } = await missingMapOf(incomplete, registry, fitted, run);
  ok(score > 3 && score > 1.2 * usual, `${score} mm, a complete plate ${usual}`);
});
