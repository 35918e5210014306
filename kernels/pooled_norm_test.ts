import { deepEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { scattered } from "./nearest_row_reference.ts";
import { errorOf } from "../tests/golden_arrays.ts";
import { valuesOf } from "../tests/norm_reference.ts";
import { pooledNorm, pooledNormGradient } from "./pooled_norm.ts";
import { PART_STEP, ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

/** A root, a division and a handful of other roundings of numbers that don't cancel but in the sum with β. */
const BOUND = 2e-6;

/** Extremes of few clouds, with parameters of both signs and a weight of 0. */
function drawn(clouds: number, columns: number) {
  return {
    y: scattered(clouds * columns, 1),
    up: scattered(clouds * columns, 2),
    mean: scattered(columns, 3),
    variance: scattered(columns, 4).map(Math.abs),
    weight: scattered(columns, 5).map((v, c) => c === 1 ? 0 : v),
    bias: scattered(columns, 6),
  };
}

for (const [clouds, columns, slope] of [[1, 1, 0.01], [3, 6, 0], [4, 70, 0.2], [2, 300, 1]] as const) {
  for (const centred of [false, true]) {
    const name = `${clouds} × ${columns}, slope ${slope}${centred ? ", centred" : ""}`;
    gpuTest(`pooledNorm() and its gradient equal float64 on ${name}`, async (gpu) => {
      const { y, up, mean, variance, weight: w, bias: b } = drawn(clouds, columns), epsilon = centred ? undefined : 0.3;
      const inverse = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + (epsilon ?? 1e-5)));
      const hat = Float64Array.from(y, (v, t) => (v - (centred ? 0 : mean[t % columns])) * inverse[t % columns]);
      const before = hat.map((v, t) => w[t % columns] * v + b[t % columns]);
      const h = before.map((v, t) => up[t] * (v > 0 ? 1 : slope));
      const sums = (term: (t: number) => number) =>
        Float64Array.from({ length: columns }, (_, c) => {
          let sum = 0;
          for (let t = c; t < y.length; t += columns) sum += term(t);
          return sum;
        });
      const scale = inverse.map((v, c) => w[c] * v), ofWeight = sums((t) => h[t] * hat[t]), ofBias = sums((t) => h[t]);

      using extremes = uploadRows(gpu, y, columns), upstream = uploadRows(gpu, up, columns);
      using statistics = uploadRows(gpu, [...mean, ...variance], columns);
      using weight = uploadRows(gpu, w, columns), bias = uploadRows(gpu, b, columns);
      const of = { extremes, centred, statistics, weight, slope, epsilon };
      using output = pooledNorm(gpu, { ...of, bias });
      deepEqual([output.count, output.columns], [clouds, columns]);
      const close = async (name: string, got: typeof output, want: ArrayLike<number>) => {
        const error = errorOf(await valuesOf(gpu, got), want);
        ok(error <= BOUND, `${name}: off by ${error}`);
      };
      await close("output", output, before.map((v) => v > 0 ? v : slope * v));
      const old = scattered(3 * columns, 9), into = (row: number) => old.subarray(row * columns, (row + 1) * columns);
      using weightInto = uploadRows(gpu, into(0), columns), biasInto = uploadRows(gpu, into(1), columns);
      using offsetInto = uploadRows(gpu, into(2), columns);
      using gradient = pooledNormGradient(gpu, { ...of, upstream, output, weightInto, biasInto, offsetInto });
      deepEqual([gradient.pulls.count, gradient.totals.count, gradient.leans.count], [clouds, 1, 1]);
      await close("pulls", gradient.pulls, h.map((v, t) => scale[t % columns] * v));
      await close("totals", gradient.totals, scale.map((v, c) => v * ofBias[c]));
      await close("leans", gradient.leans, scale.map((v, c) => v * inverse[c] * ofWeight[c]));
      await close("weight", weightInto, ofWeight.map((v, c) => v + into(0)[c]));
      await close("bias", biasInto, ofBias.map((v, c) => v + into(1)[c]));
      await close("offset", offsetInto, ofBias.map((v, c) => scale[c] * v + into(2)[c]));
    });
  }
}

gpuTest(
  "pooledNormGradient() adds to parts of a buffer and to nothing beside them, and takes 0 for the slope's side",
  async (gpu) => {
    const columns = 2;
    using extremes = uploadRows(gpu, [1, 2, 3, 4], columns), statistics = uploadRows(gpu, [1, 2, 0.75, 0.75], columns);
    using weight = uploadRows(gpu, [1, 1], columns), bias = uploadRows(gpu, [0, 0], columns);
    using upstream = uploadRows(gpu, [8, 8, 8, 8], columns), all = gpu.zeros("f32", 3 * PART_STEP);
    const of = { extremes, centred: false, statistics, weight, slope: 0.25, epsilon: 0.25 };
    using output = pooledNorm(gpu, { ...of, bias });
    const biasInto = {
      ...{ values: gpu.part(all, PART_STEP, 4), count: 1, columns, stride: 4 },
      [Symbol.dispose]: () => {},
    };
    using gradient = pooledNormGradient(gpu, { ...of, upstream, output, biasInto });
    deepEqual([...await valuesOf(gpu, output)], [0, 0, 2, 2]);
    deepEqual([...await valuesOf(gpu, gradient.pulls)], [2, 2, 8, 8]);
    const got = await gpu.read(all);
    deepEqual([...got.subarray(PART_STEP, PART_STEP + 2)], [10, 10]);
    ok(got.every((v, i) => v === 0 || i === PART_STEP || i === PART_STEP + 1));
  },
);

gpuTest("pooledNorm() and its gradient refuse operands that don't fit", (gpu) => {
  using extremes = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 2), two = uploadRows(gpu, [1, 2, 3, 4], 2);
  using one = uploadRows(gpu, [1, 2], 2), wide = uploadRows(gpu, [1, 2, 3], 3);
  const of = { extremes, centred: true, statistics: two, weight: one, slope: 0.2 };
  for (const wrong of [{ statistics: one }, { weight: two }, { bias: wide }]) {
    throws(() => pooledNorm(gpu, { ...of, bias: one, ...wrong }), ShapeMismatch);
  }
  for (
    const wrong of [
      { upstream: two },
      { output: two },
      { statistics: one },
      { weight: wide },
      { weightInto: two },
      { biasInto: wide },
      { offsetInto: two },
    ]
  ) {
    throws(() => pooledNormGradient(gpu, { ...of, upstream: extremes, output: extremes, ...wrong }), ShapeMismatch);
  }
});
