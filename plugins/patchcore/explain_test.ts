import { deepEqual, equal, ok } from "node:assert/strict";
import {
  createRun,
  type Explanation,
  fitModel,
  loadModel,
  memoryStorage,
  type Model,
  prepare,
  type Prepared,
  resolveMethod,
  type Run,
  saveModel,
  scorePrepared,
  type Storage,
  type Tensor,
} from "../../core/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { toyDescriptor } from "../../testing/toy_plugins.ts";
import { patchCore } from "../mod.ts";
import type { Channel } from "./channels.ts";
import { spreadAt } from "./explain.ts";

const registry = { plugins: [patchCore({ descriptor: toyDescriptor })] };
const ALL: readonly Channel[] = ["distance", "row", "place", "local", "tilt", "offset"];
const NONE = 0xffffffff, SEEDS = [1, 2, 3, 4, 5];

/** Rows are not projected and the map hardly smoothed, so that both can be told from the outside. */
function fit(run: Run, channels: readonly Channel[]): Promise<Model> {
  const extractor = { channels, components: null, sigma: 0.1 };
  return fitModel({
    name: "tiny",
    method: resolveMethod("toy", "default", registry, { prepare: tinyPrepare, extractor }),
    train: SEEDS.map((seed) => ({
      name: `train/${seed}`,
      load: () => Promise.resolve(tinyScan({ seed, name: `train/${seed}` })),
    })),
    folds: 0,
    onRefused: (_, error) => {
      throw error;
    },
  }, run);
}

const dented = (run: Run) => prepare(tinyScan({ seed: 9, dent: 0.003 }), tinyPrepare, run);

async function explained(model: Model, scan: Prepared, run: Run): Promise<Explanation> {
  return (await scorePrepared(model, scan, run, { explain: true })).explanation!;
}

const held: { files?: Storage } = {};

/** A model with all channels; it is fitted once. */
async function openAll(run: Run): Promise<Model> {
  if (!held.files) {
    using model = await fit(run, ALL);
    await saveModel(held.files = memoryStorage({}, "tiny"), model);
  }
  return await loadModel(held.files, registry, {}, run);
}

/** What a model keeps. */
async function contentOf({ extractor }: Model) {
  const kept = new Map<string, Tensor>(), facts = { quantiles: {} as Record<Channel, number> };
  await extractor.save({
    tensor: (name) => kept.get(name)!,
    has: (name) => kept.has(name),
    putTensor: (name, tensor) => void kept.set(name, tensor),
    facts: () => facts,
    putFacts: (own) => void Object.assign(facts, own),
  });
  return { kept, facts };
}

/** Mean features of each patch's points, in float64. */
async function patchRows({ patches }: Explanation, scan: Prepared, run: Run): Promise<number[][]> {
  using rows = await toyDescriptor.describe(scan, toyDescriptor.presets.default, run);
  const values = await run.gpu.read(rows.values), sums = Array.from({ length: patches.count }, () => [0, 0, 0]);
  scan.pixels.forEach((pixel, i) => {
    const sum = sums[patches.patchOf[pixel]];
    sum[0] += values[4 * i], sum[1] += values[4 * i + 1], sum[2]++;
  });
  return sums.map(([a, b, n]) => [a / n, b / n]);
}

const away = (row: readonly number[], values: ArrayLike<number>, i: number) =>
  Math.hypot(row[0] - values[2 * i], row[1] - values[2 * i + 1]);

await gpuTest("explain() gives the map of score(), and patch scores that are what is painted", async (gpu) => {
  const run = createRun(gpu);
  using model = await openAll(run), scan = dented(run);
  const explanation = await explained(model, scan, run), { patches, map } = explanation;
  deepEqual(map, (await scorePrepared(model, scan, run)).map);
  const most = Math.max(...patches.score), peak = map.values.indexOf(map.score);
  const factor = map.score / patches.score[patches.patchOf[peak]]; // of the scan's own level
  for (const pixel of scan.pixels) {
    // a wide, faint smoothing is added to the painted scores: 0.001 of values up to the largest
    const painted = factor * patches.score[patches.patchOf[pixel]];
    ok(Math.abs(map.values[pixel] - painted) <= 0.0021 * factor * most, `${pixel}: ${map.values[pixel]}, ${painted}`);
  }
});

