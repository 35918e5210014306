import { deepEqual, equal, rejects } from "node:assert/strict";
import { createRun } from "../../core/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { toldRun } from "../../testing/told_run.ts";
import { TrainingDiverged } from "./errors.ts";
import { trainGenerator, type TrainingLook } from "./train_generator.ts";
import type { SpGanSize } from "./sizes.ts";

const size: SpGanSize = {
  points: 24,
  generator: { latent: 4, k: 4, style: 8, edges: [4, 8], global: 8, tail: [8, 4] },
  discriminator: { places: [4, 4, 8, 8], feature: [8, 4, 4] },
};
const options = { clouds: 2, rate: 1e-3, latentRate: 1e-2, sigma: 0.2, reconstructions: 1, adversarial: true };

/** Discs of different sizes. */
const clouds = [0.5, 0.7, 0.9].map((radius, i) => ({
  name: `disc ${i}`,
  samples: [0, 1].map((turn) =>
    Float32Array.from({ length: 3 * size.points }, (_, at) => {
      const point = Math.floor(at / 3), angle = point + turn, far = radius * Math.sqrt((point + 1) / size.points);
      return [far * Math.cos(angle), far * Math.sin(angle), 0.1 * Math.sin(point)][at % 3];
    })
  ),
}));
const set = { clouds, heldOut: [], radius: 0.1 };

gpuTest("trainGenerator() goes on from any look to the same bits, and ends where nothing gets better", async (gpu) => {
  const run = createRun(gpu, { seed: 3 }), plan = { iterations: 5, every: 2, patience: 9 }, looks: TrainingLook[] = [];
  const checkpoint = (look: TrainingLook) => void looks.push({ ...look, reports: [...look.reports] });
  const reports = await trainGenerator(set, size, options, plan, run, { checkpoint });
  deepEqual(reports.map(({ iteration }) => iteration), [2, 4, 5]);
  for (const start of looks.slice(0, 2)) {
    const again: TrainingLook[] = [];
    const resumed = await trainGenerator(
      set,
      size,
      options,
      plan,
      run,
      { checkpoint: (look) => void again.push(look) },
      start,
    );
    deepEqual([resumed, again.at(-1)!.state], [reports, looks[2].state]);
  }
  const best = reports[0].inverted,
    stale = [best, 2 * best, 2 * best].map((inverted, i) => ({
      ...reports[0],
      iteration: i,
      inverted,
    }));
  const { state } = looks[0], ended = { ...plan, patience: 1 };
  equal((await trainGenerator(set, size, options, ended, run, {}, { state, reports: stale })).length, 3);
});

gpuTest("trainGenerator() goes back at half the rate, and gives up where that doesn't help", async (gpu) => {
  const { run, told } = toldRun(gpu), plan = { iterations: 4, every: 1, patience: 9 };
  await rejects(trainGenerator(set, size, { ...options, rate: 1e30 }, plan, run), TrainingDiverged);
  const rates = told.map((words) => Number(/half the rate \((.*)\)/.exec(words)![1]));
  deepEqual(rates, [5e29, 2.5e29, 1.25e29]);
});
