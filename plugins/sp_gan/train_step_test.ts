import { ok } from "node:assert/strict";
import { Adam } from "../../nets/mod.ts";
import { errorOf, goldenArray, goldenIsThere, placesOf } from "../../tests/golden_arrays.ts";
import { goldenDiscriminator, goldenGenerator, publishedTensors, rowsOf } from "../../tests/golden_networks.ts";
import { gpuTest } from "../../testing/mod.ts";
import { ballNeighbours, uploadBall } from "./ball.ts";
import { discriminatorNames, generatorNames, importDiscriminator, importGenerator } from "./published_weights.ts";
import { trainStep } from "./train_step.ts";

const at = (name: string) => goldenArray(`train_step/${name}`);

/** Part of a golden array: one iteration's. */
function iteration(name: string, number: number) {
  const { shape, values } = at(name), length = values.length / shape[0];
  return { shape: shape.slice(1), values: Array.from(values).slice(number * length, (number + 1) * length) };
}

gpuTest("trainStep() equals three golden iterations: losses and parameters", async (gpu) => {
  using generator = goldenGenerator(gpu, "train_step/generator_before").parameters;
  using discriminator = goldenDiscriminator(gpu, "train_step/discriminator_before").parameters;
  const { widths } = importGenerator(publishedTensors("train_step/generator_before", generatorNames));
  using generatorAdam = new Adam(gpu, generator), discriminatorAdam = new Adam(gpu, discriminator);
  const ballArray = at("ball"), places = ballArray.shape.at(-2)!, clouds = 4;
  const points = Float64Array.from(Array.from(ballArray.values).slice(0, 3 * places));
  using ball = uploadBall(gpu, points, ballNeighbours(points, widths.k), clouds);
  const nets = { generator, discriminator, generatorAdam, discriminatorAdam, k: widths.k };
  const wanted = at("losses").values;
  for (let step = 0; step < 3; step++) {
    using real = rowsOf(gpu, placesOf(iteration("real", step)));
    using first = rowsOf(gpu, latentsOf(iteration("z1", step), clouds)),
      second = rowsOf(gpu, latentsOf(iteration("z2", step), clouds));
    using losses = gpu.zeros("f32", 2);
    trainStep(gpu, nets, { ball, real, latents: [first, second], losses }, {
      rate: 1e-4,
      beta1: 0.5,
      beta2: 0.99,
    });
    const error = errorOf(await gpu.read(losses), Array.from(wanted).slice(2 * step, 2 * step + 2));
    ok(error <= 5e-5, `losses of iteration ${step + 1}: ${error}`);
    if (step === 1) continue;
    const name = step === 0 ? "after1" : "after3";
    const wantG = importGenerator(publishedTensors(`train_step/generator_${name}`, generatorNames)).values;
    const wantD = importDiscriminator(publishedTensors(`train_step/discriminator_${name}`, discriminatorNames)).values;
    for (const [got, want] of [[await generator.read(), wantG], [await discriminator.read(), wantD]] as const) {
      for (const [parameter, values] of want) {
        // a step of Adam is as large as the rate even where a gradient is next to 0, so its sign decides
        const near = values.reduce((most, value, i) => Math.max(most, Math.abs(value - got.get(parameter)![i])), 0);
        ok(near <= 3e-4 + 1e-5 * Math.max(...values.map(Math.abs)), `${parameter} ${name}: ${near}`);
        const far = values.reduce(
          (sum, value, i) => sum + (Math.abs(value - got.get(parameter)![i]) > 5e-6 ? 1 : 0),
          0,
        );
        ok(
          far <= 0.02 * values.length,
          `${far} of ${values.length} values of ${parameter} ${name} are off`,
        );
      }
    }
  }
}, { ignore: !goldenIsThere });

/** A row a cloud of latents that are the same at all places of a cloud. */
function latentsOf({ shape, values }: { shape: readonly number[]; values: readonly number[] }, clouds: number) {
  const columns = shape.at(-1)!, places = values.length / (clouds * columns);
  const rows = Array.from({ length: clouds * columns }, (_, i) => {
    return values[Math.floor(i / columns) * places * columns + i % columns];
  });
  return { values: rows, columns };
}
