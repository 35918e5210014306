import { deepEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { errorOf } from "../tests/golden_arrays.ts";
import { differences, valuesOf } from "../tests/norm_reference.ts";
import { scattered } from "./nearest_row_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { softmaxColumns, softmaxColumnsGradient } from "./softmax_columns.ts";
import { uploadRows } from "./upload_rows.ts";

/** The definition in float64. */
function forward(a: ArrayLike<number>, columns: number): Float64Array {
  const result = new Float64Array(a.length);
  for (let c = 0; c < columns; c++) {
    let top = -Infinity, sum = 0;
    for (let i = c; i < a.length; i += columns) top = Math.max(top, a[i]);
    for (let i = c; i < a.length; i += columns) sum += Math.exp(a[i] - top);
    for (let i = c; i < a.length; i += columns) result[i] = Math.exp(a[i] - top) / sum;
  }
  return result;
}

/** Its gradient in float64. */
function backward(w: ArrayLike<number>, up: ArrayLike<number>, columns: number): Float64Array {
  const along = new Float64Array(columns);
  for (let i = 0; i < w.length; i++) along[i % columns] += w[i] * up[i];
  return Float64Array.from(w, (value, i) => value * (up[i] - along[i % columns]));
}

Deno.test("the gradient in float64 is the derivative of the definition", () => {
  const a = scattered(15, 1), up = scattered(15, 2);
  ok(errorOf(differences(a, up, (x) => forward(x, 3)), backward(forward(a, 3), up, 3)) < 1e-7);
});

/** Below, at and past slices of 32 rows, with and without padding, and more than one workgroup. */
for (const [count, columns] of [[1, 1], [5, 3], [32, 4], [33, 7], [100, 64], [2049, 5]] as const) {
  gpuTest(`softmaxColumns() and its gradient equal float64 on ${count} × ${columns}`, async (gpu) => {
    const a = scattered(count * columns, 1).map((value, i) => 20 * value + 100 * (i % columns));
    const up = scattered(count * columns, 2);
    using rows = uploadRows(gpu, a, columns), upstream = uploadRows(gpu, up, columns);
    using output = softmaxColumns(gpu, { rows });
    using gradient = softmaxColumnsGradient(gpu, { upstream, output });
    const want = forward(a, columns), got = await valuesOf(gpu, output);
    // exp(a − top) is off by 3 + 2|a − top| units, twice: by slice and by column
    ok(errorOf(got, want) <= 200 * 2 ** -23, `weights: ${errorOf(got, want)}`);
    const slopes = await valuesOf(gpu, gradient), wanted = backward(want, up, columns);
    const largest = Math.max(...want); // with one row the gradient is 0 but for rounding
    slopes.forEach((value, i) => ok(Math.abs(value - wanted[i]) <= 800 * 2 ** -23 * largest, `${value}, ${wanted[i]}`));
    deepEqual([gradient.count, gradient.columns, gradient.stride], [count, columns, Math.ceil(columns / 4) * 4]);
  });
}

gpuTest("softmaxColumns() doesn't overflow, and gives all to what is far above the rest", async (gpu) => {
  using rows = uploadRows(gpu, Float32Array.of(1e30, -1e30, 3e4, 3e4, -200, -200), 2);
  using output = softmaxColumns(gpu, { rows });
  deepEqual([...await valuesOf(gpu, output)], [1, 0, 0, 1, 0, 0]);
});

gpuTest("softmaxColumns() and its gradient refuse no rows and rows of another form", (gpu) => {
  using none = uploadRows(gpu, [], 2), output = uploadRows(gpu, [1, 2, 3, 4], 2);
  using other = uploadRows(gpu, [1, 2, 3, 4], 1);
  throws(() => softmaxColumns(gpu, { rows: none }), ShapeMismatch);
  throws(() => softmaxColumnsGradient(gpu, { upstream: other, output }), ShapeMismatch);
});
