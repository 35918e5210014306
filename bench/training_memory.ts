/**
 * Memory and time of a training step by how many of a batch's clouds have their edges in memory:
 * `deno task bench:training-memory [--size small|paper] [--clouds N] [--points N]`. @module
 *
 * One table line for each number of parts that halves the part before, each on a device of its own; the second of two steps of the
 * adversaries is timed, as the first compiles.
 */
import { parseArgs } from "node:util";
import { createRun } from "../core/mod.ts";
import { openGpu } from "../kernels/mod.ts";
import { sizedTrainings } from "../plugins/sp_gan/training_defaults.ts";
import { createTraining } from "../plugins/sp_gan/training.ts";
import { trainingBytes } from "../plugins/sp_gan/training_memory.ts";

const { values: asked } = parseArgs({
  options: {
    size: { type: "string", default: "paper" },
    clouds: { type: "string", default: "16" },
    points: { type: "string", default: "1024" },
  },
});
const { options, size: whole } = sizedTrainings[asked.size as "small" | "paper"];
const size = { ...whole, points: Number(asked.points) }, clouds = Number(asked.clouds);
const shapes = Array.from({ length: clouds }, (_, i) => ({
  name: `${i}`,
  samples: [Float32Array.from({ length: 3 * size.points }, (_, at) => Math.sin(1 + i + at * at) / 2)],
}));

const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
console.log("| clouds at once | memory, MiB | said before, MiB | a step, s |");
console.log("| --- | --- | --- | --- |");
for (let atOnce = clouds; atOnce >= 1; atOnce = Math.floor(atOnce / 2)) {
  using gpu = await openGpu();
  const memoryBytes = trainingBytes(size, clouds, atOnce), run = createRun(gpu, { memoryBytes });
  using training = createTraining(shapes, size, { ...options, clouds, reconstructions: 0, adversarial: true }, run);
  let seconds = 0;
  for (let step = 0; step < 2; step++) {
    const start = performance.now();
    training.iterate();
    await gpu.done();
    seconds = (performance.now() - start) / 1000;
  }
  console.log(`| ${atOnce} | ${mib(gpu.memory.peakBytes)} | ${mib(memoryBytes)} | ${seconds.toFixed(2)} |`);
}
Deno.exit(0);
