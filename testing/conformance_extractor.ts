/** What an extractor has to keep. @module */
import {
  createRun,
  type Extractor,
  fitModel,
  fitRegistry,
  type FittedExtractor,
  loadModel,
  memoryStorage,
  ModelRefused,
  resolveMethod,
  type Run,
  saveModel,
  type Scan,
  ScanRefused,
  type ScanRegistry,
  type ScanSource,
  type ScoreMap,
  scorePrepared,
  scoreScan,
  TooFewScans,
} from "../core/mod.ts";
import type { Gpu } from "../kernels/mod.ts";
import {
  contentsOf,
  expect,
  expectAborted,
  expectBorneOrRefused,
  expectFinite,
  expectSameBits,
  expectSameMap,
  spoilIdleMemory,
  thrownBy,
  withoutLeak,
} from "./conformance_assert.ts";
import { atSecondScan, leaveOut, mayNot, sourceOf, withoutTensors } from "./conformance_source.ts";
import { type ConformanceCheck, interruptedRun, prepared, type Trial } from "./conformance_trial.ts";
import { tinyFolder } from "./tiny_source.ts";

/** The checks of {@linkcode Extractor}'s contract. */
export function extractorChecks<O>(extractor: Extractor<O>, trial: Trial<O>): ConformanceCheck[] {
  const { scans, poor, options } = trial, normal = scans.slice(1), [unseen] = scans;
  const source = (run: Run) => sourceOf(trial, normal, run, mayNot);
  const fitTo = (from: ScanSource, given: O, run: Run) => fitParts(extractor, from, given, run);
  const fit = (run: Run) => fitTo(source(run), options, run);

  /** The map of one scan; checks what every map has to be. */
  const score = async (fitted: Parts, scan: Scan, run: Run): Promise<ScoreMap> => {
    using ready = prepared(trial, scan, run);
    const { map } = await scorePrepared(fitted, ready, run), { size } = ready.frame;
    expect(map.size === size && map.values.length === size * size, `the map of ${scan.name} is not ${size} × ${size}`);
    expectFinite(map.values, `the map of ${scan.name}`);
    expect(Number.isFinite(map.score), `the score of ${scan.name} is ${map.score}`);
    return map;
  };
  const check = (name: string, run: (gpu: Gpu) => Promise<void>): ConformanceCheck => ({ name, run });

  return [
    check("gives finite maps of the scan's map size, in every preset", async (gpu) => {
      const run = createRun(gpu);
      for (const preset of new Set([options, ...trial.presets])) {
        using fitted = await fitTo(source(run), preset, run);
        for (const scan of [unseen, normal[0]]) await score(fitted, scan, run);
      }
    }),
    check("gives the same bits when it is fitted again, and whatever it scored before", async (gpu) => {
      const run = createRun(gpu);
      using first = await fit(run);
      const map = await score(first, unseen, run);
      spoilIdleMemory(gpu);
      using second = await fit(run);
      await score(second, normal[0], run);
      expectSameMap(await score(first, unseen, run), map, `of ${unseen.name}, scored again`);
      expectSameMap(await score(second, unseen, run), map, `of ${unseen.name}, fitted again`);
    }),
    check("leaves no buffer behind, and the scan as it was", async (gpu) => {
      const run = createRun(gpu);
      using ready = prepared(trial, unseen, run);
      const host = ready.hostPoints.slice(), before = await contentsOf(gpu, [ready.points, ready.pointOf]);
      await withoutLeak(gpu, "a fitted extractor, disposed,", async () => {
        using fitted = await fit(run);
        await withoutLeak(gpu, "score()", () => scorePrepared(fitted, ready, run));
      });
      const after = await contentsOf(gpu, [ready.points, ready.pointOf]);
      before.forEach((values, i) => expectSameBits(after[i], values, ["the scan's points", "the scan's pointOf"][i]));
      expectSameBits(ready.hostPoints, host, "the scan's hostPoints");
    }),
    check("gives the same scores to the bit when it is saved and loaded", async (gpu) => {
      const run = createRun(gpu), storage = memoryStorage(), registry = { plugins: [extractor] };
      const method = resolveMethod(extractor.name, "default", registry, {
        prepare: trial.prepare,
        extractor: options as Readonly<Record<string, unknown>>,
      });
      using model = await fitModel(
        { name: "trial", method, train: normal.map(named), folds: 0, onRefused: mayNot },
        run,
      );
      await saveModel(storage, model);
      const files = await filesOf(storage), { map } = await scoreScan(model, unseen, run);
      await saveModel(storage, model);
      expect(JSON.stringify(await filesOf(storage)) === JSON.stringify(files), "scoring changed what is saved");
      await withoutLeak(gpu, "a loaded extractor, disposed,", async () => {
        using loaded = await loadModel(storage, registry, {}, run);
        expectSameMap((await scoreScan(loaded, unseen, run)).map, map, `of ${unseen.name}, loaded`);
        const facts = JSON.stringify(loaded.extractor.facts), wanted = JSON.stringify(model.extractor.facts);
        expect(facts === wanted, `the facts were ${wanted}, loaded ${facts}`);
      });
    }),
    check("passes on ModelRefused when a model lacks its tensors", async (gpu) => {
      const run = createRun(gpu), folder = tinyFolder();
      using fitted = await fit(run);
      await fitted.extractor.save(folder);
      if (folder.tensors.size === 0) return;
      const error = await withoutLeak(gpu, "load() of half a model", () =>
        thrownBy(async () => {
          using _loaded = await extractor.load(withoutTensors(folder), options, run);
        }));
      expect(error instanceof ModelRefused, `load() of half a model ended with ${String(error)}, not ModelRefused`);
    }),
    check("bears poor scans, or refuses them by ScanRefused", async (gpu) => {
      const run = createRun(gpu);
      using fitted = await fit(run);
      for (const scan of poor) {
        await expectBorneOrRefused(gpu, `score() of ${scan.name}`, [ScanRefused], () => score(fitted, scan, run));
      }
    }),
    check("fits to what is left when poor scans are among the normal ones", async (gpu) => {
      const run = createRun(gpu), mixed = [normal[0], ...poor, ...normal.slice(1)];
      await withoutLeak(gpu, "an extractor fitted to poor scans too, disposed,", async () => {
        const error = await thrownBy(async () => {
          using fitted = await fitTo(sourceOf(trial, mixed, run, leaveOut), options, run);
          await score(fitted, unseen, run);
        });
        expect(
          error === undefined,
          `fit() ended with ${String(error)} instead of telling source.refuse() and going on`,
        );
      });
    }),
    check("bears poor scans alone and none at all, or refuses to fit by TooFewScans", async (gpu) => {
      const run = createRun(gpu);
      for (const list of [...poor.map((scan) => [scan]), []]) {
        const what = `fit() to ${list.length === 0 ? "no scan" : list[0].name}`;
        await expectBorneOrRefused(gpu, what, [TooFewScans], async () => {
          using fitted = await fitTo(sourceOf(trial, list, run, leaveOut), options, run);
          await score(fitted, unseen, run);
        });
      }
    }),
    check("ends with RunAborted in a run that was interrupted, or is while it fits", async (gpu) => {
      const run = createRun(gpu), stopped = interruptedRun(gpu), interrupt = new AbortController();
      await expectAborted(gpu, "fit()", async () => {
        using _fitted = await fitTo(source(run), options, stopped);
      });
      await expectAborted(gpu, "fit(), at its second scan", async () => {
        const late = createRun(gpu, { signal: interrupt.signal });
        using _fitted = await fitTo(atSecondScan(source(run), () => interrupt.abort()), options, late);
      });
      using fitted = await fit(run), ready = prepared(trial, unseen, run);
      await expectAborted(gpu, "score()", () => fitted.extractor.score(ready, stopped));
    }),
  ];
}

/** A fitted extractor with the registry that it asked for. */
interface Parts extends Disposable {
  readonly extractor: FittedExtractor;
  readonly registry?: ScanRegistry;
}

/** Fits as the pipeline does. */
async function fitParts<O>(extractor: Extractor<O>, source: ScanSource, options: O, run: Run): Promise<Parts> {
  using owned = new DisposableStack();
  const registry = extractor.registers?.(options) ? owned.use(await fitRegistry(source, run)) : undefined;
  const fitted = owned.use(await extractor.fit(source, options, run, registry));
  const kept = owned.move();
  return { extractor: fitted, registry, [Symbol.dispose]: () => kept.dispose() };
}

const named = (scan: Scan) => ({ name: scan.name, load: () => Promise.resolve(scan) });

async function filesOf(storage: ReturnType<typeof memoryStorage>): Promise<[string, string][]> {
  const names = await storage.list("");
  return Promise.all(names.map(async (name) => [name, (await storage.read(name)).toHex()] as [string, string]));
}
