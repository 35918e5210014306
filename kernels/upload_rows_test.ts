import { deepEqual, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

gpuTest("uploadRows() fills each row up with zeros", async (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 5);
  deepEqual([rows.count, rows.columns, rows.stride], [2, 5, 8]);
  deepEqual([...await gpu.read(rows.values)], [1, 2, 3, 4, 5, 0, 0, 0, 6, 7, 8, 9, 10, 0, 0, 0]);
});

gpuTest("uploadRows() refuses part of a row", (gpu) => {
  throws(() => uploadRows(gpu, [1, 2, 3], 2), ShapeMismatch);
});
