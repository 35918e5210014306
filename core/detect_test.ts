import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import type { Gpu } from "../kernels/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../testing/mod.ts";
import { toyExtractor } from "../testing/toy_plugins.ts";
import {
  type Calibration,
  CalibrationRefused,
  createRun,
  detectScan,
  fitModel,
  type Model,
  resolveMethod,
} from "./mod.ts";
import { thresholdOf } from "./detect.ts";

const fit = (gpu: Gpu, folds: number): Promise<Model> =>
  fitModel({
    name: "tiny",
    method: resolveMethod("toy", "default", { plugins: [toyExtractor] }, { prepare: tinyPrepare }),
    train: [1, 2, 3, 4, 5].map((seed) => ({ name: `${seed}`, load: () => Promise.resolve(tinyScan({ seed })) })),
    folds,
    onRefused: () => {},
  }, createRun(gpu));

const calibration = (scores: number[]): Calibration => ({
  kind: "split",
  scores,
  names: scores.map(String),
  folds: 0,
});

Deno.test("thresholdOf() is null where there is no calibration, or the rate is out of its reach", () => {
  equal(thresholdOf(undefined, {}), null);
  equal(thresholdOf(calibration([1, 2, 3, 4]), {}), null);
  equal(thresholdOf(calibration([1, 2, 3, 4]), { alpha: 0.2 }), 4);
  equal(thresholdOf(calibration([4, 3, 2, 1]), { alpha: 0.4 }), 3);
  equal(thresholdOf(calibration(Array.from({ length: 19 }, (_, i) => i)), {}), 18, "5 % unless said");
  throws(() => thresholdOf(calibration([1]), { alpha: 0.6 }), CalibrationRefused);
});

await gpuTest("detectScan() decides by the calibrated threshold and finds the dent", async (gpu) => {
  const run = createRun(gpu);
  using model = await fit(gpu, 5);
  const scan = tinyScan({ seed: 20, dent: 0.004 }), options = { alpha: 0.2 };
  const { result, scores, labels, mapThreshold, scored } = await detectScan(model, scan, options, run);
  const { scan: scans, peak } = model.calibration!;
  deepEqual([result.threshold, mapThreshold], [Math.max(...scans.scores), Math.max(...peak.scores)]);
  deepEqual([result.decision, result.pValue], ["anomalous", 1 / 6]);
  match(result.thresholdOrigin, /^80 % of 5 held-out normal scans \(cross, 5 folds\)$/);
  deepEqual([scores.length, labels.length, scored.map.size], [64 * 64, 64 * 64, 56]);
  equal(result.score, scored.map.score);
  const [region] = result.regions;
  const at = region.centreMm.map((v) => Math.round(v));
  ok(Math.hypot(at[0], at[1]) < 2, `the dent is in the middle, the region at ${at}`);
  ok(region.areaMm2 > 20 && region.areaMm2 < 120, `the dent has 79 mm², the region ${region.areaMm2}`);
  labels.forEach((label, i) => equal(label > 0, scores[i] > mapThreshold!));

  const good = await detectScan(model, tinyScan({ seed: 21 }), { alpha: 0.2, threshold: result.score }, run);
  equal(good.result.decision, "normal");
  equal(good.mapThreshold, result.score, "a given threshold is the map's, too");
});

await gpuTest("detectScan() without a calibration decides by a given threshold, or not at all", async (gpu) => {
  const run = createRun(gpu), scan = tinyScan({ seed: 20, dent: 0.004 });
  using model = await fit(gpu, 0);
  const { result, mapThreshold } = await detectScan(model, scan, { alpha: 0.2 }, run);
  deepEqual([result.pValue, result.threshold, result.decision, result.regions], [null, null, "normal", []]);
  deepEqual([mapThreshold, result.thresholdOrigin], [null, "none: the model was fitted without calibration"]);
  const half = result.score / 2;
  const given = await detectScan(model, scan, { threshold: half }, run);
  deepEqual([given.result.threshold, given.result.decision, given.mapThreshold], [half, "anomalous", half]);
  ok(given.result.regions.length > 0);
  const equalTo = await detectScan(model, scan, { threshold: result.score }, run);
  equal(equalTo.result.decision, "normal", "at the threshold is not above it");
});

await gpuTest(
  "detectScan() says how near a scan came to normal ones, and notes what makes its p-value worthless",
  async (gpu) => {
    const run = createRun(gpu), scan = tinyScan({ seed: 21 });
    const registering: typeof toyExtractor = { ...toyExtractor, registers: () => true };
    using model = await fitModel({
      name: "tiny",
      method: resolveMethod("toy", "default", { plugins: [registering] }, {
        prepare: tinyPrepare,
      }),
      train: [1, 2, 3].map((seed) => ({ name: `${seed}`, load: () => Promise.resolve(tinyScan({ seed })) })),
      folds: 3,
      onRefused: () => {},
    }, run);
    const { scored, result } = await detectScan(model, scan, {}, run);
    deepEqual([result.pose, result.notes], [{ costMm: 1000 * scored.cost!, covered: true, fits: true }, []]);
    const nearer = model.calibration!.scan.costs!.map(() => scored.cost! / 5);
    const { scan: scans, peak } = model.calibration!;
    const uncovered = { ...model, calibration: { scan: { ...scans, costs: nearer }, peak } };
    const other = await detectScan({ ...uncovered, partSizes: { least: 0.09, most: 0.1 } }, scan, {}, run);
    equal(other.result.pose!.covered, false);
    match(other.result.notes[0], /another unit or scale/);
    match(other.result.notes[1], /^it is unlike every normal scan/);
    equal(other.result.score, result.score);
    const bare = await detectScan({ ...model, calibration: undefined }, scan, {}, run);
    deepEqual([bare.result.pose, bare.result.notes], [null, []]);
  },
);
