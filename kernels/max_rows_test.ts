import { deepEqual, equal, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { goldenArray, goldenIsThere, placesOf } from "../tests/golden_arrays.ts";
import { maxRows, maxRowsGradient } from "./max_rows.ts";
import { integers, scattered } from "./nearest_row_reference.ts";
import { strideOf } from "./rows.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

const golden = (name: string) => goldenArray(`ops/max_points/${name}`);

/** The definition; rows as they lie on the GPU, padding included. */
function reference(x: ArrayLike<number>, columns: number, clouds: number, up: ArrayLike<number>) {
  const count = x.length / columns, each = count / clouds, stride = strideOf(columns);
  const values = new Float32Array(clouds * stride), rows = new Uint32Array(clouds * columns);
  const gradient = new Float32Array(count * stride);
  for (let b = 0; b < clouds; b++) {
    for (let c = 0; c < columns; c++) {
      let best = b * each;
      for (let i = best; i < (b + 1) * each; i++) if (x[i * columns + c] > x[best * columns + c]) best = i;
      values[b * stride + c] = x[best * columns + c];
      rows[b * columns + c] = best;
      gradient[best * stride + c] = up[b * columns + c];
    }
  }
  return { values, rows, gradient };
}

const negative = (length: number, seed: number) => scattered(length, seed).map((v) => v - 9); // below the padding's 0

for (
  const [clouds, each, columns] of [[1, 1, 1], [2, 33, 5], [3, 700, 7], [8, 4100, 4], [1, 5000, 130]] as const // around slices of 32 rows
) {
  for (const [kind, fill] of [["ties", integers], ["negative reals", negative]] as const) {
    gpuTest(
      `maxRows() and its gradient equal the definition on ${clouds} × ${each} × ${columns} ${kind}`,
      async (gpu) => {
        const x = fill(clouds * each * columns, 3), up = scattered(clouds * columns, 4);
        const want = reference(x, columns, clouds, up);
        using rows = uploadRows(gpu, x, columns), upstream = uploadRows(gpu, up, columns);
        using found = maxRows(gpu, { rows, clouds });
        using gradient = maxRowsGradient(gpu, { upstream, indices: found.indices, count: rows.count });
        deepEqual([found.values.count, found.values.columns], [clouds, columns]);
        deepEqual([gradient.count, gradient.columns], [clouds * each, columns]);
        const [values, indices, slopes] = await Promise.all([
          gpu.read(found.values.values),
          gpu.read(found.indices),
          gpu.read(gradient.values),
        ]);
        deepEqual(values, want.values);
        deepEqual(indices.filter((_, i) => i % strideOf(columns) < columns), want.rows);
        deepEqual(slopes, want.gradient);
      },
    );
  }
}

gpuTest("maxRows() and its gradient equal the golden values", async (gpu) => {
  const x = placesOf(golden("in_x")), { columns } = x, clouds = golden("up").shape[0];
  using rows = uploadRows(gpu, x.values, columns), upstream = uploadRows(gpu, golden("up").values, columns);
  using found = maxRows(gpu, { rows, clouds });
  using gradient = maxRowsGradient(gpu, { upstream, indices: found.indices, count: rows.count });
  const [values, slopes] = await Promise.all([gpu.read(found.values.values), gpu.read(gradient.values)]);
  const unpadded = (padded: Float32Array) => padded.filter((_, i) => i % strideOf(columns) < columns);
  deepEqual(unpadded(values), golden("out").values);
  deepEqual(unpadded(slopes), placesOf(golden("grad_x")).values);
}, { ignore: !goldenIsThere });

gpuTest("maxRows() and its gradient refuse parts of clouds and foreign indices", (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3], 1), none = uploadRows(gpu, [], 1), indices = gpu.zeros("u32", 5);
  for (const clouds of [2, 0, 4, 1.5]) throws(() => maxRows(gpu, { rows, clouds }), ShapeMismatch);
  throws(() => maxRows(gpu, { rows: none, clouds: 1 }), ShapeMismatch);
  throws(() => maxRowsGradient(gpu, { upstream: rows, indices, count: 9 }), ShapeMismatch);
  using one = maxRows(gpu, { rows, clouds: 3 });
  equal(one.values.count, 3);
});
