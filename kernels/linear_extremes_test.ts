import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { linearExtremes } from "./linear_extremes.ts";
import { like, roundingOf, sumOf } from "./linear_reference.ts";
import { integers, scattered } from "./nearest_row_reference.ts";
import { valuesOf } from "../tests/norm_reference.ts";
import { strideOf } from "./rows.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

/** The definition in float64: the first row that is furthest in the direction, for each cloud and output. */
function reference(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  columns: number,
  clouds: number,
  d: ArrayLike<number>,
) {
  const outputs = w.length / columns, each = x.length / columns / clouds;
  const at = (i: number, o: number) => sumOf(columns, (c) => [x[i * columns + c], w[o * columns + c]]);
  return Array.from({ length: clouds * outputs }, (_, t) => {
    const o = t % outputs, first = Math.floor(t / outputs) * each;
    let row = first;
    for (let i = first + 1; i < first + each; i++) {
      if (Math.sign(d[o]) * at(i, o).value > Math.sign(d[o]) * at(row, o).value) row = i;
    }
    return { row, ...at(row, o) };
  });
}

const sizes = [ // around the tiles of 16 × 16, 16 × 4 (few outputs), 4 × 4 (few rows) and a GPU's 4 × 8, and around slices of eight tiles
  { clouds: 1, each: 1, columns: 1, outputs: 1 },
  { clouds: 3, each: 5, columns: 7, outputs: 18 },
  { clouds: 2, each: 128, columns: 8, outputs: 16 },
  { clouds: 2, each: 300, columns: 21, outputs: 33 },
  { clouds: 1, each: 400, columns: 5, outputs: 3 },
];

for (const { clouds, each, columns, outputs } of sizes) {
  for (const software of [true, false]) {
    const name = `${clouds} × ${each} × ${columns} × ${outputs}, tiles of a ${software ? "processor" : "GPU"}`;
    gpuTest(`linearExtremes() equals float64 on ${name}`, async (gpu) => {
      for (const fill of [integers, scattered]) {
        const isExact = fill === integers, shift = isExact ? 7 : 0; // whole numbers are full of ties
        const x = fill(clouds * each * columns, 1).map((v) => v - shift);
        const w = fill(outputs * columns, 5).map((v) => v - shift), b = fill(outputs, 3);
        const d = Float32Array.from({ length: outputs }, (_, o) => [0.5, -3, 0][o % 3]);
        const want = reference(x, w, columns, clouds, d);
        using rows = uploadRows(gpu, x, columns), weights = uploadRows(gpu, w, columns);
        using bias = uploadRows(gpu, b, outputs), directions = uploadRows(gpu, d, outputs);
        using found = linearExtremes(like(gpu, { software }), { rows, weights, directions, bias, clouds });
        deepEqual([found.values.count, found.values.columns], [clouds, outputs]);
        const values = await valuesOf(gpu, found.values), indices = await gpu.read(found.indices);
        want.forEach(({ row, value, size }, t) => {
          const o = t % outputs, at = Math.floor(t / outputs) * strideOf(outputs) + o;
          equal(indices[at], row, `output ${t}`);
          const bound = isExact ? 0 : roundingOf(columns + 1) * (size + Math.abs(b[o]));
          ok(Math.abs(values[t] - value - b[o]) <= bound, `output ${t}: ${values[t]}, not ${value + b[o]}`);
        });
        const padding = indices.filter((_, i) => i % strideOf(outputs) >= outputs);
        ok(padding.every((index) => index === 0xffffffff), "an index in the padding");
      }
    });
  }
}

gpuTest(
  "linearExtremes() adds nothing without a bias, and takes several launches where one is too much work",
  async (gpu) => {
    const clouds = 3, each = 700, columns = 6, outputs = 40;
    const x = integers(clouds * each * columns, 1), w = integers(outputs * columns, 2).map((v) => v - 8);
    const d = integers(outputs, 3).map((v) => v - 8);
    using rows = uploadRows(gpu, x, columns), weights = uploadRows(gpu, w, columns);
    using directions = uploadRows(gpu, d, outputs);
    const want = reference(x, w, columns, clouds, d).map(({ value }) => value);
    for (const claims of [{}, { software: true, stepFlops: 500_000 }, { software: false, stepFlops: 100_000 }]) {
      using found = linearExtremes(like(gpu, claims), { rows, weights, directions, clouds });
      deepEqual([...await valuesOf(gpu, found.values)], want);
    }
  },
);

gpuTest("linearExtremes() refuses parts of clouds and operands that don't fit", (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 2), weights = uploadRows(gpu, [1, 0], 2);
  using none = uploadRows(gpu, [], 2), one = uploadRows(gpu, [1], 1), two = uploadRows(gpu, [1, 2], 1);
  using wide = uploadRows(gpu, [1, 2, 3], 3);
  const fits = { rows, weights, directions: one, clouds: 3 };
  for (
    const wrong of [
      { clouds: 2 },
      { clouds: 0 },
      { rows: none },
      { weights: wide },
      { weights: none },
      { directions: two },
      { directions: wide },
      { bias: two },
    ]
  ) throws(() => linearExtremes(gpu, { ...fits, ...wrong }), ShapeMismatch);
});
