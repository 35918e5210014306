import { deepEqual, equal, ok } from "node:assert/strict";
import type { Gpu } from "../../kernels/mod.ts";
import { featureGraph, type Graph, type Parameters, type ParameterShape, Tape } from "../../nets/mod.ts";
import { errorOf, goldenArray, goldenIsThere, goldenTensors, placesOf } from "../../tests/golden_arrays.ts";
import {
  goldenDiscriminator,
  goldenGenerator,
  goldenGradients,
  publishedTensors,
  rowsOf,
} from "../../tests/golden_networks.ts";
import { valuesOf } from "../../tests/norm_reference.ts";
import { gpuTest } from "../../testing/mod.ts";
import { ballOn, uploadBall } from "./ball.ts";
import { discriminate, discriminatorShapes } from "./discriminator.ts";
import { generate, generatorShapes, type GeneratorWidths } from "./generator.ts";
import { generatorNames, importGenerator } from "./published_weights.ts";
import { paperSize } from "./sizes.ts";

const ignore = !goldenIsThere;

const sum = (shapes: readonly ParameterShape[]) =>
  shapes.filter(({ name }) => !name.endsWith(".running")).reduce((all, { rows, columns }) => all + rows * columns, 0);

Deno.test("the networks of the paper's size have as many parameters as the published ones", () => {
  equal(sum(generatorShapes(paperSize.generator)), 585_155);
  equal(sum(discriminatorShapes(paperSize.discriminator)), 980_353);
  const head = [64, 128] as const, attention = [80, 320] as const, { generator } = paperSize;
  const parameters = (options: Partial<GeneratorWidths>) => sum(generatorShapes({ ...generator, ...options }));
  equal(parameters({ head, edges: [128, 128] }), 800_771);
  equal(
    parameters({ attention }),
    1_097_156 - 1 - 80 * 512,
    "without the gain, and what keys see of the global feature",
  );
});

/** Parameters that a batch norm behind them takes out again while training, whose golden gradients are rounding dust. */
const isDead = (name: string) => /^(edge[12]\.(w1|w2|x1)|g[12]|c[1-4])\.bias$/.test(name);

async function checkGradients(
  gpu: Gpu,
  parameters: Parameters,
  golden: string,
  network: "generator" | "discriminator",
  tolerance: number,
  training: boolean,
  gain?: number,
) {
  const padded = await gpu.read(parameters.gradients), want = goldenGradients(golden, network, gain);
  let first = 0, largest = 0;
  for (const values of want.values()) for (const value of values) largest = Math.max(largest, Math.abs(value));
  for (const { name, rows, columns, value: { stride } } of parameters.all) {
    const got = Float32Array.from({ length: rows * columns }, (_, i) => {
      return padded[first + Math.floor(i / columns) * stride + i % columns];
    });
    first += Math.ceil(rows * stride / 64) * 64;
    if (name.endsWith(".running") || training && isDead(name)) {
      ok(got.every((value) => value === 0), `${name} has a gradient`);
      continue;
    }
    if (name === "ad1.style.bias" && training) { // its second half cancels in differences and in the norm behind them
      ok(errorOf(got.subarray(0, columns / 2), want.get(name)!.subarray(0, columns / 2)) <= tolerance, name);
      ok(got.subarray(columns / 2).every((value) => Math.abs(value) < 1e-5 * largest), `${name}, second half`);
      continue;
    }
    const error = errorOf(got, want.get(name)!);
    ok(error <= tolerance, `${name}: ${error}`);
  }
}

