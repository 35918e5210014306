import { deepEqual, equal, match, ok } from "node:assert/strict";
import { driftLimits, driftState, driftWords, movingMean, WINDOW } from "./drift.ts";

Deno.test("driftLimits() are mean ± 3 standard deviations of a sample", () => {
  const limits = driftLimits([1, 2, 3, 4])!;
  equal(limits.mean, 2.5);
  ok(Math.abs(limits.upper - (2.5 + 3 * Math.sqrt(5 / 3))) < 1e-12);
  ok(Math.abs(limits.lower - (2.5 - 3 * Math.sqrt(5 / 3))) < 1e-12);
  equal(driftLimits([1]), undefined);
});

Deno.test("movingMean() is the mean of a full window and nothing before", () => {
  deepEqual(movingMean([1, 2, 3, 6], 3), [null, null, 2, 11 / 3]);
  deepEqual(movingMean([], 3), []);
});

Deno.test("the latest window decides where the mean is", () => {
  const limits = driftLimits([1, 2, 3])!, steady = Array.from({ length: WINDOW }, () => 2); // limits −1 to 5
  equal(driftState(steady.slice(1), limits), "too-few");
  equal(driftState([...steady.map(() => 99), ...steady], limits), "within");
  equal(driftState(steady.map(() => 5.01), limits), "above");
  equal(driftState(steady.map(() => -1.01), limits), "below");
  equal(driftState(steady, undefined), "no-limits");
});

Deno.test("words say when the mean leaves its limits", () => {
  const limits = driftLimits([1, 2, 3]), at = (score: number) => Array.from({ length: WINDOW }, () => score);
  match(driftWords(at(6), limits), /is 6\.00, above its limits 0 to 5\.00/);
  match(driftWords(at(2), limits), /within its limits/);
  match(driftWords([1], limits), /^1 of the 20 scores/);
  match(driftWords(at(2), undefined), /without calibration/);
});
