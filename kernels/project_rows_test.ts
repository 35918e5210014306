import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { integers, reals } from "./nearest_row_reference.ts";
import { projectRows } from "./project_rows.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

for (const [count, columns, kept] of [[1, 1, 1], [13, 7, 5], [6, 4, 4], [500, 213, 64]] as const) { // around the tile of 6 × 4
  for (const [kind, fill] of [["whole numbers", integers], ["reals", reals]] as const) {
    gpuTest(`projectRows() equals float64 on ${count} × ${columns} × ${kept} ${kind}`, async (gpu) => {
      const x = fill(count * columns, 1), e = fill(kept * columns, 5);
      using rows = uploadRows(gpu, x, columns), axes = uploadRows(gpu, e, columns);
      using projected = projectRows(gpu, { rows, axes });
      deepEqual([projected.count, projected.columns], [count, kept]);
      const values = await gpu.read(projected.values);
      for (let i = 0; i < count; i++) {
        for (let a = 0; a < projected.stride; a++) {
          let want = 0, size = 0;
          for (let c = 0; c < columns && a < kept; c++) {
            const term = x[i * columns + c] * e[a * columns + c];
            want += term;
            size += Math.abs(term);
          }
          const bound = kind === "reals" ? (columns / 4 + 4) * 2 ** -24 * size : 0; // a rounding a term and a sum; whole numbers have none
          const got = values[i * projected.stride + a];
          ok(Math.abs(got - want) <= bound, `row ${i}, axis ${a}: ${got}, not ${want}`);
        }
      }
    });
  }
}

gpuTest("projectRows() takes several launches where one is too much work", async (gpu) => {
  const count = 50, x = reals(count * 5, 1);
  using rows = uploadRows(gpu, x, 5), axes = uploadRows(gpu, [0, 0, 1, 0, 0, 1, 0, 0, 0, 0], 5);
  const slow = new Proxy(gpu, {
    get(gpu, name) {
      if (name === "limits") return { ...gpu.limits, stepFlops: 800 }; // 12 rows of 64 flops
      const value = Reflect.get(gpu, name, gpu);
      return typeof value === "function" ? value.bind(gpu) : value;
    },
  });
  using projected = projectRows(slow, { rows, axes });
  const values = await gpu.read(projected.values);
  for (let i = 0; i < count; i++) deepEqual([...values.subarray(4 * i, 4 * i + 4)], [x[5 * i + 2], x[5 * i], 0, 0]);
});

gpuTest("projectRows() gives no rows for none, and refuses axes of other columns", (gpu) => {
  using rows = uploadRows(gpu, [], 2), axes = uploadRows(gpu, [1, 0], 2), other = uploadRows(gpu, [1, 2, 3], 3);
  using none = projectRows(gpu, { rows, axes }), noAxes = uploadRows(gpu, [], 2);
  equal(none.count, 0);
  throws(() => projectRows(gpu, { rows, axes: other }), ShapeMismatch);
  throws(() => projectRows(gpu, { rows, axes: noAxes }), ShapeMismatch);
});
