import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { sharedData } from "../tests/shared_data.ts";
import {
  type Calibration,
  clopperPearson,
  conformalP,
  conformalThreshold,
  decide,
  falseAlarmInterval,
  reachableAlpha,
  smoothedP,
} from "./calibration.ts";
import { CalibrationRefused } from "./calibration_errors.ts";
import { randomStream } from "./random.ts";

const folder = sharedData("golden/fusion");

/** Values of a golden .npy file of float64. */
function golden(name: string): number[] {
  const bytes = new Uint8Array(readFileSync(`${folder}/${name}.npy`));
  return [...new Float64Array(bytes.slice(10 + bytes[8] + 256 * bytes[9]).buffer)];
}

function calibration(scores: number[], kind: "split" | "cross" = "cross"): Calibration {
  return { kind, scores, names: scores.map((_, i) => `good/${i}`), folds: kind === "cross" ? 4 : 1 };
}

const scores = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 }); // full of ties
const rates = fc.oneof(
  fc.double({ min: 1e-3, max: 0.499, noNaN: true }),
  fc.tuple(fc.integer({ min: 1, max: 29 }), fc.integer({ min: 60, max: 100 })).map(([l, m]) => l / m),
);

Deno.test({
  name: "conformalP(), smoothedP() and conformalThreshold() equal the golden values",
  ignore: !folder,
  fn() {
    const cal = golden("conformal_cal"), test = golden("conformal_test"), u = golden("conformal_u");
    deepEqual(test.map((score) => conformalP(cal, score)), golden("conformal_p"));
    const smoothed = golden("conformal_p_smoothed");
    test.forEach((score, i) => ok(Math.abs(smoothedP(cal, score, u[i]) - smoothed[i]) <= 1e-15));
    deepEqual(golden("conformal_alpha").map((alpha) => conformalThreshold(cal, alpha)), golden("conformal_threshold"));
  },
});

Deno.test({
  name: "falseAlarmInterval() and clopperPearson() equal the golden values",
  ignore: !folder,
  fn() {
    const beta = golden("conformal_beta_fpr"), kn = golden("clopper_kn"), interval = golden("clopper_95");
    for (let i = 0; i < 5; i++) {
      const [alpha, , n, upper] = beta.slice(4 * i);
      ok(Math.abs(falseAlarmInterval(n, alpha) - upper) <= 1e-9, `alpha ${alpha}, n ${n}`);
    }
    for (let i = 0; i < 7; i++) {
      const { lower, upper } = clopperPearson(kn[2 * i], kn[2 * i + 1]);
      ok(Math.abs(lower - interval[2 * i]) <= 1e-9 && Math.abs(upper - interval[2 * i + 1]) <= 1e-9, `row ${i}`);
    }
  },
});

Deno.test("conformalThreshold() and conformalP() agree: above the threshold exactly when p is at most alpha", () => {
  const arbitrary = fc.double({ min: 0, max: 1, noNaN: true });
  const agree = (cal: number[], alpha: number) => {
    const threshold = conformalThreshold(cal, alpha);
    for (const score of [...cal, -1, 3.5, 99]) equal(score > threshold, conformalP(cal, score) <= alpha);
  };
  fc.assert(fc.property(scores, rates, agree));
  fc.assert(fc.property(fc.array(arbitrary), rates, agree));
});

Deno.test("conformalThreshold() and conformalP() agree at the rates l / (n + 1), where (n + 1)α is rounded, and just below", () => {
  let roundedDown = 0, roundedUp = 0;
  for (let n = 1; n <= 200; n++) {
    const cal = Array.from({ length: n }, (_, i) => i);
    for (let alarms = 1; 2 * alarms < n + 1; alarms++) {
      const alpha = alarms / (n + 1), below = alpha * (1 - 2 ** -53); // the float64 before it, or alpha again
      if (Math.floor((n + 1) * alpha) < alarms) roundedDown++;
      if (below < alpha && Math.floor((n + 1) * below) === alarms) roundedUp++;
      equal(conformalThreshold(cal, alpha), n - alarms);
      if (below < alpha) equal(conformalThreshold(cal, below), alarms === 1 ? Infinity : n - alarms + 1);
    }
  }
  ok(roundedDown > 0 && roundedUp > 0, `${roundedDown} down, ${roundedUp} up`);
});

Deno.test("conformalThreshold() never falls to the smallest of distinct normal scores", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.integer()), rates, (cal, alpha) => {
    const threshold = conformalThreshold(cal, alpha);
    ok(threshold > Math.min(...cal, Infinity) || threshold === Infinity, `${threshold}`);
    ok(cal.filter((score) => score > threshold).length <= alpha * (cal.length + 1)); // few alarms on its own scans
  }));
});

