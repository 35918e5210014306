import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { errorOf, goldenArray, goldenIsThere } from "../tests/golden_arrays.ts";
import { hyperbolicTangent, hyperbolicTangentGradient } from "./hyperbolic_tangent.ts";
import { scattered } from "./nearest_row_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

const golden = (name: string) => goldenArray(`ops/tanh/${name}`).values;

/** WGSL lets exp(−2|x|) be off by 3 + 4|x| units, which are most of y near x = 1; a rounding of the argument, the sum, the difference and the quotient. */
const BOUND = 10 * 2 ** -23;

for (const [count, columns] of [[1, 1], [300, 3], [77, 8], [70_000, 4]] as const) { // the last takes invocations in y
  gpuTest(`hyperbolicTangent() and its gradient equal float64 on ${count} × ${columns}`, async (gpu) => {
    const x = scattered(count * columns, 1), up = scattered(count * columns, 2), stride = Math.ceil(columns / 4) * 4;
    x.set([0, -1e-6, 3e-4, 100, -100, 1e30].slice(0, x.length));
    using rows = uploadRows(gpu, x, columns), upstream = uploadRows(gpu, up, columns);
    using output = hyperbolicTangent(gpu, { rows });
    using gradient = hyperbolicTangentGradient(gpu, { upstream, output });
    deepEqual([gradient.count, gradient.columns, gradient.stride], [count, columns, stride]);
    const [y, slopes] = await Promise.all([gpu.read(output.values), gpu.read(gradient.values)]);
    for (let i = 0; i < count * stride; i++) {
      const c = i % stride, at = Math.floor(i / stride) * columns + c;
      if (c >= columns) {
        equal(Math.abs(y[i]) + Math.abs(slopes[i]), 0);
        continue;
      }
      const want = Math.tanh(x[at]);
      const bound = Math.abs(x[at]) < 2 ** -12 ? 2 ** -24 * Math.abs(x[at]) : BOUND;
      ok(Math.abs(y[i] - want) <= bound, `tanh ${x[at]}: ${y[i]}, not ${want}`);
      const step = 1e-5, slope = (Math.tanh(x[at] + step) - Math.tanh(x[at] - step)) / (2 * step);
      ok(
        Math.abs(slopes[i] - up[at] * slope) <= 8 * (2 * BOUND + 1e-9),
        `slope at ${x[at]}: ${slopes[i] / up[at]}, not ${slope}`,
      );
    }
  });
}

gpuTest("hyperbolicTangent() and its gradient equal the golden values", async (gpu) => {
  using rows = uploadRows(gpu, golden("in_x"), 4), upstream = uploadRows(gpu, golden("up"), 4); // each number by itself: any order will do
  using output = hyperbolicTangent(gpu, { rows });
  using gradient = hyperbolicTangentGradient(gpu, { upstream, output });
  for (const [name, buffer] of [["out", output.values], ["grad_x", gradient.values]] as const) {
    ok(errorOf(await gpu.read(buffer), golden(name)) <= 2e-6, name);
  }
}, { ignore: !goldenIsThere });

gpuTest("hyperbolicTangentGradient() refuses rows of another form", (gpu) => {
  using output = uploadRows(gpu, [1, 2, 3, 4], 2), other = uploadRows(gpu, [1, 2, 3, 4], 1);
  throws(() => hyperbolicTangentGradient(gpu, { upstream: other, output }), ShapeMismatch);
});
