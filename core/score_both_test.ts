import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type { Gpu } from "../kernels/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../testing/mod.ts";
import { toyFuser, toyReconstructor } from "../testing/toy_branches.ts";
import { toyExtractor } from "../testing/toy_plugins.ts";
import {
  createRun,
  detectScan,
  fitModel,
  loadModel,
  memoryStorage,
  type Model,
  ModelRefused,
  prepare,
  resolveMethod,
  RunAborted,
  saveModel,
  type Scan,
  ScanRefused,
  scorePrepared,
  scoreScan,
} from "./mod.ts";

const registering: typeof toyReconstructor = { ...toyReconstructor, registers: () => true };

function fit(gpu: Gpu, reconstructor = toyReconstructor, folds = 4): Promise<Model> {
  const plugins = [toyExtractor, reconstructor, toyFuser];
  return fitModel({
    name: "tiny",
    method: resolveMethod("toy+toy/toy", "heavy", { plugins }, { prepare: tinyPrepare, missing: { leastArea: 2 } }),
    train: [1, 2, 3, 4, 5].map((seed) => ({ name: `${seed}`, load: () => Promise.resolve(tinyScan({ seed })) })),
    folds,
    onRefused: () => {},
  }, createRun(gpu));
}

/** A plate that lacks its corner: the table is seen there. */
function bitten(seed: number): Scan {
  const scan = tinyScan({ seed }), points = scan.points.slice(), truth = new Uint8Array(64 * 64);
  for (let row = 14; row < 28; row++) {
    for (let column = 14; column < 28; column++) {
      const pixel = 64 * row + column;
      if (points[3 * pixel + 2] < 0.496) truth[pixel] = 1;
      points[3 * pixel + 2] = 0.5;
    }
  }
  return { ...scan, name: "bitten", points, truth: { width: 64, height: 64, values: truth } };
}

/** The model with branches that refuse what they are given. */
function failing(model: Model, { feature, missing }: { feature?: Error; missing?: Error }): Model {
  const { extractor, reconstruction } = model, { reconstructor } = reconstruction!;
  return {
    ...model,
    extractor: feature ? { ...extractor, score: () => Promise.reject(feature) } : extractor,
    reconstruction: missing
      ? { ...reconstruction!, reconstructor: { ...reconstructor, reconstruct: () => Promise.reject(missing) } }
      : reconstruction,
  };
}

await gpuTest("scoreScan() gives the fused map and both branches, and their stages", async (gpu) => {
  const run = createRun(gpu), scan = tinyScan({ seed: 9, dent: 0.003 });
  using model = await fit(gpu);
  run.times.clear();
  const { map, branches, notes } = await scoreScan(model, scan, run);
  deepEqual([notes, Object.keys(branches!)], [[], ["feature", "missing"]]);
  deepEqual(branches!.feature, (await scoreScan({ ...model, reconstruction: undefined }, scan, run)).map);
  deepEqual(map, await model.fuser!.fuse(branches!, run));
  for (const name of ["reconstruct", "missing", "fuse"]) equal(run.times.get(name)?.length, 1, name);
  const { branches: asked } = await scoreScan(model, scan, run, { reconstruction: true });
  const shape = asked!.shape!;
  ok(shape.length > 3 * 900 && shape.length % 3 === 0);
  for (let i = 2; i < shape.length; i += 3) ok(Math.abs(shape[i] - 0.492) < 0.001, "the plate's surface");
});

await gpuTest(
  "a model of two branches scores the same to the bit when it is loaded, and says what it is",
  async (gpu) => {
    for (const reconstructor of [toyReconstructor, registering]) {
      const run = createRun(gpu), storage = memoryStorage(), plugins = [toyExtractor, reconstructor, toyFuser];
      using model = await fit(gpu, reconstructor);
      await saveModel(storage, model);
      using loaded = await loadModel(storage, { plugins }, {
        method: "toy+toy/toy",
        preset: "heavy",
        overrides: { fuser: { weight: 10 }, missing: { leastArea: 2 }, reconstructor: { share: 0.5 } },
      }, run);
      deepEqual([loaded.method.options, loaded.calibration, loaded.fuser!.facts], [
        model.method.options,
        model.calibration,
        model.fuser!.facts,
      ]);
      deepEqual(loaded.reconstruction!.registry?.names, model.reconstruction!.registry?.names);
      equal(loaded.registry, undefined);
      const scan = bitten(9), asked = { reconstruction: true };
      deepEqual(await scoreScan(loaded, scan, run, asked), await scoreScan(model, scan, run, asked));
      const refused = async (what: object, ...words: string[]) =>
        await rejects(loadModel(storage, { plugins }, { overrides: what }, run), (error: ModelRefused) => {
          deepEqual([error.what, error.expected, error.found], words);
          return true;
        });
      await refused({ fuser: { weight: 1 } }, "option fuser.weight", "1", "10");
      await refused({ missing: { leastArea: 3 } }, "option missing.leastArea", "3", "2");
      for (const part of [reconstructor, toyFuser]) {
        const newer = plugins.map((plugin) => plugin === part ? { ...part, version: "2.0.0" } : plugin);
        await rejects(loadModel(storage, { plugins: newer }, {}, run), (error: ModelRefused) => {
          deepEqual([error.what, error.expected, error.found], ["version of toy", "2.0.0", "1.0.0"]);
          return true;
        });
      }
    }
  },
);

