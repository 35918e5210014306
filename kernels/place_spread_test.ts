import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { type Four, placeSpread } from "./place_spread.ts";
import { ShapeMismatch } from "./runtime/mod.ts";

const NONE = 0xffffffff;

/** The definition as it stands in accuracy terms: sums of V and V², in float64. */
function reference(v: number, list: number[], g0: number, g1: number, weight: number, floor: number): number {
  const m = list.length + weight;
  const mean = (list.reduce((a, b) => a + b, 0) + weight * g0) / m;
  const variance = (list.reduce((a, b) => a + b * b, 0) + weight * (g1 ** 2 + g0 ** 2)) / m - mean ** 2;
  return (v - mean) / Math.sqrt(variance + (floor * g1) ** 2);
}

gpuTest("placeSpread() equals float64, with short lists, far from zero", async (gpu) => {
  const mean: Four = [40, 0.001, 100, 7], deviation: Four = [9, 0.0004, 3, 2], weight = 4, floor = 0.1, width = 6;
  const count = 70, total = 90;
  const at = (i: number, c: number) => Math.fround(mean[c] + deviation[c] * 2 * Math.sin(3 * i + c));
  const own = Float32Array.from({ length: 4 * count }, (_, i) => at(i >> 2, i & 3) + deviation[i & 3]);
  const kept = Float32Array.from({ length: 4 * total }, (_, i) => at(1000 + (i >> 2), i & 3));
  const lists = Uint32Array.from(
    { length: count * width },
    (_, i) => i % 7 === 0 || i < width ? NONE : (i * 31) % total,
  );
  using values = gpu.upload("f32", own), stored = gpu.upload("f32", kept), places = gpu.upload("u32", lists);
  using z = placeSpread(gpu, { values, stored, places, width, prior: { mean, deviation, weight }, floor });
  const got = await gpu.read(z);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 4; c++) {
      const list = [...lists.subarray(i * width, (i + 1) * width)].filter((j) => j !== NONE).map((j) =>
        kept[4 * j + c]
      );
      const want = reference(own[4 * i + c], list, mean[c], deviation[c], weight, floor);
      // the values themselves carry mean/deviation units of rounding; the sums over 10 terms and a root 20 more
      const bound = (4 * mean[c] / deviation[c] + 20 * (1 + Math.abs(want))) * 2 ** -23;
      ok(Math.abs(got[4 * i + c] - want) <= bound, `patch ${i}, channel ${c}: ${got[4 * i + c]}, not ${want}`);
    }
  }
});

gpuTest("placeSpread() says nothing of a channel that never varied, and never divides by zero", async (gpu) => {
  using values = gpu.upload("f32", Float32Array.of(5, 1, 0, 0)),
    stored = gpu.upload("f32", Float32Array.of(1, 1, 0, 0));
  using places = gpu.upload("u32", Uint32Array.of(0));
  using z = placeSpread(gpu, {
    values,
    stored,
    places,
    width: 1,
    prior: { mean: [1, 1, 0, 0], deviation: [0, 0, 0, 0], weight: 4 },
    floor: 0.1,
  });
  deepStrictEqual([...await gpu.read(z)], [0, 0, 0, 0]);
});

gpuTest("placeSpread() refuses lists that are too few, and a prior of no weight", (gpu) => {
  using values = gpu.zeros("f32", 8), stored = gpu.zeros("f32", 8), places = gpu.zeros("u32", 3);
  const prior = { mean: [0, 0, 0, 0], deviation: [1, 1, 1, 1], weight: 4 } as const;
  throws(() => placeSpread(gpu, { values, stored, places, width: 2, prior, floor: 0.1 }), ShapeMismatch);
  throws(
    () => placeSpread(gpu, { values, stored, places, width: 1, prior: { ...prior, weight: 0 }, floor: 0.1 }),
    ShapeMismatch,
  );
});
