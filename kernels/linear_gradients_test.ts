import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { errorOf, goldenArray, goldenIsThere, placesOf } from "../tests/golden_arrays.ts";
import { linearRowsGradient, linearWeightsGradient } from "./linear_gradients.ts";
import { like, roundingOf, sumOf } from "./linear_reference.ts";
import { integers, reals } from "./nearest_row_reference.ts";
import { differences, valuesOf } from "../tests/norm_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { sumRows } from "./sum_rows.ts";
import { uploadRows } from "./upload_rows.ts";

/** X Wᵀ in float64. */
const product = (x: ArrayLike<number>, w: ArrayLike<number>, columns: number) => {
  const outputs = w.length / columns, count = x.length / columns;
  return Float64Array.from(
    { length: count * outputs },
    (_, at) => sumOf(columns, (c) => [x[Math.floor(at / outputs) * columns + c], w[at % outputs * columns + c]]).value,
  );
};

const sizes = [ // around the tiles of 16 × 16, 4 × 16 (few outputs), 16 × 4 (few columns) and a GPU's 8 × 4; one slice of rows, and several
  { count: 1, columns: 1, outputs: 1 },
  { count: 64, columns: 16, outputs: 16 },
  { count: 7, columns: 10, outputs: 18 },
  { count: 333, columns: 70, outputs: 33 },
  { count: 130, columns: 3, outputs: 21 },
  { count: 1030, columns: 64, outputs: 3 },
];

for (const { count, columns, outputs } of sizes) {
  for (const software of [true, false]) {
    const name = `${count} × ${columns} × ${outputs}, tiles of a ${software ? "processor" : "GPU"}`;
    gpuTest(`gradients of linear() equal float64 on ${name}`, async (gpu) => {
      for (const [fill, exact] of [[integers, true], [reals, false]] as const) {
        const shift = exact ? 7 : 0; // whole numbers of both signs
        const d = fill(count * outputs, 1).map((v) => v - shift), w = fill(outputs * columns, 5).map((v) => v - shift);
        const x = fill(count * columns, 3).map((v) => v - shift), before = fill(outputs * columns, 4);
        using upstream = uploadRows(gpu, d, outputs), weights = uploadRows(gpu, w, columns);
        using rows = uploadRows(gpu, x, columns), into = uploadRows(gpu, before, columns);
        using rowsGradient = linearRowsGradient(like(gpu, { software }), { upstream, weights });
        deepEqual([rowsGradient.count, rowsGradient.columns], [count, columns]);
        linearWeightsGradient(like(gpu, { software }), { upstream, rows, into });
        const [ofRows, ofWeights] = [await valuesOf(gpu, rowsGradient), await valuesOf(gpu, into)];
        for (let at = 0; at < count * columns; at++) {
          const i = Math.floor(at / columns), c = at % columns;
          const { value, size } = sumOf(outputs, (o) => [d[i * outputs + o], w[o * columns + c]]);
          const bound = exact ? 0 : roundingOf(outputs) * size;
          ok(Math.abs(ofRows[at] - value) <= bound, `row ${i}, column ${c}: ${ofRows[at]}, not ${value}`);
        }
        for (let at = 0; at < outputs * columns; at++) {
          const o = Math.floor(at / columns), c = at % columns;
          const { value, size } = sumOf(count, (i) => [d[i * outputs + o], x[i * columns + c]]);
          const want = before[at] + value, bound = exact ? 0 : roundingOf(count + 1) * (size + Math.abs(before[at]));
          ok(Math.abs(ofWeights[at] - want) <= bound, `output ${o}, column ${c}: ${ofWeights[at]}, not ${want}`);
        }
      }
    });
  }
}

gpuTest("gradients of linear() are the slopes of Σ up · Y", async (gpu) => {
  const count = 5, columns = 6, outputs = 3;
  const x = reals(count * columns, 1), w = reals(outputs * columns, 2), up = reals(count * outputs, 3);
  using upstream = uploadRows(gpu, up, outputs),
    weights = uploadRows(gpu, w, columns),
    rows = uploadRows(gpu, x, columns);
  using into = uploadRows(gpu, new Float32Array(w.length), columns);
  using rowsGradient = linearRowsGradient(gpu, { upstream, weights });
  linearWeightsGradient(gpu, { upstream, rows, into });
  // Y is linear in each, so that central differences are off by float64's rounding alone: 1e-15 of Y over a step of 1e-6
  ok(errorOf(await valuesOf(gpu, rowsGradient), differences(x, up, (x) => product(x, w, columns))) < 1e-6);
  ok(errorOf(await valuesOf(gpu, into), differences(w, up, (w) => product(x, w, columns))) < 1e-6);
});

