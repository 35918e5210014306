import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { like } from "./linear_reference.ts";
import { integers, reals } from "./nearest_row_reference.ts";
import { valuesOf } from "../tests/norm_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { sumRows } from "./sum_rows.ts";
import { uploadRows } from "./upload_rows.ts";

/** The definition, in float64; with the sum of sizes, which rounding is a share of. */
function reference(x: ArrayLike<number>, columns: number, groups: number) {
  const sums = new Float64Array(groups * columns), sizes = new Float64Array(groups * columns);
  const each = x.length / columns / groups;
  for (let i = 0; i < x.length; i++) {
    const at = Math.floor(i / columns / each) * columns + i % columns;
    sums[at] += x[i];
    sizes[at] += Math.abs(x[i]);
  }
  return { sums, sizes };
}

for (const [count, columns, groups] of [[1, 1, 1], [33, 4, 1], [5000, 7, 1], [300, 6, 3], [90, 5, 90], [4, 3, 2]]) { // one slice a group, and several
  for (const fill of [integers, reals]) {
    gpuTest(
      `sumRows() equals float64 on ${count} × ${columns} in ${groups} groups of ${
        fill === reals ? "reals" : "whole numbers"
      }`,
      async (gpu) => {
        const x = fill(count * columns, 1), { sums, sizes } = reference(x, columns, groups);
        using rows = uploadRows(gpu, x, columns), found = sumRows(gpu, { rows, groups });
        deepEqual([found.count, found.columns, found.stride], [groups, columns, rows.stride]);
        const got = await valuesOf(gpu, found);
        const bound = fill === reals ? count / groups * 2 ** -24 : 0; // a rounding an addition; whole numbers have none
        sums.forEach((want, i) => ok(Math.abs(got[i] - want) <= bound * sizes[i], `sum ${i}: ${got[i]}, not ${want}`));
        using again = sumRows(gpu, { rows, groups });
        deepEqual(await valuesOf(gpu, again), got);
      },
    );
  }
}

gpuTest("sumRows() runs no longer loops than an invocation may, and is one group unless told", async (gpu) => {
  const columns = 3, x = integers(1000 * columns, 2);
  using rows = uploadRows(gpu, x, columns), found = sumRows(like(gpu, { loopIterations: 10 }), { rows });
  deepEqual(await valuesOf(gpu, found), reference(x, columns, 1).sums);
});

gpuTest("sumRows() of no rows is 0, and refuses groups that don't divide the rows", async (gpu) => {
  using none = uploadRows(gpu, [], 3),
    rows = uploadRows(gpu, [1, 2, 3], 1),
    found = sumRows(gpu, { rows: none, groups: 2 });
  equal(found.count, 2);
  deepEqual([...await valuesOf(gpu, found)], [0, 0, 0, 0, 0, 0]);
  throws(() => sumRows(gpu, { rows, groups: 2 }), ShapeMismatch);
  throws(() => sumRows(gpu, { rows, groups: 0 }), ShapeMismatch);
});
