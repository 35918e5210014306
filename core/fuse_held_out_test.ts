import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type { Gpu } from "../kernels/mod.ts";
import { gpuTest, onlyPixels, tinyPrepare, tinyScan } from "../testing/mod.ts";
import { toyFuser, toyReconstructor } from "../testing/toy_branches.ts";
import { toyExtractor } from "../testing/toy_plugins.ts";
import {
  type BranchMaps,
  createRun,
  DEFAULT_FOLDS,
  type DefectExamples,
  defectKinds,
  type DefectMaps,
  fitModel,
  type FitOptions,
  type NamedScan,
  pasteDefect,
  randomStream,
  resolveMethod,
  ScanRefused,
  type ScoreMap,
  TooFewScans,
} from "./mod.ts";

const scans = (from: number, count: number): NamedScan[] =>
  Array.from({ length: count }, (_, i) => {
    const scan = tinyScan({ seed: from + i });
    return { name: scan.name, load: () => Promise.resolve(scan) };
  });

/** One judgement of a scan by a branch, and which scans that branch was fitted on. */
interface Judged {
  readonly scan: string;
  readonly fitted: readonly string[];
  readonly heldOut: boolean;
}

interface Toys {
  /** Whether the extractor tells the map of each scan by all others. */
  readonly tells?: boolean;
  /** Whether the reconstructor can leave a scan out. */
  readonly leavesOut?: boolean;
  /** Whom the reconstructor refuses. */
  readonly dislikes?: (scan: string) => boolean;
  readonly registers?: "both" | "reconstructor";
  /** Which defects the fuser asks for. */
  readonly examples?: DefectExamples;
}

/** Toys of both branches and a fuser, watched. */
function watched({ tells = false, leavesOut = true, dislikes = () => false, registers, examples }: Toys = {}) {
  const seen = {
    /** What each fit of the branches was fitted on. */
    fits: [] as string[][],
    feature: [] as Judged[],
    missing: [] as Judged[],
    /** The maps that the fuser was fitted on. */
    fused: [] as BranchMaps[],
    /** The defects that it was given. */
    defects: [] as DefectMaps[],
    /** Which branches were given a registry, in the order of their fits, and which scans came registered. */
    registries: [] as string[],
    registered: [] as string[],
  };
  const told = new Map<string, ScoreMap>();
  const extractor: typeof toyExtractor = {
    ...toyExtractor,
    registers: () => registers === "both",
    async fit(source, options, run, registry, listener) {
      const names = [...source.names];
      seen.fits.push(names);
      if (registry) seen.registries.push("extractor");
      const fitted = await toyExtractor.fit(source, options, run);
      const score: typeof fitted.score = async (scan, run) => {
        seen.feature.push({ scan: scan.name, fitted: names, heldOut: false });
        if (scan.registration) seen.registered.push(`extractor ${scan.name}`);
        return await fitted.score(scan, run);
      };
      if (tells && listener) {
        for await (const scan of source.walk()) {
          const map = await fitted.score(scan, run);
          told.set(scan.name, map);
          listener.clean(scan.name, map);
          const trial = { scan: scan.name, kind: "cut", stream: `toy/${scan.name}` } as const;
          using damaged = pasteDefect(scan, trial.kind, randomStream(run.seed, trial.stream), run)!;
          listener.pasted?.(trial, await fitted.score(damaged, run));
        }
      }
      return { ...fitted, score, [Symbol.dispose]: () => fitted[Symbol.dispose]() };
    },
  };
  const reconstructor: typeof toyReconstructor = {
    ...toyReconstructor,
    registers: () => registers !== undefined,
    async fit(source, options, run, registry) {
      if (registry) seen.registries.push("reconstructor");
      const names = [...source.names], fitted = await toyReconstructor.fit(source, options, run);
      return {
        ...fitted,
        leavesOut,
        reconstruct: (scan, run, given) => {
          if (dislikes(scan.name)) throw new ScanRefused(scan.name, "no-shape", "no shape is like it");
          if (scan.registration) {
            seen.registered.push(`reconstructor ${scan.name} to ${scan.registration.members.length}`);
          }
          seen.missing.push({ scan: scan.name, fitted: names, heldOut: given?.heldOut ?? false });
          return fitted.reconstruct(scan, run, given);
        },
        [Symbol.dispose]: () => fitted[Symbol.dispose](),
      };
    },
  };
  const fuser: typeof toyFuser = {
    ...toyFuser,
    examples: () => examples,
    fit: async (normal, options, run, defects) => {
      for await (const maps of normal) seen.fused.push(maps);
      for await (const maps of defects ?? []) seen.defects.push(maps);
      return await toyFuser.fit(normal, options, run);
    },
  };
  return { plugins: [extractor, reconstructor, fuser], seen, told };
}

