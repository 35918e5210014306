import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import type { Gpu } from "../kernels/mod.ts";
import { gpuTest, onlyPixels, tinyPrepare, tinyScan } from "../testing/mod.ts";
import { toyExtractor } from "../testing/toy_plugins.ts";
import {
  createRun,
  type Extractor,
  fitModel,
  type FitOptions,
  type FittedExtractor,
  type HeldOutScore,
  loadModel,
  memoryStorage,
  type NamedScan,
  OptionsRefused,
  resolveMethod,
  RunAborted,
  saveModel,
  type Scan,
  ScanRefused,
  scoreScan,
  TooFewScans,
} from "./mod.ts";

const named = (scan: Scan, name = scan.name): NamedScan => ({ name, load: () => Promise.resolve(scan) });
const scans = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => named(tinyScan({ seed: from + i })));
const empty = named(onlyPixels(tinyScan({ seed: 1 }), []), "empty");

/** A fit of the toy with what is given; gives the model, and who was refused. */
async function fit(gpu: Gpu, options: Partial<FitOptions> = {}, run = createRun(gpu), extractor = toyExtractor) {
  const method = resolveMethod("toy", "default", { plugins: [extractor] }, { prepare: tinyPrepare });
  const refused: [string, string][] = [];
  const onRefused: FitOptions["onRefused"] = (scan, { code }) => refused.push([scan, code]);
  const model = await fitModel({ name: "tiny", method, train: scans(1, 5), folds: 4, onRefused, ...options }, run);
  return { model, refused };
}

/** The toy, watched: which scans each bank saw, and which scans each scored. */
function watched(): { extractor: typeof toyExtractor; seen: { fitted: string[]; scored: string[] }[] } {
  const seen: { fitted: string[]; scored: string[] }[] = [];
  const extractor: typeof toyExtractor = {
    ...toyExtractor,
    async fit(source, options, run) {
      const own = { fitted: [...source.names], scored: [] as string[] };
      seen.push(own);
      const fitted = await toyExtractor.fit(source, options, run);
      return {
        ...fitted,
        score: (scan, run) => {
          own.scored.push(scan.name);
          return fitted.score(scan, run);
        },
        [Symbol.dispose]: () => fitted[Symbol.dispose](),
      };
    },
  };
  return { extractor, seen };
}

await gpuTest("fitModel() calibrates each scan by a fit that has not seen it, and each once", async (gpu) => {
  const { extractor, seen } = watched();
  const { model, refused } = await fit(gpu, {}, createRun(gpu), extractor);
  using _model = model;
  const all = scans(1, 5).map(({ name }) => name), [whole, ...folds] = seen;
  deepEqual([whole.fitted, whole.scored, folds.length, refused], [all, [], 4, []]);
  for (const { fitted, scored } of folds) deepEqual([...fitted, ...scored].sort(), all, "one part or the other");
  deepEqual(folds.flatMap(({ scored }) => scored).sort(), all);
  const { scan, peak } = model.calibration!;
  deepEqual([scan.kind, scan.folds, scan.names], ["cross", 4, folds.flatMap(({ scored }) => scored)]);
  deepEqual(peak.scores, scan.scores, "the toy's score is its map's maximum");
  ok(scan.scores.every((score) => score > 0), "a scan that was fitted would be nearer to 0");
  deepEqual(model.trainNames, all);
});

await gpuTest(
  "fitModel() holds out scans of their own where they are enough, else joins them to the folds",
  async (gpu) => {
    const many = watched(), few = watched();
    using split = (await fit(gpu, { heldOut: scans(50, 20) }, createRun(gpu), many.extractor)).model;
    const { kind, scores, folds } = split.calibration!.scan;
    deepEqual([many.seen.length, kind, scores.length, folds], [1, "split", 20, 0]);
    using joined = (await fit(gpu, { heldOut: scans(50, 3) }, createRun(gpu), few.extractor)).model;
    deepEqual([few.seen.length, joined.calibration!.scan.kind, joined.calibration!.scan.scores.length], [
      5,
      "cross",
      8,
    ]);
    deepEqual(few.seen[0].scored, ["tiny/50", "tiny/51", "tiny/52"], "by the whole model, which has not seen them");
  },
);

