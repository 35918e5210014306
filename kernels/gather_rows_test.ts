import { deepEqual, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { gatherRows } from "./gather_rows.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

gpuTest("gatherRows() takes rows in the order asked for, across blocks, and gives zeros past the end", async (gpu) => {
  using one = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 3), two = uploadRows(gpu, [7, 8, 9], 3);
  using indices = gpu.upload("u32", Uint32Array.of(2, 0, 3, 2, 1));
  using rows = gatherRows(gpu, { rows: [one, two], indices });
  deepEqual([rows.count, rows.columns, rows.stride], [5, 3, 4]);
  deepEqual([...await gpu.read(rows.values)], [7, 8, 9, 0, 1, 2, 3, 0, 0, 0, 0, 0, 7, 8, 9, 0, 4, 5, 6, 0]);
});

gpuTest("gatherRows() refuses blocks of unequal columns", (gpu) => {
  using one = uploadRows(gpu, [1, 2, 3], 3), two = uploadRows(gpu, [7, 8], 2), indices = gpu.zeros("u32", 1);
  throws(() => gatherRows(gpu, { rows: [one, two], indices }), ShapeMismatch);
});
