import { deepEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { roundingOf, sumOf } from "./linear_reference.ts";
import { linearStatistics } from "./linear_statistics.ts";
import { scattered } from "./nearest_row_reference.ts";
import { momentsOf, valuesOf } from "../tests/norm_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

for (
  const [count, columns, outputs, level] of [[2, 1, 1, 0], [33, 7, 18, 0], [300, 33, 5, 1000], [70, 16, 16, 3]] as const
) {
  gpuTest(`linearStatistics() equals float64 on ${count} × ${columns} × ${outputs} around ${level}`, async (gpu) => {
    const x = scattered(count * columns, 1).map((v) => v + level), w = scattered(outputs * columns, 2);
    const b = scattered(outputs, 3), { mean } = momentsOf(x, columns, 0, count);
    const y = Float64Array.from({ length: count * outputs }, (_, t) => {
      const i = Math.floor(t / outputs), o = t % outputs;
      return sumOf(columns, (c) => [x[i * columns + c], w[o * columns + c]]).value + b[o];
    });
    const want = momentsOf(y, outputs, 0, count), off = (i: number, c: number) => x[i * columns + c] - mean[c];
    using rows = uploadRows(gpu, x, columns), weights = uploadRows(gpu, w, columns), bias = uploadRows(gpu, b, outputs);
    using found = linearStatistics(gpu, { rows, weights, bias });
    const statistics = await valuesOf(gpu, found.statistics), centred = await valuesOf(gpu, found.centred);
    const covariances = await valuesOf(gpu, found.covariances);
    const most = x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    const meanBound = roundingOf(Math.sqrt(count) + 10) * most; // sums over blocks of 8, a slice's and all slices
    centred.forEach((v, t) => {
      const i = Math.floor(t / columns), c = t % columns, bound = meanBound + roundingOf(1) * Math.abs(off(i, c));
      ok(Math.abs(v - off(i, c)) <= bound, `row ${i}, column ${c}: ${v}, not ${off(i, c)}`);
    });
    for (let o = 0; o < outputs; o++) {
      const size = sumOf(columns, (c) => [Math.abs(w[o * columns + c]), 1]).value; // Σ |w|
      const meanOff = size * meanBound + roundingOf(columns + 1) * (size * most + Math.abs(b[o]));
      ok(Math.abs(statistics[o] - want.mean[o]) <= meanOff, `mean ${o}: ${statistics[o]}, not ${want.mean[o]}`);
      // Σ_p (Σ_c |w_c x̃_pc|)² has the size of all products, each rounded in sums over rows, then columns, then columns
      const reach = Float64Array.from({ length: count }, (_, i) => {
        return sumOf(columns, (c) => [w[o * columns + c], off(i, c)]).size;
      });
      const share = roundingOf(count + 2 * columns + 6);
      const bound = share * reach.reduce((sum, v) => sum + v * v / count, 0) + (size * meanBound) ** 2;
      const variance = statistics[outputs + o];
      ok(Math.abs(variance - want.variance[o]) <= bound, `variance ${o}: ${variance}, not ${want.variance[o]}`);
      for (let c = 0; c < columns; c++) {
        const value = sumOf(count, (i) => [y[i * outputs + o] - want.mean[o], off(i, c)]).value;
        const allowed = share * sumOf(count, (i) => [reach[i], off(i, c)]).size + count * size * meanBound ** 2;
        const got = covariances[o * columns + c];
        ok(Math.abs(got - value) <= allowed, `covariance ${o}, ${c}: ${got}, not ${value}`);
      }
    }
  });
}

gpuTest("linearStatistics() has no variance below 0, and a mean without a bias", async (gpu) => {
  // columns are multiples of the first, and each output takes such a multiple away from one: what is left is rounding of either sign
  const count = 200, columns = 13, outputs = columns - 1, first = scattered(count, 1);
  const times = (c: number) => Math.fround(1 + c / 10);
  using rows = uploadRows(
    gpu,
    Array.from(first).flatMap((v) => Array.from({ length: columns }, (_, c) => times(c) * v)),
    columns,
  );
  using weights = uploadRows(
    gpu,
    Array.from({ length: outputs * columns }, (_, at) => {
      const o = Math.floor(at / columns), c = at % columns;
      return c === 0 ? times(o + 1) : c === o + 1 ? -1 : 0;
    }),
    columns,
  );
  using found = linearStatistics(gpu, { rows, weights });
  const got = await valuesOf(gpu, found.statistics), { variance: [spread] } = momentsOf(first, 1, 0, count);
  for (let o = 0; o < outputs; o++) {
    const size = 2 * times(o + 1), variance = got[outputs + o];
    ok(Math.abs(got[o]) <= roundingOf(3) * size * 8, `mean ${o}: ${got[o]}`);
    ok(variance >= 0 && variance <= roundingOf(count + 10) * size ** 2 * spread, `variance ${o}: ${variance}`);
  }
});

gpuTest("linearStatistics() refuses no rows and operands that don't fit", (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 2), weights = uploadRows(gpu, [1, 0], 2);
  using none = uploadRows(gpu, [], 2), two = uploadRows(gpu, [1, 2], 1), wide = uploadRows(gpu, [1, 2, 3], 3);
  using fits = linearStatistics(gpu, { rows, weights });
  deepEqual([fits.centred.count, fits.covariances.count], [3, 1]);
  for (const wrong of [{ rows: none }, { weights: wide }, { weights: none }, { bias: two }, { bias: wide }]) {
    throws(() => linearStatistics(gpu, { rows, weights, ...wrong }), ShapeMismatch);
  }
});