async function fit(
  gpu: Gpu,
  { plugins }: Pick<ReturnType<typeof watched>, "plugins">,
  given: Partial<FitOptions> = {},
) {
  const warned: string[] = [], refused: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: (words: string) => void warned.push(words) };
  const model = await fitModel({
    name: "tiny",
    method: resolveMethod("toy+toy/toy", "default", { plugins }, { prepare: tinyPrepare }),
    train: scans(1, 5),
    folds: 4,
    onRefused: (scan) => refused.push(scan),
    ...given,
  }, createRun(gpu, { log }));
  return { model, warned, refused };
}

const names = (judged: readonly Judged[]) => judged.map(({ scan }) => scan);

/** Whether no branch judged a scan that it was fitted on, unless it left it out. */
const unseen = (judged: readonly Judged[]) =>
  judged.every(({ scan, fitted, heldOut }) => heldOut === fitted.includes(scan));

await gpuTest(
  "fitModel() gives the fuser what folds say of scans that neither branch saw, and calibrates by the same",
  async (gpu) => {
    const facts: unknown[] = [];
    for (const folds of [DEFAULT_FOLDS, 0]) {
      const toys = watched(), { seen } = toys;
      const { model, refused, warned } = await fit(gpu, toys, { folds });
      using _model = model;
      const all = scans(1, 5).map(({ name }) => name);
      deepEqual([seen.fits[0], seen.fits.length, refused, warned], [all, 1 + DEFAULT_FOLDS, [], []]);
      for (const judged of [seen.feature, seen.missing]) {
        deepEqual(names(judged).toSorted(), all, "each once");
        ok(unseen(judged));
      }
      deepEqual(names(seen.feature), names(seen.missing));
      equal(seen.fused.length, 5);
      ok(seen.fused.every(({ feature, missing }) => feature.score > 0 && missing.size === feature.size));
      facts.push(model.fuser!.facts);
      equal(seen.defects.length, 0);
      const { scan, peak } = model.calibration!, { most } = model.fuser!.facts as { most: number };
      deepEqual([scan.kind, scan.names, scan.folds], ["cross", names(seen.feature), 4]);
      seen.fused.forEach(({ feature, missing }, i) => {
        const fused = feature.values.map((value, j) => value / Math.fround(most) + missing.values[j]);
        equal(scan.scores[i], fused.reduce((a, b) => Math.max(a, b), 0), "of the fused map");
      });
      deepEqual(peak.scores, scan.scores, "the toys' score is their map's maximum");
    }
    deepEqual(facts[0], facts[1], "evaluate's fuser is fit's");
  },
);

await gpuTest(
  "fitModel() takes maps by all others where both branches can leave a scan out, and fits no folds then",
  async (gpu) => {
    for (const folds of [4, 0]) {
      const toys = watched({ tells: true }), { seen, told } = toys;
      const { model } = await fit(gpu, toys, { folds, heldOut: scans(50, 2) });
      using _model = model;
      equal(seen.fits.length, 1);
      deepEqual(names(seen.feature), ["tiny/50", "tiny/51"], "the others' maps are known");
      deepEqual(names(seen.missing), [...scans(1, 5).map(({ name }) => name), "tiny/50", "tiny/51"]);
      ok(unseen(seen.feature) && unseen(seen.missing));
      deepEqual(seen.fused.slice(0, 5).map(({ feature }) => feature), [...told.values()]);
      deepEqual([seen.fused.length, model.calibration?.scan.kind], [7, "leave-one-out"]);
    }
  },
);

await gpuTest("fitModel() falls back to folds where one of the branches cannot leave a scan out", async (gpu) => {
  for (const given of [{ tells: true, leavesOut: false }, { tells: false, leavesOut: true }]) {
    const toys = watched(given), { seen } = toys;
    using model = (await fit(gpu, toys)).model;
    deepEqual([model.calibration!.scan.kind, seen.fits.length], ["cross", 5]);
    ok(unseen(seen.feature) && unseen(seen.missing));
  }
});

await gpuTest("fitModel() asks no fit for held-out maps where scans of their own are enough", async (gpu) => {
  const toys = watched({ tells: true }), { seen, told } = toys;
  using model = (await fit(gpu, toys, { heldOut: scans(50, 20) })).model;
  deepEqual([model.calibration!.scan.kind, seen.fits.length, seen.fused.length, told.size], ["split", 1, 20, 0]);
  ok(unseen(seen.feature) && unseen(seen.missing));
});

