import { deepEqual, equal, ok } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { runOf, slicesOf, sliceSums } from "./slice_sums.ts";
import { uploadRows } from "./upload_rows.ts";

Deno.test("slicesOf() covers the rows with slices of a multiple of 8, as long as there are slices where there are many", () => {
  for (const rows of [0, 1, 31, 32, 33, 1024, 1025, 81_920, 10_000_000]) {
    const { span, slices } = slicesOf(rows);
    equal(span % 8, 0);
    ok(span * slices >= rows && span * (slices - 1) <= rows, `${slices} of ${span} for ${rows}`);
    ok(
      span <= Math.max(32, Math.sqrt(rows) + 8) && slices <= Math.max(1, Math.sqrt(rows)),
      `${slices} of ${span} for ${rows}`,
    );
  }
});

Deno.test("runOf() keeps a launch within 65,535 workgroups of 64", () => {
  equal(runOf(8192, 32), 4);
  for (const [rows, quads] of [[4_000_001, 4], [491_520, 64], [7, 10_000_000]]) {
    ok(Math.ceil(rows / runOf(rows, quads)) * quads <= Math.max(65_535 * 64, quads), `${rows} × ${quads}`);
  }
});

gpuTest("sliceSums() adds the slices of each group", async (gpu) => {
  const parts = Float32Array.from({ length: 2 * 3 * 2 * 8 }, (_, i) => i * i); // 2 groups, 3 slices, 2 rows of 8
  using like = uploadRows(gpu, new Float32Array(8), 8), values = gpu.upload("f32", parts);
  using sums = sliceSums(gpu, { parts: values, groups: 2, slices: 3, like });
  const want = Array.from({ length: 32 }, (_, i) => {
    const at = Math.floor(i / 16) * 48 + i % 16;
    return parts[at] + parts[at + 16] + parts[at + 32];
  });
  deepEqual([sums.count, sums.columns, ...await gpu.read(sums.values)], [4, 8, ...want]);
});
