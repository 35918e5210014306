import { deepStrictEqual, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { meanRows } from "./mean_rows.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

const NONE = 0xffffffff;

gpuTest("meanRows() takes means of the rows that are there, and zeros where none is", async (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3, 4, 5, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128], 5);
  using members = gpu.upload("u32", Uint32Array.of(0, 1, NONE, 2, NONE, NONE, NONE, NONE, NONE, 1, 3, 1));
  using means = meanRows(gpu, { rows, members, width: 3 });
  deepStrictEqual([means.count, means.columns, means.stride], [4, 5, 8]);
  deepStrictEqual([...await gpu.read(means.values)], [
    ...[2, 3, 4, 5, 6, 0, 0, 0],
    ...[8, 16, 32, 64, 128, 0, 0, 0],
    ...[0, 0, 0, 0, 0, 0, 0, 0],
    ...[3, 4, 5, 6, 7, 0, 0, 0],
  ]);
});

gpuTest("meanRows() refuses part of a list", (gpu) => {
  using rows = uploadRows(gpu, [1, 2], 1), members = gpu.zeros("u32", 5);
  throws(() => meanRows(gpu, { rows, members, width: 2 }), ShapeMismatch);
});
