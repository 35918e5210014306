import { deepEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { groupStatistics, mergeStatistics, updateRunning } from "./group_statistics.ts";
import { errorOf, goldenIsThere } from "../tests/golden_arrays.ts";
import { golden, goldenRows, momentsOf, valuesOf } from "../tests/norm_reference.ts";
import { scattered } from "./nearest_row_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

/** Around blocks of 8, slices of 32, and sizes whose slices are longer. */
const SIZES = [[1, 1, 1], [7, 5, 1], [8, 4, 3], [33, 3, 2], [64, 6, 1], [65, 64, 1], [2049, 5, 2], [
  3000,
  12,
  1,
]] as const;
for (const [count, columns, groups] of SIZES) {
  gpuTest(`groupStatistics() equals float64 on ${groups} groups of ${count} × ${columns}`, async (gpu) => {
    const x = scattered(groups * count * columns, 3).map((value, i) => value * (1 + i % columns));
    using rows = uploadRows(gpu, x, columns);
    using statistics = groupStatistics(gpu, { rows, groups });
    deepEqual([statistics.count, statistics.columns, statistics.stride], [2 * groups, columns, rows.stride]);
    const got = await valuesOf(gpu, statistics);
    // a sum of roots of the count, in blocks and slices, each rounding once or twice
    const bound = (2 * Math.sqrt(count) + 16) * 2 ** -24;
    for (let g = 0; g < groups; g++) {
      const { mean, variance } = momentsOf(x, columns, g * count, count);
      for (let c = 0; c < columns; c++) {
        const largest = 8 * (1 + c), [m, v] = [got[2 * g * columns + c], got[(2 * g + 1) * columns + c]];
        ok(Math.abs(m - mean[c]) <= bound * largest, `mean ${c} of group ${g}: ${m}, not ${mean[c]}`);
        ok(Math.abs(v - variance[c]) <= bound * largest ** 2, `variance ${c} of group ${g}: ${v}, not ${variance[c]}`);
      }
    }
  });
}

gpuTest("groupStatistics() loses no variance to a mean far from 0", async (gpu) => {
  const count = 5000, columns = 4, x = scattered(count * columns, 7).map((value) => 1000 + value / 8);
  using rows = uploadRows(gpu, x, columns);
  using statistics = groupStatistics(gpu, { rows });
  const got = await valuesOf(gpu, statistics), { variance } = momentsOf(x, columns, 0, count);
  // a merged mean is off by some roundings of 1000 against a deviation of 0.6; the difference of mean squares would be off by 1e6 of them
  const bound = 4 * 1000 * 2 ** -24;
  ok(errorOf(got.subarray(columns), variance) <= bound, `${got.subarray(columns)}, not ${variance}`);
});

gpuTest("groupStatistics() finds no variance in a column of equal values", async (gpu) => {
  using rows = uploadRows(gpu, Array.from({ length: 777 }, () => [0.3, -7.7e5, 0]).flat(), 3);
  using statistics = groupStatistics(gpu, { rows });
  const got = await valuesOf(gpu, statistics);
  [0.3, -7.7e5, 0].forEach((value, c) => {
    const bound = 8 * 2 ** -24 * Math.abs(value); // of divisions that a device rounds its own way
    ok(Math.abs(got[c] - value) <= bound && got[3 + c] <= bound ** 2, `column ${c}: ${got[c]}, ${got[3 + c]}`);
  });
});

for (const groups of [1, 2, 15]) {
  gpuTest(`mergeStatistics() of ${groups} groups equals the statistics of all rows`, async (gpu) => {
    const each = 40,
      columns = 5,
      x = scattered(groups * each * columns, 3).map((value, i) => value + i / (each * columns));
    using rows = uploadRows(gpu, x, columns), ofGroups = groupStatistics(gpu, { rows, groups });
    using statistics = mergeStatistics(gpu, { statistics: ofGroups });
    deepEqual([statistics.count, statistics.columns, statistics.stride], [2, columns, rows.stride]);
    const { mean, variance } = momentsOf(x, columns, 0, groups * each);
    ok(errorOf(await valuesOf(gpu, statistics), [...mean, ...variance]) <= 1e-6);
  });
}

gpuTest("mergeStatistics() refuses what is not two rows a group", (gpu) => {
  for (const values of [[], [1, 2], [1, 2, 3, 4, 5, 6]]) {
    using statistics = uploadRows(gpu, values, 2);
    throws(() => mergeStatistics(gpu, { statistics }), ShapeMismatch);
  }
});

gpuTest("groupStatistics() refuses no rows, and groups that the rows don't fall into", (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 2), none = uploadRows(gpu, [], 2);
  throws(() => groupStatistics(gpu, { rows: none }), ShapeMismatch);
  for (const groups of [0, 2, 1.5]) throws(() => groupStatistics(gpu, { rows, groups }), ShapeMismatch);
});

for (const momentum of [undefined, 0.25]) {
  gpuTest(`updateRunning() moves by momentum ${momentum ?? "0.1, unless said"}`, async (gpu) => {
    const columns = 5,
      before = scattered(2 * columns, 1),
      batch = scattered(2 * columns, 2),
      count = 3,
      share = momentum ?? 0.1;
    using running = uploadRows(gpu, before, columns), statistics = uploadRows(gpu, batch, columns);
    updateRunning(gpu, { running, statistics, count, momentum });
    const want = before.map((value, i) =>
      (1 - share) * value + share * batch[i] * (i < columns ? 1 : count / (count - 1))
    );
    const error = errorOf(await valuesOf(gpu, running), want);
    ok(error <= 4 * 2 ** -24, `${error}`);
  });
}

gpuTest("updateRunning() refuses other shapes, and statistics without an unbiased variance", (gpu) => {
  using two = uploadRows(gpu, [1, 2, 3, 4], 2), four = uploadRows(gpu, [1, 2, 3, 4, 5, 6, 7, 8], 2);
  using wide = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 3);
  throws(() => updateRunning(gpu, { running: two, statistics: wide, count: 4 }), ShapeMismatch);
  throws(() => updateRunning(gpu, { running: two, statistics: four, count: 4 }), ShapeMismatch);
  throws(() => updateRunning(gpu, { running: four, statistics: two, count: 4 }), ShapeMismatch);
  using other = uploadRows(gpu, [1, 2, 3, 4], 2);
  throws(() => updateRunning(gpu, { running: two, statistics: other, count: 1 }), ShapeMismatch);
});

gpuTest("groupStatistics() and updateRunning() give the golden running values", async (gpu) => {
  const name = "batchnorm_train", { channels, clouds, places } = golden(name, "in_x");
  using rows = uploadRows(gpu, goldenRows(name, "in_x"), channels);
  using statistics = groupStatistics(gpu, { rows });
  using running = uploadRows(gpu, Array.from({ length: 2 * channels }, (_, i) => i < channels ? 0 : 1), channels);
  updateRunning(gpu, { running, statistics, count: clouds * places });
  const got = await valuesOf(gpu, running);
  for (const [row, array] of ["running_mean_after", "running_var_after"].entries()) {
    const error = errorOf(got.subarray(row * channels, (row + 1) * channels), golden(name, array).values);
    ok(error <= 2e-6, `${array}: ${error}`);
  }
}, { ignore: !goldenIsThere });
