import { deepEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { valuesOf } from "../tests/norm_reference.ts";
import { absoluteError } from "./absolute_error.ts";
import { scattered } from "./nearest_row_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

for (const [count, columns] of [[1, 1], [1, 32], [3, 5], [2, 1024]] as const) {
  gpuTest(`absoluteError() and its gradient equal float64 on ${count} × ${columns}`, async (gpu) => {
    const x = scattered(count * columns, 1), g = scattered(count * columns, 2), weight = 0.3, n = x.length;
    g[0] = x[0]; // no slope there
    using rows = uploadRows(gpu, x, columns), goal = uploadRows(gpu, g, columns);
    using into = gpu.upload("f32", Float32Array.of(7, 2, 7));
    using gradient = absoluteError(gpu, { rows, goal, weight, into, at: 1 });
    const losses = await gpu.read(into), want = 2 + weight * x.reduce((sum, v, i) => sum + Math.abs(v - g[i]), 0) / n;
    deepEqual([losses[0], losses[2]], [7, 7]);
    ok(Math.abs(losses[1] - want) <= (n / 4 + 6) * 2 ** -24 * want, `${losses[1]}, not ${want}`);
    const slopes = await valuesOf(gpu, gradient), share = Math.fround(weight / n);
    deepEqual([...slopes], Array.from(x, (v, i) => share * Math.sign(v - g[i])));
    deepEqual([gradient.count, gradient.columns], [count, columns]);
  });
}

gpuTest("absoluteError() refuses no rows, a goal of another form, and a place outside the losses", (gpu) => {
  using rows = uploadRows(gpu, [1, 2], 2), none = uploadRows(gpu, [], 2), tall = uploadRows(gpu, [1, 2], 1);
  using into = gpu.zeros("f32", 2);
  const term = { rows, goal: rows, weight: 1, into, at: 0 };
  throws(() => absoluteError(gpu, { ...term, rows: none, goal: none }), ShapeMismatch);
  throws(() => absoluteError(gpu, { ...term, goal: tall }), ShapeMismatch);
  for (const at of [2, -1, 0.5]) throws(() => absoluteError(gpu, { ...term, at }), ShapeMismatch);
});