await gpuTest("fitModel() without folds has no calibration, and one fold is refused", async (gpu) => {
  using model = (await fit(gpu, { folds: 0 })).model;
  equal(model.calibration, undefined);
  using two = (await fit(gpu, { train: scans(1, 2) })).model;
  equal(two.calibration!.scan.folds, 2, "no more folds than scans");
  await rejects(fit(gpu, { folds: 1 }), OptionsRefused);
});

await gpuTest("fitModel() leaves out what cannot be used, tells it once, and needs two scans that can", async (gpu) => {
  const { model, refused } = await fit(gpu, { train: [...scans(1, 3), empty, ...scans(4, 2)] });
  using _model = model;
  deepEqual(refused, [["empty", "scan-refused"]]);
  using same = (await fit(gpu)).model;
  deepEqual([model.trainNames, model.fingerprint], [same.trainNames, same.fingerprint]);
  deepEqual(model.calibration!.scan.scores, same.calibration!.scan.scores, "as if it had not been there");
  await rejects(fit(gpu, { train: [empty, ...scans(1, 1)] }), (error: TooFewScans) => error.given === 1);
  await rejects(fit(gpu, { train: [] }), TooFewScans);
});

await gpuTest(
  "fitModel() leaves out a scan that only the plugin can tell to be of no use, when fitting and calibrating",
  async (gpu) => {
    const dislikes = (scan: string) => scan === "tiny/2" || scan === "tiny/51";
    const refusal = (scan: string) => new ScanRefused(scan, "too-few-points", "for the test");
    const picky: Extractor<{ scale: number }> = {
      ...toyExtractor,
      fit: async (source, options, run) => {
        const fitted = await toyExtractor.fit(
          {
            ...source,
            async *walk() {
              for await (const scan of source.walk()) {
                if (dislikes(scan.name)) source.refuse(scan.name, refusal(scan.name));
                else yield scan;
              }
            },
          },
          options,
          run,
        );
        return {
          ...fitted,
          score: (scan, run) => dislikes(scan.name) ? Promise.reject(refusal(scan.name)) : fitted.score(scan, run),
          [Symbol.dispose]: () => fitted[Symbol.dispose](),
        };
      },
    };
    const { model, refused } = await fit(gpu, { heldOut: scans(50, 3) }, createRun(gpu), picky);
    using _model = model;
    deepEqual(refused, [["tiny/2", "scan-refused"], ["tiny/51", "scan-refused"]]);
    deepEqual(model.trainNames, ["tiny/1", "tiny/3", "tiny/4", "tiny/5"]);
    equal(model.calibration!.scan.scores.length, 6);
  },
);

await gpuTest("fitModel() names the scans that are copies of others", async (gpu) => {
  const warned: string[] = [],
    log = { debug: () => {}, info: () => {}, warn: (words: string) => void warned.push(words) };
  const [a, b] = [1, 2].map((seed) => tinyScan({ seed }));
  const train = [named(a, "a"), named(b, "b"), named(a, "a again"), named(a, "a once more")];
  using _model = (await fit(gpu, { train, folds: 0 }, createRun(gpu, { log }))).model;
  match(
    warned.join(),
    /^2 of 4 normal scans are copies of others \(a again of a, a once more of a\): .* not to be relied on$/,
  );
  using _other = (await fit(gpu, { train: train.slice(0, 2), folds: 0 }, createRun(gpu, { log }))).model;
  equal(warned.length, 1);
});

await gpuTest("fitModel() fingerprints the points in their order, not the names", async (gpu) => {
  const fingerprint = async (...train: NamedScan[]) => {
    using model = (await fit(gpu, { train, folds: 0 })).model;
    return model.fingerprint;
  };
  const [a, b, c] = [1, 2, 3].map((seed) => tinyScan({ seed }));
  const first = await fingerprint(named(a), named(b));
  equal(await fingerprint(named(a, "x"), named(b, "y")), first);
  notEqual(await fingerprint(named(b), named(a)), first);
  notEqual(await fingerprint(named(a), named(c)), first);
});

