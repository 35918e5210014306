import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { errorOf, goldenArray, goldenIsThere, placesOf } from "../tests/golden_arrays.ts";
import { linear } from "./linear.ts";
import { like, roundingOf, sumOf } from "./linear_reference.ts";
import { integers, reals } from "./nearest_row_reference.ts";
import { valuesOf } from "../tests/norm_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

const sizes = [ // around the tiles of 16 × 16, 16 × 4 (few outputs), 4 × 4 (few rows) and a GPU's 4 × 8; groups of rows with a bias each
  { count: 1, columns: 1, outputs: 1, groups: 1 },
  { count: 32, columns: 8, outputs: 16, groups: 2 },
  { count: 66, columns: 5, outputs: 33, groups: 3 },
  { count: 21, columns: 64, outputs: 3, groups: 1 },
  { count: 4, columns: 10, outputs: 18, groups: 2 },
  { count: 9, columns: 131, outputs: 17, groups: 1 },
];

for (const { count, columns, outputs, groups } of sizes) {
  for (const software of [true, false]) {
    const name = `${count} × ${columns} × ${outputs}, ${groups} rows of bias, tiles of a ${
      software ? "processor" : "GPU"
    }`;
    gpuTest(`linear() equals float64 on ${name}`, async (gpu) => {
      for (const [fill, slope] of [[integers, 0.5], [reals, 0.2]] as const) {
        const shift = fill === integers ? 7 : 0; // whole numbers of both signs
        const x = fill(count * columns, 1).map((v) => v - shift), w = fill(outputs * columns, 5).map((v) => v - shift);
        const b = fill(groups * outputs, 3);
        using rows = uploadRows(gpu, x, columns), weights = uploadRows(gpu, w, columns);
        using bias = uploadRows(gpu, b, outputs);
        using results = linear(like(gpu, { software }), { rows, weights, bias, slope });
        deepEqual([results.count, results.columns], [count, outputs]);
        const got = await valuesOf(gpu, results);
        for (let i = 0; i < count; i++) {
          for (let o = 0; o < outputs; o++) {
            const { value, size } = sumOf(columns, (c) => [x[i * columns + c], w[o * columns + c]]);
            const added = b[Math.floor(i / (count / groups)) * outputs + o], t = value + added;
            const want = t > 0 ? t : Math.fround(slope) * t;
            // a rounding a term, of the bias and of the slope; whole numbers have none
            const bound = fill === integers ? 0 : roundingOf(columns + 2) * (size + Math.abs(added));
            const y = got[i * outputs + o];
            ok(Math.abs(y - want) <= bound, `row ${i}, output ${o}: ${y}, not ${want}`);
          }
        }
      }
    });
  }
}

gpuTest(
  "linear() has no kink and no bias unless they are given, and takes several launches where one is too much work",
  async (gpu) => {
    const count = 150, columns = 6, outputs = 40;
    const x = integers(count * columns, 1), w = integers(outputs * columns, 2).map((v) => v - 8);
    using rows = uploadRows(gpu, x, columns), weights = uploadRows(gpu, w, columns);
    using whole = linear(gpu, { rows, weights });
    const want = Float64Array.from(
      { length: count * outputs },
      (_, at) =>
        sumOf(columns, (c) => [x[Math.floor(at / outputs) * columns + c], w[at % outputs * columns + c]]).value,
    );
    ok(want.some((y) => y < 0));
    deepEqual(await valuesOf(gpu, whole), want);
    using bias = uploadRows(gpu, integers(3 * outputs, 4), outputs);
    const request = { rows, weights, bias, slope: 0.25 };
    using once = linear(gpu, request);
    for (const software of [true, false]) {
      using parts = linear(like(gpu, { software, stepFlops: 30_000 }), request);
      deepEqual(await valuesOf(gpu, parts), await valuesOf(gpu, once));
    }
  },
);

