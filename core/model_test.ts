import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { gpuTest, tinyPrepare, tinyScan } from "../testing/mod.ts";
import { toyExtractor } from "../testing/toy_plugins.ts";
import type { Gpu } from "../kernels/mod.ts";
import {
  createRun,
  FileMissing,
  fitModel,
  loadModel,
  memoryStorage,
  type Model,
  ModelRefused,
  OptionsRefused,
  type Registry,
  resolveMethod,
  type Run,
  saveModel,
  scoreScan,
  type Storage,
  UnknownName,
  VERSION,
  type WantedModel,
} from "./mod.ts";

const registry: Registry = { plugins: [toyExtractor] };

function fit(run: Run, folds = 2): Promise<Model> {
  return fitModel({
    name: "tiny",
    method: resolveMethod("toy", "small", registry, { prepare: tinyPrepare, extractor: { scale: 3 } }),
    train: [1, 2, 3].map((seed) => ({ name: `scan ${seed}`, load: () => Promise.resolve(tinyScan({ seed })) })),
    folds,
    onRefused: (_, error) => {
      throw error;
    },
  }, run);
}

/** A model's files. */
async function saved(gpu: Gpu): Promise<Record<string, Uint8Array>> {
  using model = await fit(createRun(gpu));
  const storage = memoryStorage();
  await saveModel(storage, model);
  return Object.fromEntries(
    await Promise.all((await storage.list("")).map(async (name) => [name, await storage.read(name)])),
  );
}

/** The files with a text in `model.json` replaced. */
function changed(files: Record<string, Uint8Array>, from: string | RegExp, to: string): Storage {
  const text = new TextDecoder().decode(files["model.json"]), other = text.replace(from, to);
  ok(other !== text, `nothing to change: ${from}`);
  return memoryStorage({ ...files, "model.json": new TextEncoder().encode(other) });
}

await gpuTest("a model that is loaded says and scores the same as the one that was saved, to the bit", async (gpu) => {
  const run = createRun(gpu), storage = memoryStorage(), scan = tinyScan({ seed: 7, dent: 0.002 });
  using model = await fit(run);
  await saveModel(storage, model);
  using loaded = await loadModel(storage, registry, {}, run);
  const { method, extractor: { facts }, name, calibration, trainNames, fingerprint } = loaded;
  deepEqual([method.name, method.preset, method.options], ["toy", "small", model.method.options]);
  deepEqual([name, trainNames, fingerprint, facts], [
    "tiny",
    model.trainNames,
    model.fingerprint,
    model.extractor.facts,
  ]);
  deepEqual([calibration, loaded.partSizes], [model.calibration, model.partSizes]);
  deepEqual(await scoreScan(loaded, scan, run), await scoreScan(model, scan, run));
  using bare = await fit(run, 0);
  await saveModel(storage, bare);
  using again = await loadModel(storage, registry, {}, run);
  equal(again.calibration, undefined);
});

await gpuTest("saveModel() writes the index last, so that half a model is none", async (gpu) => {
  using model = await fit(createRun(gpu));
  const storage = memoryStorage(), order: string[] = [];
  await saveModel({ ...storage, write: (name, bytes) => (order.push(name), storage.write(name, bytes)) }, model);
  deepEqual(order, ["extractor.safetensors", "model.json"]);
  const full = new Error("no room");
  const half = memoryStorage();
  const failing = {
    ...half,
    write: (name: string, b: Uint8Array) => name === "model.json" ? Promise.reject(full) : half.write(name, b),
  };
  await rejects(saveModel(failing, model), full);
  await rejects(loadModel(half, registry, {}, createRun(gpu)), FileMissing);
});