gpuTest("linearWeightsGradient() gives the same bits again, and those in several launches", async (gpu) => {
  const count = 700, columns = 24, outputs = 20;
  using upstream = uploadRows(gpu, reals(count * outputs, 1), outputs),
    rows = uploadRows(gpu, reals(count * columns, 2), columns);
  const gradient = async (stepFlops: number) => {
    using into = uploadRows(gpu, new Float32Array(outputs * columns), columns);
    linearWeightsGradient(like(gpu, { stepFlops }), { upstream, rows, into });
    return await valuesOf(gpu, into);
  };
  const once = await gradient(1e9);
  deepEqual(await gradient(1e9), once);
  deepEqual(await gradient(200_000), once);
  notDeepEqual(once, new Float64Array(once.length));
});

gpuTest(
  "linearWeightsGradient() adds to a part of a buffer, and to nothing beside it, also in batches of slices",
  async (gpu) => {
    const count = 1300, columns = 8, outputs = 3; // 24 numbers of a gradient; parts begin at multiples of 64
    const d = integers(count * outputs, 1), x = integers(count * columns, 2);
    using upstream = uploadRows(gpu, d, outputs), rows = uploadRows(gpu, x, columns);
    for (const bindingBytes of [gpu.limits.bindingBytes, 300]) { // partial sums of two slices, 128 bytes each
      using all = gpu.upload("f32", new Float32Array(192).fill(1));
      const into = { values: gpu.part(all, 64, 24), count: outputs, columns, stride: columns, [Symbol.dispose]() {} };
      linearWeightsGradient(like(gpu, { bindingBytes }), { upstream, rows, into });
      const got = await gpu.read(all);
      for (let i = 0; i < 192; i++) {
        const o = Math.floor((i - 64) / columns), c = i % columns, inside = i >= 64 && i < 88;
        const sum = inside ? sumOf(count, (p) => [d[p * outputs + o], x[p * columns + c]]).value : 0;
        equal(got[i], 1 + sum, `number ${i}`);
      }
    }
  },
);

gpuTest("gradients of linear() of no rows are none and 0; operands that don't fit are refused", async (gpu) => {
  using none = uploadRows(gpu, [], 2),
    noRows = uploadRows(gpu, [], 3),
    weights = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 3);
  using rows = uploadRows(gpu, [1, 2, 3], 3),
    upstream = uploadRows(gpu, [1, 2], 2),
    wide = uploadRows(gpu, [1, 2, 3], 3);
  using empty = linearRowsGradient(gpu, { upstream: none, weights });
  equal(empty.count, 0);
  linearWeightsGradient(gpu, { upstream: none, rows: noRows, into: weights });
  deepEqual([...await valuesOf(gpu, weights)], [1, 2, 3, 4, 5, 6]);
  throws(() => linearRowsGradient(gpu, { upstream: wide, weights }), ShapeMismatch);
  throws(() => linearWeightsGradient(gpu, { upstream: wide, rows, into: weights }), ShapeMismatch);
  throws(() => linearWeightsGradient(gpu, { upstream: none, rows, into: weights }), ShapeMismatch);
  throws(() => linearWeightsGradient(gpu, { upstream, rows: upstream, into: weights }), ShapeMismatch);
});

for (const name of ["linear", "conv1x1"]) {
  gpuTest(`gradients of linear() equal golden ${name}`, async (gpu) => {
    const array = (part: string) => goldenArray(`ops/${name}/${part}`);
    const places = (part: string) => name === "linear" ? array(part) : placesOf(array(part));
    const { shape: [outputs, columns], values: w } = array("in_w");
    using rows = uploadRows(gpu, places("in_x").values, columns), weights = uploadRows(gpu, w, columns);
    using upstream = uploadRows(gpu, places("up").values, outputs);
    using into = uploadRows(gpu, new Float32Array(outputs * columns), columns);
    using rowsGradient = linearRowsGradient(gpu, { upstream, weights }),
      biasGradient = sumRows(gpu, { rows: upstream });
    linearWeightsGradient(gpu, { upstream, rows, into });
    const compared = [
      [rowsGradient, places("grad_x").values],
      [into, array("grad_w").values],
      [biasGradient, array("grad_b").values],
    ] as const;
    for (const [got, want] of compared) {
      const error = errorOf(await valuesOf(gpu, got), want);
      ok(error <= 2e-6, `${error}`);
    }
  }, { ignore: !goldenIsThere });
}