await gpuTest(
  "fitModel() leaves a scan that one branch refuses out of fuser and calibration, and says so",
  async (gpu) => {
    for (const tells of [true, false]) {
      const toys = watched({ tells, dislikes: (scan) => scan === "tiny/3" });
      const { model, refused, warned } = await fit(gpu, toys);
      using _model = model;
      deepEqual([toys.seen.fused.length, model.calibration!.scan.scores.length], [4, 4]);
      ok(!model.calibration!.scan.names.includes("tiny/3") && model.trainNames.includes("tiny/3"));
      deepEqual(refused, [], "it is in the model");
      match(warned.join(), /^"tiny\/3" tells nothing of how normal scans differ: .*no shape is like it$/);
    }
    await rejects(fit(gpu, watched({ dislikes: () => true })), (error: TooFewScans) => error.given === 0);
  },
);

await gpuTest("fitModel() does with two and three scans, and with one as before", async (gpu) => {
  for (const count of [2, 3]) {
    for (const tells of [true, false]) {
      const toys = watched({ tells });
      using model = (await fit(gpu, toys, { train: scans(1, count) })).model;
      equal(model.calibration!.scan.scores.length, count);
      ok(unseen(toys.seen.feature) && unseen(toys.seen.missing));
    }
  }
  const empty = onlyPixels(tinyScan({ seed: 1 }), []);
  const train = [...scans(1, 1), { name: "empty", load: () => Promise.resolve(empty) }];
  await rejects(fit(gpu, watched(), { train }), (error: TooFewScans) => error.given === 1 && error.needed === 2);
});

await gpuTest(
  "fitModel() fits one registry, for the branches that ask, without the scan that is held out",
  async (gpu) => {
    const all = scans(1, 3).map(({ name }) => name);
    for (const registers of ["both", "reconstructor"] as const) {
      const toys = watched({ tells: true, registers }), { seen } = toys, both = registers === "both";
      using model = (await fit(gpu, toys, { train: scans(1, 3) })).model;
      deepEqual(seen.registries, both ? ["extractor", "reconstructor"] : ["reconstructor"]);
      deepEqual(model.reconstruction!.registry!.names, all);
      equal(model.registry, both ? model.reconstruction!.registry : undefined);
      deepEqual(seen.registered, all.map((name) => `reconstructor ${name} to 2`), "not to itself");
      ok(model.calibration!.scan.costs!.every((cost) => cost! > 0));
    }
  },
);

await gpuTest("fitModel() gives a fuser that asks for them defects pasted on scans that no branch saw", async (gpu) => {
  for (const tells of [true, false]) {
    const toys = watched({ tells, examples: "synthetic" }), { seen } = toys;
    using _model = (await fit(gpu, toys)).model;
    equal(seen.defects.length, tells ? 5 : 10);
    const kinds = seen.defects.map(({ kind }) => kind);
    deepEqual(new Set(kinds), new Set(tells ? ["cut"] : defectKinds));
    for (const { feature, missing, truth } of seen.defects) {
      const places = truth.reduce((sum, place) => sum + place, 0);
      ok(places > 3 && places < 1500 && truth.length === feature.values.length, `${places}`);
      equal(missing.size, feature.size);
    }
    const bases = new Set(seen.fused.map(({ feature }) => feature.values));
    ok(seen.defects.every(({ feature }) => !bases.has(feature.values)));
    ok(unseen(seen.feature.filter(({ heldOut }) => !heldOut)), "by fits without them");
  }
});

await gpuTest("fitModel() gives a fuser that asks for labelled scans those that have a truth", async (gpu) => {
  const toys = watched({ examples: "labelled" }), { seen } = toys;
  const kinds = ["dent", "good", "dent"];
  const labelled = kinds.map((kind, i) => {
    const { truth, ...scan } = tinyScan({ seed: 70 + i, dent: kind === "dent" ? 0.004 : 0 });
    const values = truth?.values ?? new Uint8Array(64 * 64);
    const whole = i === 2 ? scan : { ...scan, truth: { width: 64, height: 64, values } };
    return { name: scan.name, kind, load: () => Promise.resolve(whole) };
  });
  const { model, warned } = await fit(gpu, toys, { labelled });
  using _model = model;
  deepEqual(seen.defects.map(({ kind }) => kind), ["dent", "good"]);
  const [dented, good] = seen.defects.map(({ truth }) => truth.reduce((sum, place) => sum + place, 0));
  ok(dented > 3 && good === 0, `${dented}, ${good}`);
  match(warned.join(), /"tiny\/72" has no ground truth: it is left out/);
});
