import { deepEqual, equal, ok } from "node:assert/strict";
import { createRun, randomStream } from "../../core/mod.ts";
import { type Gpu, uploadRows } from "../../kernels/mod.ts";
import { createParameters } from "../../nets/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { ballNeighbours, fibonacciBall, uploadBall } from "./ball.ts";
import { inverted } from "./common_frame.ts";
import { generatedShapes } from "./generated_shapes.ts";
import { generatorShapes } from "./generator.ts";
import { initialValues } from "./initial_values.ts";
import { invert, rankedStarts } from "./inversion.ts";
import { inversionOf } from "./inversion_presets.ts";
import { moved } from "./normal_shapes.ts";
import { chamferTable } from "./shape_quality.ts";

const widths = { latent: 8, k: 4, style: 16, edges: [8, 16], global: 32, tail: [24, 8] } as const;

gpuTest("rankedStarts() puts a shape that the scan is a part of before one that is a part of the scan", async (gpu) => {
  const line = (from: number, to: number) =>
    Float32Array.from({ length: 30 }, (_, i) => i % 3 === 0 ? from + (to - from) * i / 27 : 0);
  const whole = line(0, 1), half = line(0, 0.5), far = line(3, 4), flat = new Float32Array([...half, ...whole, ...far]);
  using startShapes = uploadRows(gpu, flat, 3);
  const ranked = await rankedStarts(
    { starts: new Float32Array(6), startShapes, latent: 2 },
    line(0.1, 0.9),
    createRun(gpu),
  );
  deepEqual(ranked.map(({ start }) => start), [1, 0, 2]);
  ok(ranked[0].cost < 0.06 && ranked[2].cost > 2);
});

/** Networks with random weights, a shape that they can give, and a start near its latent. */
async function given(gpu: Gpu) {
  const random = randomStream(3, "test"), points = fibonacciBall(128);
  using owned = new DisposableStack();
  const generator = owned.use(createParameters(gpu, generatorShapes(widths)));
  const ball = owned.use(uploadBall(gpu, points, ballNeighbours(points, 4), 1));
  generator.set(initialValues(generatorShapes(widths), random));
  const latents = Float32Array.from({ length: 16 }, () => 2 * random.normal()), start = latents.subarray(8);
  for (let i = 0; i < 8; i++) start[i] = latents[i] + 0.4 * random.normal();
  const [wanted, begun] = await generatedShapes(gpu, generator, { ball, latent: 8, k: 4 }, latents);
  const startShapes = owned.use(uploadRows(gpu, begun, 3)), kept = owned.move();
  const networks = { generator, latent: 8, k: 4, ball, starts: start, startShapes };
  return { networks, wanted, begun, start, [Symbol.dispose]: () => kept.dispose() };
}

gpuTest(
  "invert() comes nearer to a shape that the generator gives, and leaves the generator as it was",
  async (gpu) => {
    using all = await given(gpu);
    const { networks, wanted, begun, start } = all, before = await networks.generator.read();
    for (const way of ["default", "paper"] as const) {
      const preset = inversionOf({ way, steps: way === "default" ? 0 : 20 });
      const { points, pose } = await invert(networks, wanted, start, preset, createRun(gpu));
      const [[off], [first]] = await chamferTable(gpu, [moved(points, inverted(pose)), begun], [wanted]);
      ok(off < (way === "default" ? 0.8 : 1) * first, `${way}: ${off}, begun at ${first}`);
      deepEqual(await networks.generator.read(), before);
    }
  },
);

gpuTest("invert() ends a stage where steps bring nothing, unless it is told to take all", async (gpu) => {
  using all = await given(gpu);
  const { networks, wanted, start } = all, run = createRun(gpu), preset = inversionOf({ way: "default", steps: 0 });
  const still = { ...preset, pose: false, stages: [{ iterations: 45, latentRate: 0, weightRate: 0 }] };
  const ended = await invert(networks, wanted, start, still, run);
  equal(ended.steps, 20, "two looks, the second as the first");
  equal((await invert(networks, wanted, start, { ...still, stopsEarly: false }, run)).steps, 45);
  const moving = { ...still, stages: [{ iterations: 20, latentRate: 0.02, weightRate: 0 }] };
  equal((await invert(networks, wanted, start, moving, run)).steps, 20);
});

gpuTest("invert() finds the pose of a scan that lies beside its shape", async (gpu) => {
  using all = await given(gpu);
  const { networks, wanted, start } = all, run = createRun(gpu);
  const aside = moved(wanted, Float64Array.of(1, 0, 0, 0.12, 0, 1, 0, -0.08, 0, 0, 1, 0.1));
  const preset = {
    ...inversionOf({ way: "default", steps: 0 }),
    stages: [{ iterations: 20, latentRate: 0.02, weightRate: 0 }],
  };
  const posed = await invert(networks, aside, start, preset, run);
  const fixed = await invert(networks, aside, start, { ...preset, pose: false }, run);
  const [[off], [without]] = await chamferTable(gpu, [moved(posed.points, inverted(posed.pose)), fixed.points], [
    aside,
  ]);
  ok(off < 0.8 * without, `${off}, ${without} where it stays`);
  deepEqual([...fixed.pose], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
});