await gpuTest("explain() joins its channels to the patch's score, each against its spread", async (gpu) => {
  const run = createRun(gpu);
  using model = await openAll(run), scan = dented(run);
  const { patches, channels, trust } = await explained(model, scan, run);
  deepEqual(channels.map(({ name }) => name), ALL);
  ok(Math.abs(channels.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-6);
  ok(trust > 0 && trust <= 1, `${trust}`);
  const { facts: { quantiles } } = await contentOf(model);
  patches.score.forEach((score, patch) => {
    const joined = channels.reduce((sum, { name, share }, c) => {
      const at = patch * channels.length + c, raw = name === "distance" ? patches.values[at] : patches.z[at];
      const quantile = quantiles[name as Channel];
      return sum + share * (quantile > 0 ? Math.min(3, Math.max(0, raw / quantile)) : 0);
    }, 0);
    ok(Math.abs(score - joined) <= 12 * 2 ** -23 * (1 + joined), `${patch}: ${score}, not ${joined}`); // two roundings a channel
  });
  for (let i = 0; i < patches.values.length; i++) {
    if (patches.spread[i] === 0) continue;
    const z = (patches.values[i] - patches.expected[i]) / patches.spread[i];
    // float32 sums of at most 49 terms, and a difference of numbers as large as the value
    const scale = (Math.abs(patches.values[i]) + Math.abs(patches.expected[i])) / patches.spread[i];
    ok(Math.abs(patches.z[i] - z) <= 1e-3 * (1 + Math.abs(z)) + 2 ** -20 * scale, `${i}: ${patches.z[i]}, not ${z}`);
  }
});

await gpuTest("explain() names the normal patches that a search of all of them finds", async (gpu) => {
  const run = createRun(gpu);
  using model = await openAll(run), scan = dented(run);
  const explanation = await explained(model, scan, run), { patches, scans } = explanation;
  const { kept } = await contentOf(model), rows = await patchRows(explanation, scan, run);
  const bank = kept.get("bank")!.values;
  deepEqual(scans.map(({ name }) => name), SEEDS.map((seed) => `train/${seed}`));
  deepEqual(scans.map(({ frame }) => frame), SEEDS.map(() => scan.frame));
  rows.forEach((row, patch) => {
    let nearest = 0;
    for (let i = 1; i < bank.length / 2; i++) if (away(row, bank, i) < away(row, bank, nearest)) nearest = i;
    const least = away(row, bank, nearest), bound = 1e-3 + 1e-4 * least; // features of up to 25, in float32 by differences of squares
    ok(Math.abs(patches.nearest.distance[patch] - least) <= bound, `${patches.nearest.distance[patch]}, not ${least}`);
    // the patch that is named has the row it is said to have: look it up among all patches of its scan
    const named = patches.nearest.scan[patch],
      at = kept.get(`scan.${named}.pixels`)!.values.indexOf(
        patches.nearest.pixel[patch],
      );
    ok(Math.abs(away(row, kept.get(`scan.${named}.rows`)!.values, at) - least) <= bound, `patch ${patch}`);
    // no patch at the place is nearer than all there are, and the one that is named has the distance that is told
    const local = patches.local!.scan[patch];
    const place = kept.get(`scan.${local}.pixels`)!.values.indexOf(patches.local!.pixel[patch]);
    const there = away(row, kept.get(`scan.${local}.rows`)!.values, place);
    ok(Math.abs(patches.local!.distance[patch] - there) <= 1e-4 * (1 + there), `${patch}: ${there}`);
  });
});

await gpuTest(
  "explain() says the same of a model that was saved and opened, with and without registration",
  async (gpu) => {
    const run = createRun(gpu);
    for (const channels of [["place", "tilt"], ["row"]] as const) {
      using model = await fit(run, channels), scan = dented(run);
      const files = memoryStorage({}, "tiny");
      await saveModel(files, model);
      using opened = await loadModel(files, registry, {}, run);
      const before = await explained(model, scan, run);
      deepEqual(await explained(opened, scan, run), before);
      equal(before.patches.local !== undefined, channels[0] === "place");
      equal(before.channels.length, channels[0] === "place" ? 6 : 2);
    }
  },
);

await gpuTest("explain() marks the dent, and is absent on the coarse grid", async (gpu) => {
  const run = createRun(gpu);
  using model = await openAll(run), scan = dented(run);
  const { map, patches } = await explained(model, scan, run), peak = map.values.indexOf(map.score);
  ok(Math.hypot(peak % 56 - 27.5, Math.floor(peak / 56) - 27.5) < 10, `${peak}`);
  equal(scan.pixels.every((pixel) => patches.patchOf[pixel] !== NONE), true);
  const [{ explains, presets }] = registry.plugins;
  equal(explains?.({ ...presets.default, pooling: "points" }), true);
  equal(explains?.({ ...presets.default, pooling: "zeros" }), false);
});

Deno.test("spreadAt() takes prior and listed patches together, as the kernel says", () => {
  const prior = { mean: [1, 0, 0, 0], deviation: [2, 0, 0, 0] } as const;
  const around = { width: 3, places: Uint32Array.of(1, 0, NONE), values: Float32Array.of(3, 0, 0, 0, 5, 0, 0, 0) };
  const mean = (4 * 1 + 3 + 5) / 6, squares = (4 * (4 + 1) + 9 + 25) / 6; // the prior weighs four patches
  const { expected, spread } = spreadAt(around, 0, 0, prior);
  ok(Math.abs(expected - mean) < 1e-12);
  ok(Math.abs(spread - Math.sqrt(squares - mean ** 2 + 0.01 * 4)) < 1e-12);
  equal(spreadAt(around, 0, 1, prior).spread, 0, "a value that never varies");
});