Deno.test("conformalThreshold() is infinite exactly below the reachable rate", () => {
  for (const n of [0, 1, 5, 22, 39]) {
    const cal = Array.from({ length: n }, (_, i) => i);
    for (const alpha of [0.01, 0.025, 0.04, 0.05, 0.2, 0.4]) {
      equal(conformalThreshold(cal, alpha) === Infinity, alpha < reachableAlpha(n), `n ${n}, alpha ${alpha}`);
    }
  }
  equal(conformalThreshold([3, 1, 2, 4], 0.2), 4);
});

Deno.test("conformalThreshold() leaves its input in order", () => {
  const cal = [3, 1, 2];
  conformalThreshold(cal, 0.3);
  deepEqual(cal, [3, 1, 2]);
});

Deno.test("conformalP() keeps the promised rate of false alarms", () => {
  const random = randomStream(7, "calibration test"), draws = 4000, n = 24, alpha = 0.1;
  let alarms = 0;
  for (let i = 0; i < draws; i++) {
    const cal = Array.from({ length: n }, () => random.uniform());
    if (conformalP(cal, random.uniform()) <= alpha) alarms++;
  }
  const { lower, upper } = clopperPearson(alarms, draws, 0.9999);
  const rate = Math.floor(alpha * (n + 1)) / (n + 1); // exact without ties
  ok(lower <= rate && rate <= upper, `${alarms} alarms of ${draws}`);
});

Deno.test("clopperPearson() holds the binomial tails at its ends", () => {
  const { lower, upper } = clopperPearson(1, 2, 0.9);
  ok(Math.abs(1 - (1 - lower) ** 2 - 0.05) < 1e-12); // P(X ≥ 1) at the lower end
  ok(Math.abs(1 - upper ** 2 - 0.05) < 1e-12); // P(X ≤ 1) at the upper end
});

Deno.test("falseAlarmInterval() is 0 where no alarm is possible, and narrows with more scans", () => {
  equal(falseAlarmInterval(18, 0.05), 0);
  ok(falseAlarmInterval(39, 0.05) > falseAlarmInterval(399, 0.05));
  ok(falseAlarmInterval(399, 0.05) > 0.05);
});

Deno.test("decide() alarms above the threshold only, and says where it comes from", () => {
  const cal = calibration(Array.from({ length: 24 }, (_, i) => i + 1));
  deepEqual(decide(cal, { alpha: 0.05 }, 24), {
    pValue: 2 / 25,
    threshold: 24,
    origin: "95 % of 24 held-out normal scans (cross, 4 folds)",
    reachableAlpha: 1 / 25,
    decision: "normal",
  });
  equal(decide(cal, {}, 24.5).decision, "anomalous");
  equal(
    decide(calibration([...cal.scores], "split"), { alpha: 0.1 }, 0).origin,
    "90 % of 24 held-out normal scans (split)",
  );
  equal(
    decide({ ...cal, kind: "leave-one-out" }, { alpha: 0.1 }, 0).origin,
    "90 % of 24 held-out normal scans (leave-one-out)",
  );
});

Deno.test("decide() takes a given threshold before alpha", () => {
  const given = decide(calibration([1, 2, 3]), { alpha: 0.3, threshold: 0.5 }, 1);
  deepEqual([given.threshold, given.origin, given.decision, given.pValue], [
    0.5,
    "given by --threshold",
    "anomalous",
    1,
  ]);
  equal(decide(calibration([]), { threshold: 0 }, 0).decision, "normal");
});

Deno.test("decide() raises no alarm below the reachable rate, and names a rate that can be reached", () => {
  const cal = calibration(Array.from({ length: 11 }, (_, i) => i), "split");
  const { threshold, origin, decision } = decide(cal, { alpha: 0.05 }, 1e9);
  deepEqual([threshold, decision], [Infinity, "normal"]);
  equal(
    origin,
    "none: a false-alarm rate of 5 % is out of reach with 11 held-out normal scans (split), the least is 8.3334 %",
  );
  ok(conformalThreshold(cal.scores, 0.083334) < Infinity);
});

Deno.test("calibration refuses NaN, rates outside (0, ½) and counts that are none", () => {
  throws(() => conformalP([1, NaN], 1), CalibrationRefused);
  throws(() => conformalP([1], NaN), CalibrationRefused);
  throws(() => decide(calibration([1]), { threshold: NaN }, 1), CalibrationRefused);
  for (const alpha of [0, 0.5, 1, -0.1, NaN]) throws(() => conformalThreshold([1, 2], alpha), CalibrationRefused);
  for (const [k, n] of [[3, 2], [-1, 2], [0.5, 2], [0, 0]]) throws(() => clopperPearson(k, n), CalibrationRefused);
  for (const level of [0, 1, NaN]) throws(() => falseAlarmInterval(40, 0.05, level), CalibrationRefused);
});
