import { ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { createParameters } from "../../nets/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { ballNeighbours, fibonacciBall, uploadBall } from "./ball.ts";
import { generatedShapes } from "./generated_shapes.ts";
import { generatorShapes } from "./generator.ts";
import { initialValues } from "./initial_values.ts";
import { invertedDistance } from "./inverted_distance.ts";
import { chamferTable } from "./shape_quality.ts";

const widths = { latent: 4, k: 4, style: 8, edges: [4, 8], global: 8, tail: [8, 4] } as const, POINTS = 48;

gpuTest(
  "invertedDistance() finds latents whose shapes are nearer than any start's, and leaves the weights alone",
  async (gpu) => {
    const shapes = generatorShapes(widths), points = fibonacciBall(POINTS), random = randomStream(1, "latents");
    using generator = createParameters(gpu, shapes);
    generator.set(initialValues(shapes, randomStream(2, "weights")));
    using ball = uploadBall(gpu, points, ballNeighbours(points, widths.k), 2);
    const of = { ball, latent: widths.latent, k: widths.k };
    const draw = (count: number) => Float32Array.from({ length: count * widths.latent }, () => random.normal());
    const hidden = draw(3), starts = draw(5), before = await generator.read();
    const wanted = await generatedShapes(gpu, generator, of, hidden); // three shapes in batches of two
    const begun = await chamferTable(gpu, wanted, await generatedShapes(gpu, generator, of, starts));
    const nearest = begun.reduce((sum, row) => sum + Math.min(...row), 0) / wanted.length;
    const found = await invertedDistance(gpu, { generator, ...of, starts }, wanted);
    ok(found < 0.99 * nearest && found > 0, `${found}, from ${nearest}`);
    const own = await invertedDistance(gpu, { generator, ...of, starts: hidden }, wanted);
    ok(own < found, `${own} from the latents themselves, ${found} from others`);
    for (const [name, values] of await generator.read()) {
      ok(values.every((value, i) => value === before.get(name)![i]), `${name} moved`);
    }
  },
);