for (
  const [name, mode, tolerance, gradientTolerance, atOnce] of [
    ["generator_small", "train", 1e-5, 1e-4, 4],
    ["generator_small", "train", 1e-5, 1e-4, 3],
    ["generator_small", "train", 1e-5, 1e-4, 1],
    ["generator_small", "eval", 5e-6, 5e-5, 4],
    ["generator_small_pointz", "eval", 5e-6, 2e-5, 4],
    ["generator_small_head_attn", "eval", 2e-5, 1e-4, 4],
  ] as const
) {
  const how = `${mode} mode, ${atOnce} clouds at once`;
  gpuTest(`generate() equals golden ${name} in ${how}, with its gradients`, async (gpu) => {
    const { widths, parameters } = goldenGenerator(gpu, `${name}/weights`), training = mode === "train";
    using _parameters = parameters;
    const golden = (array: string) => goldenArray(`${name}/${mode}_${array}`), clouds = 4;
    const ballPoints = goldenArray(`${name}/in_ball`), places = ballPoints.shape[1];
    const one = Float64Array.from(Array.from(ballPoints.values).slice(0, 3 * places));
    const graph = Uint32Array.from(Array.from(golden("idx1").values).slice(0, places * widths.k));
    const z = goldenArray(`${name}/in_z`), perPlace = name.endsWith("pointz"), hasOptions = widths.head !== undefined;
    equal(hasOptions, name.endsWith("head_attn"));
    // latents of a cloud are the same at all its places, but for pointz
    const latentValues = perPlace ? Array.from(z.values) : Array.from({ length: clouds * widths.latent }, (_, i) => {
      return z.values[Math.floor(i / widths.latent) * places * widths.latent + i % widths.latent];
    });
    using ball = uploadBall(gpu, one, graph, clouds, atOnce),
      latentRows = rowsOf(gpu, { values: latentValues, columns: widths.latent });
    using tape = new Tape(gpu, training);
    const latents = tape.input(latentRows);
    const neighbours: Graph["neighbours"][] = [];
    const got = generate(tape, parameters, ballOn(tape, ball), latents, (x, clouds) => {
      const graph = featureGraph(tape, x, clouds, widths.k);
      neighbours.push(graph.neighbours);
      return graph;
    });
    for (
      const [array, tensor] of [["style", got.style], ["x1", got.x1], ["x2", got.x2], ["out", got.points]] as const
    ) {
      const error = errorOf(await valuesOf(gpu, tensor.rows), placesOf(golden(array)).values);
      ok(error <= tolerance, `${array}: ${error}`);
    }
    ok(errorOf(await valuesOf(gpu, got.global.rows), golden("glob").values) <= tolerance, "global");
    const found = await Promise.all(
      neighbours.map(async (part) => withinClouds(await gpu.read(part), places, widths.k)),
    );
    if (hasOptions) deepEqual(found.shift(), [...graph], "edges behind the point head");
    deepEqual(found.flat(), Array.from(golden("idx2").values));
    tape.flow(got.points, rowsOf(gpu, placesOf(goldenArray(`${name}/up`))));
    tape.backward();
    const gain = goldenTensors(`${name}/weights`).get("attn.gamma")?.values[0];
    equal(gain !== undefined, hasOptions);
    await checkGradients(gpu, parameters, `${name}/${mode}_grads`, "generator", gradientTolerance, training, gain);
    const wantZ = publishedTensors(`${name}/${mode}_grads`, generatorNames).get("input1") ??
      [...publishedTensors(`${name}/${mode}_grads`, {})].find(([tensor]) => tensor.includes("input1"))![1];
    const perLatent = perPlace ? Array.from(wantZ.values) : latentValues.map((_, i) => {
      let all = 0;
      for (let n = 0; n < places; n++) {
        all += wantZ.values[(Math.floor(i / widths.latent) * places + n) * widths.latent + i % widths.latent];
      }
      return all;
    });
    const errorZ = errorOf(await valuesOf(gpu, tape.gradientOf(latents)!), perLatent);
    ok(errorZ <= gradientTolerance, `latents: ${errorZ}`);
    if (training) await checkRunning(parameters, `${name}/train_running`);
  }, { ignore });
}

/** Row numbers of several clouds as numbers within each. */
const withinClouds = (neighbours: Uint32Array, places: number, k: number) =>
  Array.from(neighbours, (j, i) => j - Math.floor(i / (places * k)) * places);

async function checkRunning(parameters: Parameters, golden: string) {
  const values = await parameters.read(), tensors = publishedTensors(golden, {});
  let compared = 0;
  for (const [name, value] of values) {
    if (!name.endsWith(".running")) continue;
    const norm = name.slice(0, -".running".length), half = value.length / 2;
    for (const [of, got] of [["mean", value.subarray(0, half)], ["var", value.subarray(half)]] as const) {
      const error = errorOf(got, tensors.get(`${norm}.running_${of}`)!.values);
      ok(error <= 1e-5, `${norm}.running_${of}: ${error}`);
      compared++;
    }
  }
  ok(compared > 0);
}

for (const [mode, tolerance, gradientTolerance] of [["train", 2e-6, 2e-5], ["eval", 2e-6, 1e-5]] as const) {
  gpuTest(`discriminate() equals golden discriminator_small in ${mode} mode, with its gradients`, async (gpu) => {
    using parameters = goldenDiscriminator(gpu, "discriminator_small/weights").parameters;
    const golden = (array: string) => goldenArray(`discriminator_small/${array}`), given = golden("in_points");
    using rows = rowsOf(gpu, placesOf(given)), tape = new Tape(gpu, mode === "train");
    const points = tape.input(rows), clouds = given.shape[0];
    const { scores, feature } = discriminate(tape, parameters, points, clouds);
    ok(errorOf(await valuesOf(gpu, feature.rows), golden(`${mode}_feature`).values) <= tolerance, "feature");
    ok(errorOf(await valuesOf(gpu, scores.rows), golden(`${mode}_out`).values) <= tolerance, "scores");
    tape.flow(scores, rowsOf(gpu, { values: golden("up").values, columns: 1 }));
    tape.backward();
    await checkGradients(
      gpu,
      parameters,
      `discriminator_small/${mode}_grads`,
      "discriminator",
      gradientTolerance,
      mode === "train",
    );
    const wanted = [...publishedTensors(`discriminator_small/${mode}_grads`, {})].find(([name]) =>
      name.includes("input0")
    )![1];
    const error = errorOf(await valuesOf(gpu, tape.gradientOf(points)!), placesOf(wanted).values);
    ok(error <= gradientTolerance, `points: ${error}`);
    if (mode === "train") await checkRunning(parameters, "discriminator_small/train_running");
  }, { ignore });
}

Deno.test({
  name: "importGenerator() knows the published names, whatever stands before them",
  ignore,
  fn: () => {
    const tensors = publishedTensors("generator_small/weights", generatorNames);
    ok(tensors.has("EdgeConv1.conv_w.0.weight") && tensors.has("global_conv.4.running_var"));
    const prefixed = new Map([...tensors].map(([name, tensor]) => [`module.${name}`, tensor]));
    deepEqual(importGenerator(prefixed).widths, importGenerator(tensors).widths);
    deepEqual(importGenerator(tensors).widths, {
      latent: 8,
      k: 4,
      style: 16,
      edges: [8, 16],
      global: 32,
      tail: [24, 8],
    });
  },
});
