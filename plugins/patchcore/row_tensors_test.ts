import { deepEqual } from "node:assert/strict";
import { paddedRows, tightRows } from "./row_tensors.ts";

Deno.test("tightRows() leaves the padding out, and paddedRows() brings it back as zeros", () => {
  const values = Float32Array.from([1, 2, 3, 4, 5, 9, 9, 9, 6, 7, 8, 9, 10, 9, 9, 9]); // 2 rows of 5, whatever is in the padding
  const tight = tightRows({ values, count: 2, columns: 5, stride: 8 });
  deepEqual(tight, { shape: [2, 5], values: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) });
  const padded = Float32Array.from([1, 2, 3, 4, 5, 0, 0, 0, 6, 7, 8, 9, 10, 0, 0, 0]);
  deepEqual(paddedRows(tight), { values: padded, count: 2, columns: 5, stride: 8 });
});

Deno.test("rows whose columns fill the stride, and no rows at all, come back as they were", () => {
  for (const count of [0, 1, 3]) {
    const rows = { values: Float32Array.from({ length: 4 * count }, (_, i) => i), count, columns: 4, stride: 4 };
    deepEqual(paddedRows(tightRows(rows)), rows);
  }
});
