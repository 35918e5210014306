import { deepEqual, match, ok, rejects } from "node:assert/strict";
import type { Gpu } from "../kernels/mod.ts";
import { gpuTest, onlyPixels, tinyPrepare, tinyScan } from "../testing/mod.ts";
import { toyExtractor } from "../testing/toy_plugins.ts";
import {
  createRun,
  type Extractor,
  fitModel,
  type Model,
  prepare,
  resolveMethod,
  RunAborted,
  ScanRefused,
  scorePrepared,
  scoreScan,
} from "./mod.ts";

/** A toy fitted to five tiny scans. */
function fit(gpu: Gpu, folds: number, extractor: typeof toyExtractor = toyExtractor): Promise<Model> {
  return fitModel({
    name: "tiny",
    method: resolveMethod("toy", "default", { plugins: [extractor] }, { prepare: tinyPrepare }),
    train: [1, 2, 3, 4, 5].map((seed) => ({ name: `${seed}`, load: () => Promise.resolve(tinyScan({ seed })) })),
    folds,
    onRefused: () => {},
  }, createRun(gpu));
}

/** The toy as one that asks for registration: its score is how many normal scans a scan was brought to. */
const registering: Extractor<{ scale: number }> = {
  ...toyExtractor,
  registers: () => true,
  fit: async (source, options, run) => {
    const fitted = await toyExtractor.fit(source, options, run);
    return {
      ...fitted,
      score: async (scan, run) => ({
        ...await fitted.score(scan, run),
        score: scan.registration?.members.length ?? 0,
      }),
      [Symbol.dispose]: () => fitted[Symbol.dispose](),
    };
  },
};

await gpuTest("scoreScan() gives map, frame and truth, and higher scores to a dented plate", async (gpu) => {
  const run = createRun(gpu);
  using model = await fit(gpu, 4);
  const good = await scoreScan(model, tinyScan({ seed: 9 }), run);
  const bad = await scoreScan(model, tinyScan({ seed: 9, dent: 0.003 }), run);
  deepEqual([good.map.size, good.map.values.length, good.frame.side], [56, 56 * 56, 64]);
  ok(bad.map.score > Math.max(...model.calibration!.scan.scores), `${bad.map.score}`);
  ok(bad.truth!.includes(1) && !good.truth!.includes(1));
  await rejects(scoreScan(model, onlyPixels(tinyScan({ seed: 1 }), []), run), ScanRefused);
  await rejects(scoreScan(model, tinyScan({ seed: 9 }), createRun(gpu, { signal: AbortSignal.abort() })), RunAborted);
});

await gpuTest(
  "scorePrepared() registers where there is a registry, and compares sizes where it is given them",
  async (gpu) => {
    const run = createRun(gpu);
    using model = await fit(gpu, 0, registering);
    using prepared = prepare(tinyScan({ seed: 9 }), tinyPrepare, run);
    const { map, cost, notes } = await scorePrepared(model, prepared, run);
    deepEqual([map.score, notes], [5, []]);
    ok(cost! > 0 && cost! < 0.001, `${cost}`);
    const { extractor } = model, { least, most } = model.partSizes;
    ok(least > 0.04 && most < 0.06 && least <= most, "a plate of 36 × 36 mm");
    deepEqual((await scorePrepared({ extractor }, prepared, run)).cost, null);
    const sized = (factor: number) =>
      scorePrepared({ ...model, partSizes: { least: factor * least, most: factor * most } }, prepared, run);
    match((await sized(0.5)).notes[0], /^it is 5\d mm across, .* are 2\d mm: another unit or scale\?$/);
    match((await sized(2)).notes[0], /much is missing\?$/);
    for (const factor of [0.001, 0.1, 6, 1000]) await rejects(sized(factor), { why: "other-scale" });
    deepEqual((await scorePrepared({ extractor }, prepared, run)).notes, [], "nothing to compare with");
  },
);

await gpuTest("scoreScan() names both sizes where a unit leaves nothing of the part", async (gpu) => {
  const run = createRun(gpu);
  using model = await fit(gpu, 0);
  const scan = tinyScan({ seed: 9 }),
    times = (factor: number) => ({ ...scan, points: scan.points.map((v) => v * factor) });
  await rejects(scoreScan(model, times(1000), run), /the file's unit.* spans 8\d{4} mm, .* normal scans 5\d mm/);
  await rejects(scoreScan(model, times(0.001), run), /one plane.* spans 0\.08\d mm, .* normal scans 5\d mm/);
});