await gpuTest("scoreScan() lets one branch decide where the other refuses, and refuses where both do", async (gpu) => {
  const run = createRun(gpu), scan = tinyScan({ seed: 9, dent: 0.003 }), size = 56 * 56;
  using model = await fit(gpu);
  const whole = await scoreScan(model, scan, run);
  const feature = new ScanRefused(scan.name, "odd", "it is odd"),
    missing = new ScanRefused(scan.name, "far", "none fits");
  const alone = await scoreScan(failing(model, { missing }), scan, run, { reconstruction: true });
  deepEqual(alone.notes, ["the reconstruction branch could not judge it: none fits; the feature branch decides alone"]);
  deepEqual(alone.branches, { feature: whole.branches!.feature, missing: silent() });
  const other = await scoreScan(failing(model, { feature }), scan, run);
  deepEqual(other.notes, ["the feature branch could not judge it: it is odd; the reconstruction branch decides alone"]);
  deepEqual(other.branches, { feature: silent(), missing: whole.branches!.missing });
  await rejects(scoreScan(failing(model, { feature, missing }), scan, run), feature);
  for (const error of [new RunAborted(), new TypeError("a fault of ours")]) {
    await rejects(scoreScan(failing(model, { missing: error }), scan, run), error);
    await rejects(scoreScan(failing(model, { feature: error }), scan, run), error);
  }

  const { extractor } = model,
    score: typeof extractor.score = async (scan, run) => {
      const map = await extractor.score(scan, run);
      return { ...map, values: map.values.with(7, NaN) };
    };
  const broken = await scoreScan({ ...model, extractor: { ...extractor, score } }, scan, run);
  match(
    broken.notes.join(),
    /^the feature branch could not judge it: .* no numbers; the reconstruction branch decides/,
  );
  deepEqual(broken.branches, { feature: silent(), missing: whole.branches!.missing });

  function silent() {
    return { size: 56, values: new Float32Array(size), score: 0 };
  }
});

await gpuTest(
  "scorePrepared() lets the feature branch decide where no normal scan could be brought to a scan",
  async (gpu) => {
    const run = createRun(gpu);
    using model = await fit(gpu, registering, 0);
    const { reconstruction } = model, registry = reconstruction!.registry!;
    const nobody = { ...registry, register: () => Promise.resolve(undefined) };
    using prepared = prepare(tinyScan({ seed: 9 }), tinyPrepare, run);
    const scored = await scorePrepared(
      { ...model, reconstruction: { ...reconstruction!, registry: nobody } },
      prepared,
      run,
    );
    match(scored.notes.join(), /^the reconstruction branch could not judge it: .*not be brought to any normal scan; /);
    equal(scored.cost, null);
  },
);

await gpuTest(
  "detectScan() calls a scan anomalous that no normal shape fits, and shows nothing of a shape",
  async (gpu) => {
    const run = createRun(gpu), scan = tinyScan({ seed: 21 });
    using model = await fit(gpu, registering);
    const near = await detectScan(model, scan, { threshold: 1e9 }, run);
    deepEqual([near.result.decision, near.result.pose!.fits, near.result.notes], ["normal", true, []]);
    ok(near.branches!.shape);
    const { scan: scans, peak } = model.calibration!, cost = near.scored.cost!;
    const costly = (factor: number) => {
      const calibration = { scan: { ...scans, costs: scans.costs!.map(() => cost / factor) }, peak };
      const { reconstructor } = model.reconstruction!, seen: string[] = [];
      const reconstruct: typeof reconstructor.reconstruct = (scan, run, options) => {
        seen.push(scan.name);
        return reconstructor.reconstruct(scan, run, options);
      };
      const reconstruction = { ...model.reconstruction!, reconstructor: { ...reconstructor, reconstruct } };
      return { model: { ...model, calibration, reconstruction }, seen };
    };
    const far = costly(5), strange = await detectScan(far.model, scan, { threshold: 1e9 }, run);
    deepEqual([strange.result.decision, strange.result.pose!.fits], ["anomalous", false]);
    match(strange.result.notes.join(), /^no normal shape fits: another product, .* anomalous whatever it scores \(/);
    deepEqual([far.seen, strange.branches!.missing.score, strange.branches!.shape], [[], 0, undefined]);
    const odd = costly(1.15), poor = await detectScan(odd.model, scan, { threshold: 1e9 }, run);
    deepEqual([poor.result.decision, poor.result.pose!.fits, odd.seen], ["normal", true, [scan.name]]);
    match(poor.result.notes.join(), /^no normal scan has its pose/);
  },
);

await gpuTest(
  "detectScan() says which branch saw a region, and where and how large a missing corner was",
  async (gpu) => {
    const run = createRun(gpu);
    using model = await fit(gpu);
    const missing = await detectScan(model, bitten(9), { threshold: 5 }, run);
    const [corner] = missing.result.regions;
    deepEqual([missing.result.decidedBy, corner.branch], ["reconstruction", "reconstruction"]);
    const [x, y, z] = corner.centreMm;
    ok(Math.hypot(x + 11, y + 11) < 2.5 && Math.abs(z - 492) < 1, `at ${corner.centreMm}`);
    ok(corner.areaMm2 > 130 && corner.areaMm2 < 300, `the corner has 196 mm², the region ${corner.areaMm2}`);
    const silent = failing(model, { missing: new ScanRefused("9", "far", "none fits") });
    const dented = await detectScan(silent, tinyScan({ seed: 9, dent: 0.004 }), { threshold: 2 }, run);
    deepEqual([dented.result.decidedBy, dented.result.regions[0].branch], ["feature", "feature"]);
  },
);
