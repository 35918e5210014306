/** What a reconstructor has to keep. @module */
import {
  createRun,
  fitRegistry,
  type FittedReconstructor,
  ModelRefused,
  type Prepared,
  type Reconstruction,
  type Reconstructor,
  type Run,
  type Scan,
  ScanRefused,
  type ScanRegistry,
  type ScanSource,
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
  spoilIdleMemory,
  thrownBy,
  withoutLeak,
} from "./conformance_assert.ts";
import { expectSameFacts, modelText } from "./conformance_model.ts";
import { atSecondScan, leaveOut, mayNot, sourceOf, withoutTensors } from "./conformance_source.ts";
import { type ConformanceCheck, interruptedRun, prepared, type Trial } from "./conformance_trial.ts";
import { tinyFolder } from "./tiny_source.ts";

/** The checks of {@linkcode Reconstructor}'s contract. */
export function reconstructorChecks<O>(reconstructor: Reconstructor<O>, trial: Trial<O>): ConformanceCheck[] {
  const { scans, poor, options } = trial, normal = scans.slice(1), [unseen] = scans;
  const source = (run: Run) => sourceOf(trial, normal, run, mayNot);
  const fitTo = (from: ScanSource, given: O, run: Run) => fitParts(reconstructor, from, given, run);
  const fit = (run: Run) => fitTo(source(run), options, run);

  /** What a scan should have been, read back; checks what every answer has to be. */
  const rebuild = async (fitted: Parts, scan: Scan, run: Run, heldOut = false): Promise<Rebuilt> => {
    using ready = prepared(trial, scan, run);
    using made = await reconstruct(fitted, ready, run, heldOut);
    return await contentOf(made, `the reconstruction of ${scan.name}`, run);
  };
  const check = (name: string, run: (gpu: Gpu) => Promise<void>): ConformanceCheck => ({ name, run });

  return [
    check("gives whole shapes of finite points, in every preset", async (gpu) => {
      const run = createRun(gpu);
      for (const preset of new Set([options, ...trial.presets])) {
        using fitted = await fitTo(source(run), preset, run);
        for (const scan of [unseen, normal[0]]) await rebuild(fitted, scan, run);
      }
    }),
    check("gives the same bits when it is fitted again, and whatever it saw before", async (gpu) => {
      const run = createRun(gpu);
      using first = await fit(run);
      const shapes = await rebuild(first, unseen, run);
      spoilIdleMemory(gpu);
      using second = await fit(run);
      await rebuild(second, normal[0], run);
      expectSame(await rebuild(first, unseen, run), shapes, `of ${unseen.name}, reconstructed again`);
      expectSame(await rebuild(second, unseen, run), shapes, `of ${unseen.name}, fitted again`);
    }),
    check("takes a scan of its own fit as unseen, where it says so", async (gpu) => {
      const run = createRun(gpu);
      using fitted = await fit(run);
      if (!fitted.reconstructor.leavesOut) return;
      const known = await rebuild(fitted, normal[0], run), left = await rebuild(fitted, normal[0], run, true);
      expect(!isSame(left, known), `with heldOut, ${normal[0].name} is rebuilt of what is known of it all the same`);
      expectSame(await rebuild(fitted, normal[0], run), known, `of ${normal[0].name}, after it was left out`);
    }),
    check("leaves no buffer behind, and the scan as it was", async (gpu) => {
      const run = createRun(gpu);
      using ready = prepared(trial, unseen, run);
      const host = ready.hostPoints.slice(), before = await contentsOf(gpu, [ready.points, ready.pointOf]);
      await withoutLeak(gpu, "a fitted reconstructor, disposed,", async () => {
        using fitted = await fit(run);
        await withoutLeak(gpu, "a reconstruction, disposed,", async () => {
          using _made = await reconstruct(fitted, ready, run);
        });
      });
      const after = await contentsOf(gpu, [ready.points, ready.pointOf]);
      before.forEach((values, i) => expectSameBits(after[i], values, ["the scan's points", "the scan's pointOf"][i]));
      expectSameBits(ready.hostPoints, host, "the scan's hostPoints");
    }),
    check("gives the same shapes to the bit when it is saved and loaded", async (gpu) => {
      const run = createRun(gpu), folder = tinyFolder(), again = tinyFolder();
      using fitted = await fit(run);
      await fitted.reconstructor.save(folder);
      const kept = modelText(folder), shapes = await rebuild(fitted, unseen, run);
      await fitted.reconstructor.save(again);
      expect(modelText(again) === kept, "reconstructing changed what is saved");
      await withoutLeak(gpu, "a loaded reconstructor, disposed,", async () => {
        using loaded = await reconstructor.load(folder, options, run);
        const parts = { ...fitted, reconstructor: loaded };
        expectSame(await rebuild(parts, unseen, run), shapes, `of ${unseen.name}, loaded`);
        expectSameFacts(loaded, fitted.reconstructor);
        expect(
          loaded.leavesOut === fitted.reconstructor.leavesOut,
          `leavesOut is ${loaded.leavesOut} once it is loaded`,
        );
      });
    }),
    check("passes on ModelRefused when a model lacks its tensors", async (gpu) => {
      const run = createRun(gpu), folder = tinyFolder();
      using fitted = await fit(run);
      await fitted.reconstructor.save(folder);
      if (folder.tensors.size === 0) return;
      const error = await withoutLeak(gpu, "load() of half a model", () =>
        thrownBy(async () => {
          using _loaded = await reconstructor.load(withoutTensors(folder), options, run);
        }));
      expect(error instanceof ModelRefused, `load() of half a model ended with ${String(error)}, not ModelRefused`);
    }),
    check("bears poor scans, or refuses them by ScanRefused", async (gpu) => {
      const run = createRun(gpu);
      using fitted = await fit(run);
      for (const scan of poor) {
        const what = `reconstruct() of ${scan.name}`;
        await expectBorneOrRefused(gpu, what, [ScanRefused], () => rebuild(fitted, scan, run));
      }
    }),
    check("fits to what is left when poor scans are among the normal ones", async (gpu) => {
      const run = createRun(gpu), mixed = [normal[0], ...poor, ...normal.slice(1)];
      await withoutLeak(gpu, "a reconstructor fitted to poor scans too, disposed,", async () => {
        const error = await thrownBy(async () => {
          using fitted = await fitTo(sourceOf(trial, mixed, run, leaveOut), options, run);
          await rebuild(fitted, unseen, run);
        });
        const found = `fit() ended with ${String(error)} instead of telling source.refuse() and going on`;
        expect(error === undefined, found);
      });
    }),
    check("bears poor scans alone and none at all, or refuses to fit by TooFewScans", async (gpu) => {
      const run = createRun(gpu);
      for (const list of [...poor.map((scan) => [scan]), []]) {
        const what = `fit() to ${list.length === 0 ? "no scan" : list[0].name}`;
        await expectBorneOrRefused(gpu, what, [TooFewScans], async () => {
          using fitted = await fitTo(sourceOf(trial, list, run, leaveOut), options, run);
          const then = `reconstruct() after ${what}`; // no shape may fit
          await expectBorneOrRefused(gpu, then, [ScanRefused], () => rebuild(fitted, unseen, run));
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
      using registration = await fitted.registry?.register(ready, run);
      const scan = registration ? { ...ready, registration } : ready;
      await expectAborted(gpu, "reconstruct()", async () => {
        using _made = await fitted.reconstructor.reconstruct(scan, stopped);
      });
    }),
  ];
}

/** A fitted reconstructor with the registry that it asked for. */
interface Parts extends Disposable {
  readonly reconstructor: FittedReconstructor;
  readonly registry?: ScanRegistry;
}

/** Fits as the pipeline does. */
async function fitParts<O>(reconstructor: Reconstructor<O>, source: ScanSource, options: O, run: Run): Promise<Parts> {
  using owned = new DisposableStack();
  const registry = reconstructor.registers?.(options) ? owned.use(await fitRegistry(source, run)) : undefined;
  const fitted = owned.use(await reconstructor.fit(source, options, run, registry));
  const kept = owned.move();
  return { reconstructor: fitted, registry, [Symbol.dispose]: () => kept.dispose() };
}

/** Brings the scan to the normal ones where that was asked for, and rebuilds it, as the pipeline does. @throws {ScanRefused} */
async function reconstruct(
  { reconstructor, registry }: Parts,
  scan: Prepared,
  run: Run,
  heldOut = false,
): Promise<Reconstruction> {
  if (!registry) return await reconstructor.reconstruct(scan, run, { heldOut });
  using registration = await registry.register(scan, run, heldOut ? { without: scan.name } : {});
  if (!registration) throw new ScanRefused(scan.name, "not-registered", "it is like none of the normal scans");
  return await reconstructor.reconstruct({ ...scan, registration }, run, { heldOut });
}

/** A reconstruction's content on the host. */
interface Rebuilt {
  /** x, y, z, 0 of each point. */
  readonly points: Float32Array;
  /** First point, count and weight of each shape. */
  readonly shapes: Float64Array;
  /** Of each point; empty where it isn't known. */
  readonly usual: Float32Array;
}

/** Reads a reconstruction. @throws {Error} where it isn't what the contract says */
async function contentOf({ points, shapes, usual }: Reconstruction, what: string, { gpu }: Run): Promise<Rebuilt> {
  expect(shapes.length > 0, `${what} has no shape`);
  let count = 0;
  for (const [i, shape] of shapes.entries()) {
    const { first, weight } = shape, whole = Number.isInteger(first) && Number.isInteger(shape.count);
    expect(whole && shape.count > 0, `shape ${i} of ${what} has ${shape.count} points from ${first} on`);
    expect(
      first >= count,
      `shape ${i} of ${what} begins at point ${first}, before the end of the one before it, ${count}`,
    );
    expect(Number.isFinite(weight) && weight >= 0, `shape ${i} of ${what} has the weight ${weight}`);
    count = first + shape.count;
  }
  expect(4 * count <= points.length, `the shapes of ${what} end at point ${count}, there are ${points.length / 4}`);
  const weight = shapes.reduce((sum, shape) => sum + shape.weight, 0);
  expect(Math.abs(weight - 1) <= 1e-6, `the weights of ${what} add up to ${weight}`);
  expect(!usual || count <= usual.length, `usual of ${what} has ${usual?.length} values for ${count} points`);
  const values = await gpu.read(points, 4 * count), gaps = usual ? await gpu.read(usual, count) : new Float32Array();
  expectFinite(values, `the points of ${what}`);
  expectFinite(gaps, `usual of ${what}`);
  const fourth = values.findIndex((value, i) => i % 4 === 3 && value !== 0), below = gaps.findIndex((gap) => gap < 0);
  expect(fourth < 0, `the fourth value of point ${Math.floor(fourth / 4)} of ${what} is not 0`);
  expect(below < 0, `value ${below} of usual of ${what} is ${gaps[below]}`);
  const numbers = shapes.flatMap(({ first, count, weight }) => [first, count, weight]);
  return { points: values, shapes: Float64Array.from(numbers), usual: gaps };
}

function expectSame(found: Rebuilt, wanted: Rebuilt, what: string): void {
  expect(
    String(found.shapes) === String(wanted.shapes),
    `the shapes ${what} were ${wanted.shapes}, then ${found.shapes}`,
  );
  expectSameBits(found.points, wanted.points, `the points ${what}`);
  expectSameBits(found.usual, wanted.usual, `usual ${what}`);
}

function isSame(found: Rebuilt, wanted: Rebuilt): boolean {
  return (["points", "shapes", "usual"] as const).every((part) => String(found[part]) === String(wanted[part]));
}
