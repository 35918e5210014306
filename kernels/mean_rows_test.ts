import { deepStrictEqual, ok, throws } from "node:assert/strict";
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

gpuTest("meanRows() equals float64 for more lists than one workgroup has", async (gpu) => {
  const count = 300, width = 4, columns = 7, stride = 8;
  const v = Float32Array.from({ length: 90 * columns }, (_, i) => Math.sin(i));
  const lists = Uint32Array.from({ length: count * width }, (_, i) => i % 5 === 0 ? NONE : (i * 31) % 90);
  using rows = uploadRows(gpu, v, columns), members = gpu.upload("u32", lists);
  using means = meanRows(gpu, { rows, members, width });
  const got = await gpu.read(means.values), bound = (width + 5) * 2 ** -24; // a sum's roundings and a division's 2.5 units
  for (let i = 0; i < count; i++) {
    const own = [...lists.subarray(i * width, (i + 1) * width)].filter((j) => j !== NONE);
    for (let c = 0; c < stride; c++) {
      const want = c < columns ? own.reduce((sum, j) => sum + v[j * columns + c], 0) / own.length : 0;
      ok(Math.abs(got[i * stride + c] - want) <= bound, `list ${i}, column ${c}: ${got[i * stride + c]}, not ${want}`);
    }
  }
});
