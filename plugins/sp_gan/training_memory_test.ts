import { deepEqual, equal, ok } from "node:assert/strict";
import { createRun } from "../../core/mod.ts";
import { openGpu } from "../../kernels/mod.ts";
import { errorOf } from "../../tests/golden_arrays.ts";
import { paperSize, smallSize } from "./sizes.ts";
import { createTraining } from "./training.ts";
import { sizedTrainings } from "./training_defaults.ts";
import { cloudsAtOnce, trainingBytes } from "./training_memory.ts";

const plenty = { memoryBytes: Infinity, bindingBytes: Infinity };

Deno.test("cloudsAtOnce() takes the fewest equal parts that fit", () => {
  equal(cloudsAtOnce(paperSize, 15, plenty), 15);
  const room = (atOnce: number) => ({ ...plenty, memoryBytes: trainingBytes(paperSize, 15, atOnce) });
  deepEqual([15, 14, 8, 7, 5].map((atOnce) => cloudsAtOnce(paperSize, 15, room(atOnce))), [15, 8, 8, 5, 5]);
  equal(cloudsAtOnce(paperSize, 15, { ...plenty, memoryBytes: 1 }), 1);
  // 4096 points of 10 edges of 128 columns are 20 MiB a cloud, which a device that can bind 128 MiB takes four of, rounded up
  equal(cloudsAtOnce(paperSize, 15, { ...plenty, bindingBytes: 2 ** 27 }), 4);
});

Deno.test("a training step stays within the memory that it was said to take, and in parts learns the same", async () => {
  const clouds = [0.5, 0.6, 0.7, 0.8].map((radius, i) => ({
    name: `ball ${i}`,
    samples: [Float32Array.from({ length: 3 * smallSize.points }, (_, at) => radius * Math.sin(i + at * at))],
  }));
  const most = 4, { options: { sigma } } = sizedTrainings.small;
  // a first step of Adam is as long as the rate even where a gradient is rounding, so it has to be a short one
  const options = { rate: 1e-6, latentRate: 1e-6, sigma, clouds: most, reconstructions: 1, adversarial: true };
  const learned = await Promise.all([most, 1].map(async (atOnce) => {
    using gpu = await openGpu();
    const memoryBytes = trainingBytes(smallSize, most, atOnce);
    using training = createTraining(clouds, smallSize, options, createRun(gpu, { seed: 1, memoryBytes }));
    training.iterate();
    const losses = await training.losses(), parameters = 16 * 2 ** 20; // with the optimisers' moments
    ok(gpu.memory.peakBytes <= memoryBytes + parameters, `${gpu.memory.peakBytes} bytes, not ${memoryBytes}`);
    ok(gpu.memory.peakBytes >= memoryBytes / 2, `${gpu.memory.peakBytes} bytes are far fewer than ${memoryBytes}`);
    return Object.values(losses).map(Number);
  }));
  ok(learned.flat().every(Number.isFinite));
  ok(errorOf(learned[1], learned[0]) <= 1e-4, `${learned}`);
});
