/** What a fuser has to keep. @module */
import {
  type BranchMaps,
  createRun,
  type FittedFuser,
  type Fuser,
  type ModelFolder,
  ModelRefused,
  type Run,
  type ScoreMap,
  TooFewScans,
} from "../core/mod.ts";
import type { Gpu } from "../kernels/mod.ts";
import {
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
import { expectSameFacts, modelText } from "./conformance_model.ts";
import { beforeSecond, withoutTensors } from "./conformance_source.ts";
import { type ConformanceCheck, interruptedRun, type Trial } from "./conformance_trial.ts";
import { mapOf, tinyMaps, type TinyMapsKind, tinyMapsKinds, withDefects } from "./tiny_maps.ts";
import { tinyFolder } from "./tiny_source.ts";
import { inTurn } from "./told_run.ts";

const NORMAL = [1, 2, 3, 4];

/** The checks of {@linkcode Fuser}'s contract, on small maps that a reader can picture. */
export function fuserChecks<O>(
  fuser: Fuser<O>,
  { options, presets }: Pick<Trial<O>, "options" | "presets">,
): ConformanceCheck[] {
  const unseen = tinyMaps(5), defective = withDefects(unseen);
  const normal = (kind: TinyMapsKind = "usual", seeds: readonly number[] = NORMAL) =>
    inTurn(seeds.map((seed) => tinyMaps(seed, kind)));
  const fit = (run: Run) => fuser.fit(normal(), options, run);
  const check = (name: string, run: (gpu: Gpu) => Promise<void>): ConformanceCheck => ({ name, run });

  return [
    check("gives finite maps of the branches' size, none below 0, in every preset", async (gpu) => {
      const run = createRun(gpu);
      for (const preset of new Set([options, ...presets])) {
        using fitted = await fuser.fit(normal(), preset, run);
        for (const maps of [unseen, defective]) await fuse(fitted, maps, run);
      }
    }),
    check("bears branches that say nothing, in normal scans or in others, in every preset", async (gpu) => {
      const run = createRun(gpu);
      for (const preset of new Set([options, ...presets])) {
        for (const kind of tinyMapsKinds) {
          using fitted = await fuser.fit(normal(kind), preset, run);
          for (const other of tinyMapsKinds) await fuse(fitted, tinyMaps(6, other), run);
          await fuse(fitted, defective, run);
        }
      }
    }),
    check("bears a single normal scan and none at all, or refuses to fit by TooFewScans", async (gpu) => {
      const run = createRun(gpu);
      for (const seeds of [[1], []]) {
        await expectBorneOrRefused(gpu, `fit() to ${seeds.length} scans`, [TooFewScans], async () => {
          using fitted = await fuser.fit(normal("usual", seeds), options, run);
          await fuse(fitted, defective, run);
        });
      }
    }),
    check("gives the same bits when it is fitted again, and whatever it fused before", async (gpu) => {
      const run = createRun(gpu);
      using first = await fit(run);
      const map = await fuse(first, unseen, run);
      spoilIdleMemory(gpu);
      using second = await fit(run);
      await fuse(second, defective, run);
      expectSameMap(await fuse(first, unseen, run), map, "of the same maps, fused again");
      expectSameMap(await fuse(second, unseen, run), map, "of the same maps, fitted again");
    }),
    check("never falls where a branch rises", async (gpu) => {
      const run = createRun(gpu);
      using fitted = await fit(run);
      for (const maps of [unseen, defective]) {
        const before = await fuse(fitted, maps, run);
        for (const branch of branches) {
          for (const by of [1e-3, 0.3, 5, 1000]) {
            // most of them by little: where a map is scaled by its own largest value, those fall
            const rise = (place: number) => place % 6 === 0 ? by : place % 3 === 0 ? by / 1000 : 0;
            const { values } = await fuse(fitted, raised(maps, branch, rise), run);
            const at = values.findIndex((value, place) => rise(place) > 0 && value < before.values[place]);
            const fell = `place ${at} fell from ${before.values[at]} to ${values[at]}`;
            expect(at < 0, `${fell} when ${branch} rose there by ${rise(at)}`);
          }
        }
      }
    }),
    check("hears both branches, also one that was silent on normal scans", async (gpu) => {
      const run = createRun(gpu), rise = (place: number) => place % 3 === 0 ? 1000 : 0;
      for (const kind of ["usual", "silent"] as const) {
        using fitted = await fuser.fit(normal(kind), options, run);
        const maps = tinyMaps(6, kind), before = await fuse(fitted, maps, run);
        for (const branch of branches) {
          const { values } = await fuse(fitted, raised(maps, branch, rise), run);
          const at = values.findIndex((value, place) => rise(place) > 0 && !(value > before.values[place]));
          const how = `fitted to normal maps that are ${kind}, place ${at} stays ${before.values[at]}`;
          expect(at < 0, `${how} when ${branch} rises there by 1000`);
        }
      }
    }),
    check("leaves no buffer behind, and the maps as they were", async (gpu) => {
      const run = createRun(gpu), maps = branches.map((branch) => defective[branch].values);
      const before = maps.map((values) => values.slice());
      await withoutLeak(gpu, "a fitted fuser, disposed,", async () => {
        using fitted = await fit(run);
        await withoutLeak(gpu, "fuse()", () => fuse(fitted, defective, run));
      });
      before.forEach((values, i) => expectSameBits(maps[i], values, `the map ${branches[i]}, which is the caller's,`));
    }),
    check("gives the same maps to the bit when it is saved and loaded", async (gpu) => {
      const run = createRun(gpu), folder = tinyFolder(), again = tinyFolder();
      using fitted = await fit(run);
      await fitted.save(folder);
      const kept = modelText(folder), map = await fuse(fitted, defective, run);
      await fitted.save(again);
      expect(modelText(again) === kept, "fusing changed what is saved");
      await withoutLeak(gpu, "a loaded fuser, disposed,", async () => {
        using loaded = await fuser.load(folder, options, run);
        expectSameMap(await fuse(loaded, defective, run), map, "of the same maps, loaded");
        expectSameFacts(loaded, fitted);
      });
    }),
    check("passes on ModelRefused when a model lacks its tensors, and refuses by it one without facts", async (gpu) => {
      const run = createRun(gpu), folder = tinyFolder();
      using fitted = await fit(run);
      await fitted.save(folder);
      const load = async (model: ModelFolder) => {
        using _loaded = await fuser.load(model, options, run);
      };
      if (folder.tensors.size > 0) {
        const error = await withoutLeak(
          gpu,
          "load() of half a model",
          () => thrownBy(() => load(withoutTensors(folder))),
        );
        expect(error instanceof ModelRefused, `load() of half a model ended with ${String(error)}, not ModelRefused`);
      }
      const what = "load() of a model without facts"; // those that are for people only may be missing
      await expectBorneOrRefused(gpu, what, [ModelRefused], () => load({ ...folder, facts: () => ({}) }));
    }),
    check("ends with RunAborted in a run that was interrupted, or is while it fits", async (gpu) => {
      const run = createRun(gpu), stopped = interruptedRun(gpu), interrupt = new AbortController();
      await expectAborted(gpu, "fit()", async () => {
        using _fitted = await fit(stopped);
      });
      await expectAborted(gpu, "fit(), at its second scan", async () => {
        const late = createRun(gpu, { signal: interrupt.signal });
        using _fitted = await fuser.fit(beforeSecond(normal(), () => interrupt.abort()), options, late);
      });
      using fitted = await fit(run);
      await expectAborted(gpu, "fuse()", () => fitted.fuse(unseen, stopped));
    }),
  ];
}

const branches = ["feature", "missing"] as const;

/** The fused map; checks what every map has to be. */
async function fuse(fitted: FittedFuser, maps: BranchMaps, run: Run): Promise<ScoreMap> {
  const map = await fitted.fuse(maps, run), { size } = maps.feature;
  expect(map.size === size && map.values.length === size * size, `the fused map is not ${size} × ${size}`);
  expectFinite(map.values, "the fused map");
  const below = map.values.findIndex((value) => value < 0);
  expect(below < 0, `value ${below} of the fused map is ${map.values[below]}`);
  expect(Number.isFinite(map.score), `the score of the fused map is ${map.score}`);
  return map;
}

/** The same maps, one of them higher. */
function raised(maps: BranchMaps, branch: keyof BranchMaps, rise: (place: number) => number): BranchMaps {
  return { ...maps, [branch]: mapOf(maps[branch].values.map((value, place) => value + rise(place))) };
}
