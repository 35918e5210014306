import { deepEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import type { LinearExtremes } from "./linear_extremes.ts";
import { integers, scattered } from "./nearest_row_reference.ts";
import { errorOf } from "../tests/golden_arrays.ts";
import { valuesOf } from "../tests/norm_reference.ts";
import { pooledRowsGradient, pooledWeightsGradient } from "./pooled_gradients.ts";
import { strideOf } from "./rows.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

/** Products and sums of as many numbers as places and outputs, which cancel little: the golden values' tolerance. */
const BOUND = 2e-6;

/** Extremes at these rows; padding has none. */
function extremesAt(gpu: Gpu, places: readonly number[], clouds: number): LinearExtremes {
  const outputs = places.length / clouds, stride = strideOf(outputs), padded = new Uint32Array(clouds * stride);
  padded.fill(0xffffffff);
  places.forEach((place, t) => padded[Math.floor(t / outputs) * stride + t % outputs] = place);
  const values = uploadRows(gpu, places, outputs), indices = gpu.upload("u32", padded);
  return {
    values,
    indices,
    [Symbol.dispose]() {
      values[Symbol.dispose]();
      indices[Symbol.dispose]();
    },
  };
}

for (
  const [clouds, each, columns, outputs] of [[1, 1, 1, 1], [2, 9, 5, 6], [3, 40, 18, 33], [2, 150, 16, 16]] as const
) {
  for (const frozen of [false, true]) {
    const name = `${clouds} × ${each} × ${columns} × ${outputs}, ${frozen ? "constant" : "own"} statistics`;
    gpuTest(`pooledWeightsGradient() and pooledRowsGradient() equal float64 on ${name}`, async (gpu) => {
      const count = clouds * each;
      const x = scattered(count * columns, 1), w = scattered(outputs * columns, 2);
      const p = scattered(clouds * outputs, 3);
      const t = scattered(outputs, 4).map((v) => v * count), l = scattered(outputs, 5).map((v) => v * count / 32); // shares like the pulls
      const s = scattered(outputs * columns, 6), before = scattered(outputs * columns, 7);
      // many outputs have a place in common, and the last place of a cloud is among them
      const places = Array.from(integers(clouds * outputs, 8), (v, e) => {
        return Math.floor(e / outputs) * each + (v % 3 === 0 ? each - 1 : v % each);
      });
      const along = (o: number, i: number) => {
        let sum = 0;
        for (let c = 0; c < columns; c++) sum += w[o * columns + c] * x[i * columns + c];
        return sum;
      };
      const wantWeights = Float64Array.from(before, (v, at) => {
        const o = Math.floor(at / columns), c = at % columns;
        for (let b = 0; b < clouds; b++) v += p[b * outputs + o] * x[places[b * outputs + o] * columns + c];
        return frozen ? v : v - l[o] / count * s[at];
      });
      const wantRows = new Float64Array(count * columns);
      places.forEach((place, e) => {
        for (let c = 0; c < columns; c++) wantRows[place * columns + c] += p[e] * w[e % outputs * columns + c];
      });
      for (let i = 0; i < count && !frozen; i++) {
        for (let o = 0; o < outputs; o++) {
          const back = (t[o] + l[o] * along(o, i)) / count;
          for (let c = 0; c < columns; c++) wantRows[i * columns + c] -= back * w[o * columns + c];
        }
      }

      using rows = uploadRows(gpu, x, columns), weights = uploadRows(gpu, w, columns);
      using pulls = uploadRows(gpu, p, outputs), totals = uploadRows(gpu, t, outputs);
      using leans = uploadRows(gpu, l, outputs), covariances = uploadRows(gpu, s, columns);
      using into = uploadRows(gpu, before, columns), extremes = extremesAt(gpu, places, clouds);
      const of = { gradient: { pulls, totals, leans, [Symbol.dispose]: () => {} }, extremes, rows };
      pooledWeightsGradient(gpu, { ...of, covariances: frozen ? undefined : covariances, into });
      using gradient = pooledRowsGradient(gpu, { ...of, weights, frozen });
      deepEqual([gradient.count, gradient.columns, gradient.stride], [count, columns, rows.stride]);
      for (const [name, got, want] of [["weights", into, wantWeights], ["rows", gradient, wantRows]] as const) {
        const error = errorOf(await valuesOf(gpu, got), want);
        ok(error <= BOUND, `${name}: off by ${error}`);
      }
      using again = pooledRowsGradient(gpu, { ...of, weights, frozen });
      deepEqual(await valuesOf(gpu, again), await valuesOf(gpu, gradient)); // the same bits at every run
    });
  }
}

gpuTest("pooledWeightsGradient() and pooledRowsGradient() refuse operands that don't fit", (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 2), weights = uploadRows(gpu, [1, 0, 1, 1], 2);
  using one = uploadRows(gpu, [1, 2], 2), wide = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 3);
  using extremes = extremesAt(gpu, [0, 1], 1), more = extremesAt(gpu, [0, 1, 2, 2], 2);
  const gradient = { pulls: one, totals: one, leans: one, [Symbol.dispose]: () => {} };
  const of = { gradient, extremes, rows };
  for (const wrong of [{ extremes: more }, { rows: wide }, { covariances: one }, { into: one }, { into: wide }]) {
    throws(() => pooledWeightsGradient(gpu, { ...of, into: weights, ...wrong }), ShapeMismatch);
  }
  for (const wrong of [{ extremes: more }, { rows: wide }, { weights: one }]) {
    throws(() => pooledRowsGradient(gpu, { ...of, weights, frozen: true, ...wrong }), ShapeMismatch);
  }
});