await gpuTest(
  "fitModel() ends with RunAborted, and refuses no scan, when it is stopped while one is read",
  async (gpu) => {
    for (const at of [1, 5, 9, 13, 25]) { // of 25 reads, in the fit and in the folds; the last too
      const interrupt = new AbortController(), refused: string[] = [];
      let reads = 0;
      const train = scans(1, 5).map((scan) => ({
        ...scan,
        load: () => {
          if (++reads === at) interrupt.abort();
          return scan.load();
        },
      }));
      const run = createRun(gpu, { signal: interrupt.signal });
      await rejects(fit(gpu, { train, onRefused: (scan) => refused.push(scan) }, run), RunAborted, `read ${at}`);
      deepEqual([reads, refused], [at, []]);
    }
  },
);

/** The toy as one that asks for registration: the maximum of its map is how many normal scans it was brought to. */
function registering(heldOut?: readonly HeldOutScore[]): { extractor: typeof toyExtractor; names: string[][] } {
  const names: string[][] = [];
  const counting = (fitted: FittedExtractor): FittedExtractor => ({
    ...fitted,
    heldOut,
    score: async (scan, run) => {
      const map = await fitted.score(scan, run), score = scan.registration?.members.length ?? 0;
      return { ...map, score };
    },
    [Symbol.dispose]: () => fitted[Symbol.dispose](),
  });
  const extractor: typeof toyExtractor = {
    ...toyExtractor,
    registers: () => true,
    fit: async (source, options, run, registry) => {
      names.push([...registry!.names]);
      return counting(await toyExtractor.fit(source, options, run));
    },
    load: async (model, options, run) => counting(await toyExtractor.load(model, options, run)),
  };
  return { extractor, names };
}

await gpuTest(
  "fitModel() gives a method that registers the same scans as registry, which is saved and opened with it",
  async (gpu) => {
    const run = createRun(gpu), { extractor, names } = registering(), storage = memoryStorage();
    using model = (await fit(gpu, { train: [...scans(1, 3), empty], folds: 3 }, run, extractor)).model;
    deepEqual(names[0], ["tiny/1", "tiny/2", "tiny/3"], "without the scan that is refused");
    deepEqual(names.slice(1).map(({ length }) => length), [2, 2, 2], "each fold has its own");
    const { scores, costs } = model.calibration!.scan;
    deepEqual(scores, [2, 2, 2]);
    ok(costs!.every((cost) => cost !== null && cost > 0 && cost < 0.001), `${costs}`);
    await saveModel(storage, model);
    using loaded = await loadModel(storage, { plugins: [extractor] }, {}, run);
    deepEqual(loaded.registry!.names, names[0]);
    const scan = tinyScan({ seed: 9 }), scored = await scoreScan(loaded, scan, run);
    deepEqual(scored, await scoreScan(model, scan, run));
    deepEqual([scored.map.score, scored.notes], [3, []]);
  },
);

await gpuTest("fitModel() takes what the fit found of each scan without it, and fits no folds then", async (gpu) => {
  const found = scans(1, 5).map(({ name }, i) => ({ name, score: i, peak: 10 * i, cost: i === 0 ? null : i / 1e4 }));
  const { extractor, names } = registering(found);
  using model = (await fit(gpu, { heldOut: scans(50, 2) }, createRun(gpu), extractor)).model;
  const { scan, peak } = model.calibration!;
  deepEqual([names.length, scan.kind, scan.folds], [1, "leave-one-out", 5]);
  deepEqual(scan.names, [...found.map(({ name }) => name), "tiny/50", "tiny/51"]);
  deepEqual(scan.scores, [0, 1, 2, 3, 4, 5, 5]);
  deepEqual(peak.scores.slice(0, 5), [0, 10, 20, 30, 40]);
  deepEqual(scan.costs!.slice(0, 5), [null, 1e-4, 2e-4, 3e-4, 4e-4]);
  ok(scan.costs!.slice(5).every((cost) => cost! > 0));
  deepEqual(peak.costs, scan.costs);
});
