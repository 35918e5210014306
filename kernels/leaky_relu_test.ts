import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { errorOf, goldenArray, goldenIsThere, placesOf } from "../tests/golden_arrays.ts";
import { leakyReluGradient } from "./leaky_relu.ts";
import { linear } from "./linear.ts";
import { reals } from "./nearest_row_reference.ts";
import { differences, valuesOf } from "../tests/norm_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

const leaky = (slope: number) => (t: number) => t > 0 ? t : slope * t;

for (const slope of [0.2, 0.01, 0]) {
  gpuTest(`leakyReluGradient() gives the slopes of Σ up · y, slope ${slope}`, async (gpu) => {
    const count = 77, columns = 5, t = reals(count * columns, 1), up = reals(count * columns, 3);
    using upstream = uploadRows(gpu, up, columns), output = uploadRows(gpu, t.map(leaky(slope)), columns);
    using gradient = leakyReluGradient(gpu, { upstream, output, slope });
    const got = await valuesOf(gpu, gradient);
    const want = differences(t, up, (t) => t.map(leaky(slope)));
    // float64's rounding of a sum of 385 terms over a step of 1e-6
    ok(errorOf(got, want) < 1e-6, `${errorOf(got, want)}`);
    deepEqual(got, Float64Array.from(t, (v, i) => Math.fround(up[i] * (v > 0 ? 1 : Math.fround(slope)))));
  });
}

gpuTest("leakyReluGradient() has the lower slope at 0, and refuses operands of unequal size", async (gpu) => {
  using upstream = uploadRows(gpu, [4, 8, 12], 1), output = uploadRows(gpu, [0, -1, 1e-30], 1);
  using gradient = leakyReluGradient(gpu, { upstream, output, slope: 0.25 });
  deepEqual([...await valuesOf(gpu, gradient)], [1, 2, 12]);
  using less = uploadRows(gpu, [1, 2], 1), wide = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 2);
  throws(() => leakyReluGradient(gpu, { upstream: less, output, slope: 1 }), ShapeMismatch);
  throws(() => leakyReluGradient(gpu, { upstream: wide, output, slope: 1 }), ShapeMismatch);
});

gpuTest("leakyReluGradient() goes beyond one row of workgroups", async (gpu) => {
  const count = 2 ** 20 + 3; // one more than 2²⁰ invocations in x
  using upstream = uploadRows(gpu, new Float32Array(count).fill(8), 1);
  using output = uploadRows(gpu, Float32Array.from({ length: count }, (_, i) => i % 3 - 1), 1);
  using gradient = leakyReluGradient(gpu, { upstream, output, slope: 0.5 });
  const got = await gpu.read(gradient.values);
  for (const i of [0, 1, 2, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 2]) equal(got[4 * i], i % 3 === 2 ? 8 : 4, `row ${i}`);
});

for (const [name, slope] of [["lrelu001", 0.01], ["lrelu02", 0.2]] as const) {
  gpuTest(`linear() with the unit matrix and leakyReluGradient() equal golden ${name}`, async (gpu) => {
    const array = (part: string) => placesOf(goldenArray(`ops/${name}/${part}`)), { values, columns } = array("in_x");
    using rows = uploadRows(gpu, values, columns), upstream = uploadRows(gpu, array("up").values, columns);
    using unit = uploadRows(gpu, [1, 0, 0, 0, 1, 0, 0, 0, 1], columns);
    using output = linear(gpu, { rows, weights: unit, slope });
    using gradient = leakyReluGradient(gpu, { upstream, output, slope });
    for (const [got, want] of [[output, "out"], [gradient, "grad_x"]] as const) {
      const error = errorOf(await valuesOf(gpu, got), array(want).values);
      ok(error <= 2e-6, `${want}: ${error}`);
    }
  }, { ignore: !goldenIsThere });
}
