import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { ScoreRefused } from "../errors.ts";
import { auroc, scanAuroc } from "./auroc.ts";

Deno.test("auroc() counts the pairs, ties half", () => {
  const scores = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1 });
  fc.assert(fc.property(scores, scores, (positive, negative) => {
    let wins = 0;
    for (const p of positive) for (const n of negative) wins += p > n ? 1 : p === n ? 0.5 : 0;
    equal(auroc(positive, negative), wins / (positive.length * negative.length)); // sums of halves: exact
    equal(auroc(Float64Array.from(negative), positive)! + auroc(positive, negative)!, 1);
  }));
});

Deno.test("auroc() counts −0 and 0 as equal, and ranks infinities", () => {
  equal(auroc([-0, 0], [0, -0]), 0.5);
  equal(auroc([Infinity], [1e308]), 1);
});

Deno.test("auroc() of an empty class is undefined", () => {
  equal(auroc([], [1]), undefined);
  equal(auroc([1], []), undefined);
});

Deno.test("auroc() refuses a NaN and says which", () => {
  throws(() => auroc([1, 2], [0, NaN]), (e) => e instanceof ScoreRefused && e.list === "negative" && e.index === 1);
});

Deno.test("scanAuroc() holds each defect type against the good scans", () => {
  const scans = [[1, "good"], [3, "good"], [4, "hole"], [2, "bent"], [3, "bent"], [0, "good"]] as const;
  const { all, byDefect } = scanAuroc(scans.map(([score, defect]) => ({ score, defect })));
  deepEqual([...byDefect], [["bent", (2 + 2.5) / 6], ["hole", 1]]);
  equal(all, (3 + 2 + 2.5) / 9);
  equal(scanAuroc([{ score: 1, defect: "good" }]).all, undefined);
});
