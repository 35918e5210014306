import { deepEqual, equal, ok } from "node:assert/strict";
import type { ScoreMap } from "../core/mod.ts";
import { planePlaces } from "./plane_places.ts";

const map = (size: number, value: (place: number) => number): ScoreMap => ({
  size,
  values: Float32Array.from({ length: size * size }, (_, i) => value(i)),
  score: 0,
});
const of = (...values: number[]) => map(Math.sqrt(values.length), (i) => values[i]);

Deno.test("planePlaces() has the places where a branch speaks, from the highest down, the earlier of equal ones first", () => {
  const feature = of(0, 1, 3, 0, 0, 2, 0, 0.5, 0), missing = of(0, 0, 0, 5, 0, 1, 0, 0, 0.25);
  const fused = of(9, 2, 6, 6, 9, 4, 9, 1, 0);
  const { values, ...counts } = planePlaces({ feature, missing }, fused, 2);
  deepEqual([...values], [3, 0, 0, 5, 2, 1, 1, 0, 0.5, 0, 0, 0.25]);
  deepEqual(counts, { count: 6, beyond: 3, drawnBeyond: 3 }, "a score at the threshold is not beyond it");
});

Deno.test("planePlaces() without a threshold, or of silent branches, has none beyond", () => {
  const odd = of(1, 0, 2, 0), silent = of(0, 0, 0, 0);
  const { values, ...counts } = planePlaces({ feature: odd, missing: silent }, odd, null);
  deepEqual([[...values], counts], [[2, 0, 1, 0], { count: 2, beyond: null, drawnBeyond: 0 }]);
  const nothing = { values: new Float32Array(), count: 0, beyond: 0, drawnBeyond: 0 };
  deepEqual(planePlaces({ feature: silent, missing: silent }, silent, 1), nothing);
});

Deno.test("planePlaces() keeps the 300 highest of many, and an even sample of the rest", () => {
  const size = 80, shuffled = map(size, (i) => ((i * 2741) % 6400) + 1); // 1 … 6400, each once
  const { values, ...counts } = planePlaces({ feature: shuffled, missing: map(size, () => 0) }, shuffled, 6000);
  const drawn = Array.from({ length: values.length / 2 }, (_, i) => 6400 - values[2 * i]); // ranks
  equal(drawn.length, 1000);
  deepEqual(drawn.slice(0, 300), Array.from({ length: 300 }, (_, i) => i));
  const steps = drawn.slice(301).map((rank, i) => rank - drawn[300 + i]);
  ok(steps.every((step) => step === 8 || step === 9), `6100 over 700: ${[...new Set(steps)]}`);
  ok(drawn.at(-1)! >= 6400 - 9, `${drawn.at(-1)}`);
  deepEqual(counts, { count: 6400, beyond: 400, drawnBeyond: drawn.filter((rank) => rank < 400).length });
});
