import { deepStrictEqual, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { putColumn } from "./put_column.ts";
import { ShapeMismatch } from "./runtime/mod.ts";

gpuTest("putColumn() writes one column, from dense and from spread numbers", async (gpu) => {
  using table = gpu.zeros("f32", 8), dense = gpu.upload("f32", Float32Array.of(1, 2));
  using spread = gpu.upload("f32", Float32Array.of(5, 0, 0, 6, 0, 0));
  putColumn(gpu, { values: dense, table, columns: 4, column: 3 });
  putColumn(gpu, { values: spread, step: 3, table, columns: 4, column: 0 });
  using more = gpu.upload("f32", Float32Array.of(9, 7, 9, 8));
  putColumn(gpu, { values: more, step: 2, first: 1, table, columns: 4, column: 1 });
  deepStrictEqual([...await gpu.read(table)], [5, 7, 0, 1, 6, 8, 0, 2]);
  throws(() => putColumn(gpu, { values: dense, table, columns: 4, column: 4 }), ShapeMismatch);
  throws(() => putColumn(gpu, { values: dense, step: 2, table, columns: 4, column: 0 }), ShapeMismatch);
});

gpuTest("putColumn() fills more rows than one workgroup has, and leaves the other columns", async (gpu) => {
  const count = 300, columns = 5, first = 1, step = 3, column = 2;
  const v = Float32Array.from({ length: first + count * step }, (_, i) => Math.sin(i));
  const before = Float32Array.from({ length: count * columns }, (_, i) => i);
  using values = gpu.upload("f32", v), table = gpu.upload("f32", before);
  putColumn(gpu, { values, step, first, table, columns, column });
  const want = before.map((kept, i) => i % columns === column ? v[first + step * Math.floor(i / columns)] : kept);
  deepStrictEqual(await gpu.read(table), want);
});