gpuTest("linear() gives no rows for none, and refuses weights and biases that don't fit", (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 2),
    none = uploadRows(gpu, [], 2),
    weights = uploadRows(gpu, [1, 0], 2);
  using wide = uploadRows(gpu, [1, 2, 3], 3), two = uploadRows(gpu, [1, 2], 1), four = uploadRows(gpu, [1, 2], 2);
  using empty = linear(gpu, { rows: none, weights });
  equal(empty.count, 0);
  throws(() => linear(gpu, { rows, weights: wide }), ShapeMismatch);
  throws(() => linear(gpu, { rows, weights: none }), ShapeMismatch);
  throws(() => linear(gpu, { rows, weights, bias: two }), ShapeMismatch); // two rows for three
  throws(() => linear(gpu, { rows, weights, bias: four }), ShapeMismatch); // two columns for one output
  throws(() => linear(gpu, { rows, weights, bias: none }), ShapeMismatch);
});

const ignore = !goldenIsThere, TOLERANCE = 2e-6;

gpuTest("linear() equals golden linear and conv1x1", async (gpu) => {
  for (const name of ["linear", "conv1x1"]) {
    const array = (part: string) => goldenArray(`ops/${name}/${part}`);
    const places = (part: string) => name === "linear" ? array(part) : placesOf(array(part));
    const w = array("in_w"), [outputs, columns] = w.shape;
    using rows = uploadRows(gpu, places("in_x").values, columns), weights = uploadRows(gpu, w.values, columns);
    using bias = uploadRows(gpu, array("in_b").values, outputs);
    using results = linear(gpu, { rows, weights, bias });
    const error = errorOf(await valuesOf(gpu, results), places("out").values);
    ok(error <= TOLERANCE, `${name}: ${error}`);
  }
}, { ignore });

gpuTest("linear() equals golden global_concat_conv, with what all places share in the bias", async (gpu) => {
  const array = (part: string) => goldenArray(`ops/global_concat_conv/${part}`);
  const { shape: [outputs], values: w } = array("in_w"), { shape: [, shared], values: g } = array("in_g");
  const x = placesOf(array("in_x")), width = shared + x.columns;
  const columnsOf = (first: number, count: number) =>
    Float32Array.from({ length: outputs * count }, (_, i) => w[Math.floor(i / count) * width + first + i % count]);
  using vectors = uploadRows(gpu, g, shared), sharedWeights = uploadRows(gpu, columnsOf(0, shared), shared);
  using rows = uploadRows(gpu, x.values, x.columns), weights = uploadRows(gpu, columnsOf(shared, x.columns), x.columns);
  using offset = uploadRows(gpu, array("in_b").values, outputs);
  using bias = linear(gpu, { rows: vectors, weights: sharedWeights, bias: offset });
  using results = linear(gpu, { rows, weights, bias });
  const error = errorOf(await valuesOf(gpu, results), placesOf(array("out")).values);
  ok(error <= TOLERANCE, `${error}`);
}, { ignore });

gpuTest("linear() equals golden conv_out_1xk, with the edges of a place side by side", async (gpu) => {
  const array = (part: string) => goldenArray(`ops/conv_out_1xk/${part}`);
  const { shape: [clouds, channels, places, k], values } = array("in_x"),
    { shape: [outputs], values: w } = array("in_w");
  const columns = k * channels,
    x = new Float32Array(clouds * places * columns),
    turned = new Float32Array(outputs * columns);
  for (let m = 0; m < k; m++) {
    for (let c = 0; c < channels; c++) {
      for (let o = 0; o < outputs; o++) turned[o * columns + m * channels + c] = w[(o * channels + c) * k + m];
      for (let i = 0; i < clouds * places; i++) {
        const cloud = Math.floor(i / places), place = i % places;
        x[i * columns + m * channels + c] = values[((cloud * channels + c) * places + place) * k + m];
      }
    }
  }
  using rows = uploadRows(gpu, x, columns), weights = uploadRows(gpu, turned, columns);
  using bias = uploadRows(gpu, array("in_b").values, outputs);
  using results = linear(gpu, { rows, weights, bias });
  const error = errorOf(await valuesOf(gpu, results), placesOf(array("out")).values);
  ok(error <= TOLERANCE, `${error}`);
}, { ignore });