await gpuTest("loadModel() refuses what is not as it was written, and names both sides", async (gpu) => {
  const run = createRun(gpu), files = await saved(gpu), tensors = files["extractor.safetensors"];
  const flipped = tensors.with(tensors.length - 1, tensors[tensors.length - 1] ^ 1);
  const cases: [Storage, what: string, expected: RegExp, found: RegExp][] = [
    [changed(files, '"format": 3', '"format": 2'), "format", /^3$/, /^2$/],
    [changed(files, '"format": 3', '"format": "3"'), "format", /^3$/, /^"3"$/],
    [changed(files, /^\{/, "["), "model.json", /^JSON$/, /^damaged/],
    [changed(files, /^[^]*$/, "null"), "format", /^3$/, /^not stated$/],
    [
      changed(files, `"uni3dad": "${VERSION}"`, '"uni3dad": "0.0.1"'),
      "uni3dad version",
      new RegExp(VERSION),
      /0\.0\.1/,
    ],
    [changed(files, '"version": "1.0.0"', '"version": "2.0.0"'), "version of toy", /^1\.0\.0$/, /^2\.0\.0$/],
    [changed(files, '"api": 1', '"api": 2'), "plugin interface of toy", /^1$/, /^2$/],
    [changed(files, '"name": "tiny",', ""), "model.json, name", /format/, /./],
    [changed(files, '"trainNames"', '"more": 1, "trainNames"'), "model.json, ", /format/, /more/],
    [changed(files, '"least"', '"smallest"'), "model.json, partSizes.least", /format/, /number/],
    [changed(files, '"kind": "cross"', '"kind": "guess"'), "model.json, calibration.scan.kind", /format/, /cross/],
    [
      memoryStorage({ ...files, "extractor.safetensors": flipped }),
      "sha-256 of extractor.safetensors",
      /^[0-9a-f]{64}$/,
      /^[0-9a-f]{64}$/,
    ],
    [
      changed(files, /"files": \{[^}]*\}/, '"files": {}'),
      "sha-256 of extractor.safetensors",
      /none stated/,
      /^[0-9a-f]{64}$/,
    ],
  ];
  for (const [storage, what, expected, found] of cases) {
    await rejects(loadModel(storage, registry, {}, run), (error: ModelRefused) => {
      equal(error.code, "model-refused", String(error));
      equal(error.what, what);
      ok(expected.test(error.expected) && found.test(error.found), error.message);
      return error.message.includes(error.expected) && error.message.includes(error.found);
    });
  }
  const refusedBy = (storage: Storage, kind: new (...args: never[]) => Error) =>
    rejects(loadModel(storage, registry, {}, run), kind);
  await refusedBy(changed(files, '"scale": 3', '"scale": -3'), OptionsRefused);
  await refusedBy(changed(files, '"scale": 3', '"scales": 3'), OptionsRefused);
  await refusedBy(changed(files, '"preset": "small"', '"preset": "large"'), UnknownName);
  await refusedBy(memoryStorage({ "model.json": files["model.json"] }), FileMissing);
  await refusedBy(memoryStorage({ "extractor.safetensors": tensors }), FileMissing);
  await rejects(loadModel(memoryStorage(files), { plugins: [] }, {}, run), UnknownName);
});

await gpuTest("loadModel() refuses a model that is not the one that is wanted", async (gpu) => {
  const run = createRun(gpu), storage = memoryStorage(await saved(gpu));
  const wanted = async (what: WantedModel) => {
    using _model = await loadModel(storage, registry, what, run);
  };
  await wanted({
    method: "toy",
    preset: "small",
    overrides: { prepare: { size: 56, keep: "pieces" }, extractor: { scale: 3 } },
  });
  for (
    const [what, words] of [
      [{ method: "fpfh" }, ["method", "fpfh", "toy"]],
      [{ preset: "default" }, ["preset", "default", "small"]],
      [{ overrides: { prepare: { keep: "largest" } } }, ["option prepare.keep", '"largest"', '"pieces"']],
      [{ overrides: { extractor: { scale: 1 } } }, ["option extractor.scale", "1", "3"]],
      [{ overrides: { extractor: { colour: 1 } } }, ["option extractor.colour", "1", "not there"]],
    ] as const
  ) {
    await rejects(wanted(what), (error: ModelRefused) => {
      deepEqual([error.what, error.expected, error.found], words);
      return true;
    });
  }
});
