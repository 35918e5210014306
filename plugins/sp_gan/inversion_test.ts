import { deepEqual, ok } from "node:assert/strict";
import { createRun, randomStream } from "../../core/mod.ts";
import { uploadRows } from "../../kernels/mod.ts";
import { createParameters } from "../../nets/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { ballNeighbours, fibonacciBall, uploadBall } from "./ball.ts";
import { generatedShapes } from "./generated_shapes.ts";
import { generatorShapes } from "./generator.ts";
import { initialValues } from "./initial_values.ts";
import { invert, rankedStarts } from "./inversion.ts";
import { inversionOf } from "./inversion_presets.ts";
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

gpuTest(
  "invert() comes nearer to a shape that the generator can give, and leaves the generator as it was",
  async (gpu) => {
    const run = createRun(gpu), random = randomStream(3, "test"), points = fibonacciBall(128);
    using generator = createParameters(gpu, generatorShapes(widths)),
      ball = uploadBall(gpu, points, ballNeighbours(points, 4), 1);
    generator.set(initialValues(generatorShapes(widths), random));
    const latents = Float32Array.from({ length: 16 }, () => 2 * random.normal());
    for (let i = 0; i < 8; i++) latents[8 + i] = latents[i] + 0.4 * random.normal();
    const of = { ball, clouds: 1, latent: 8, k: 4 };
    const [wanted, begun] = await generatedShapes(gpu, generator, of, latents), before = await generator.read();
    using startShapes = uploadRows(gpu, begun, 3);
    const networks = { generator, latent: 8, k: 4, ball, starts: latents.slice(8), startShapes };
    for (const way of ["default", "paper"] as const) {
      const found = await invert(
        networks,
        wanted,
        latents.slice(8),
        inversionOf({ way, steps: way === "default" ? 0 : 20 }),
        run,
      );
      const [[off], [start]] = await chamferTable(gpu, [found.points, begun], [wanted]);
      ok(off < (way === "default" ? 0.9 : 1) * start, `${way}: ${off}, begun at ${start}`);
      deepEqual(await generator.read(), before);
    }
  },
);
