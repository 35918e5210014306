import { deepEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { adain, adainGradient } from "./adain.ts";
import { groupStatistics } from "./group_statistics.ts";
import { scattered } from "./nearest_row_reference.ts";
import { errorOf, goldenIsThere } from "../tests/golden_arrays.ts";
import { differences, golden, goldenRows, momentsOf, valuesOf } from "../tests/norm_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

/** The clouds' rows without means and deviations, and 1 / deviation of each number's column, in float64. */
function normalised(x: ArrayLike<number>, columns: number, clouds: number, epsilon: number) {
  const count = x.length / columns / clouds, hat = new Float64Array(x.length), inverse = new Float64Array(x.length);
  for (let cloud = 0; cloud < clouds; cloud++) {
    const { mean, variance } = momentsOf(x, columns, cloud * count, count);
    for (let i = cloud * count * columns; i < (cloud + 1) * count * columns; i++) {
      inverse[i] = 1 / Math.sqrt(variance[i % columns] + epsilon);
      hat[i] = (x[i] - mean[i % columns]) * inverse[i];
    }
  }
  return { hat, inverse };
}

/** Number of γ, of β `columns` more, that belongs to number i of the rows. */
const styleAt = (i: number, columns: number) => Math.floor(i / columns) * 2 * columns + i % columns;

/** The definition in float64. */
function forward(x: ArrayLike<number>, style: ArrayLike<number>, columns: number, clouds: number, epsilon = 1e-5) {
  const { hat } = normalised(x, columns, clouds, epsilon);
  return hat.map((v, i) => style[styleAt(i, columns)] * v + style[styleAt(i, columns) + columns]);
}

/** Its gradient in float64. */
function backward(
  x: ArrayLike<number>,
  style: ArrayLike<number>,
  upstream: ArrayLike<number>,
  columns: number,
  clouds: number,
  epsilon = 1e-5,
) {
  const { hat, inverse } = normalised(x, columns, clouds, epsilon), count = x.length / columns / clouds;
  const h = hat.map((_, i) => style[styleAt(i, columns)] * upstream[i]), ofStyle = new Float64Array(2 * x.length);
  const level = new Float64Array(clouds * columns), along = new Float64Array(clouds * columns);
  const column = (i: number) => Math.floor(i / columns / count) * columns + i % columns;
  h.forEach((v, i) => {
    level[column(i)] += v / count;
    along[column(i)] += v * hat[i] / count;
    ofStyle[styleAt(i, columns)] = upstream[i] * hat[i];
    ofStyle[styleAt(i, columns) + columns] = upstream[i];
  });
  return { ofStyle, ofRows: h.map((v, i) => inverse[i] * (v - level[column(i)] - hat[i] * along[column(i)])) };
}

const drawn = (count: number, columns: number) => ({
  x: scattered(count * columns, 1).map((v, i) => v * (1 + i % 3) + 3 * Math.floor(4 * i / count / columns)),
  style: scattered(2 * count * columns, 2),
  upstream: scattered(count * columns, 3),
});

Deno.test("the gradient in float64 is the derivative of the definition", () => {
  const columns = 2,
    clouds = 2,
    { x, style, upstream } = drawn(10, columns),
    { ofRows, ofStyle } = backward(x, style, upstream, columns, clouds);
  ok(errorOf(differences(x, upstream, (x) => forward(x, style, columns, clouds)), ofRows) < 1e-7);
  ok(errorOf(differences(style, upstream, (style) => forward(x, style, columns, clouds)), ofStyle) < 1e-7);
});

/** Around runs of 4 and slices of 32, and more than one workgroup. */
for (
  const [places, columns, clouds, epsilon] of [[5, 4, 1, undefined], [16, 8, 3, 0.5], [33, 4, 2, undefined], [
    100,
    64,
    2,
    undefined,
  ], [2049, 4, 2, undefined]] as const
) {
  gpuTest(`adain() and its gradient equal float64 on ${clouds} clouds of ${places} × ${columns}`, async (gpu) => {
    const { x, style: s, upstream: up } = drawn(clouds * places, columns);
    using rows = uploadRows(gpu, x, columns),
      style = uploadRows(gpu, s, 2 * columns),
      upstream = uploadRows(gpu, up, columns);
    using statistics = groupStatistics(gpu, { rows, groups: clouds });
    using output = adain(gpu, { rows, statistics, style, clouds, epsilon });
    using gradient = adainGradient(gpu, { upstream, rows, statistics, style, clouds, epsilon });
    deepEqual([output.count, output.columns, output.stride], [rows.count, columns, columns]);
    deepEqual([gradient.rows.count, gradient.rows.columns], [rows.count, columns]);
    deepEqual([gradient.style.count, gradient.style.columns], [rows.count, 2 * columns]);
    const want = backward(x, s, up, columns, clouds, epsilon);
    for (
      const [got, wanted] of [
        [output, forward(x, s, columns, clouds, epsilon)],
        [gradient.rows, want.ofRows],
        [gradient.style, want.ofStyle],
      ] as const
    ) {
      const error = errorOf(await valuesOf(gpu, got), wanted);
      ok(error <= 2e-6, `off by ${error}`);
    }
  });
}

gpuTest(
  "adain() and its gradient refuse operands that don't fit, and columns that leave a style's shift unaligned",
  (gpu) => {
    using rows = uploadRows(gpu, new Float32Array(24), 4), style = uploadRows(gpu, new Float32Array(48), 8);
    using statistics = uploadRows(gpu, new Float32Array(16), 4), one = uploadRows(gpu, new Float32Array(8), 4);
    const fits = { rows, statistics, style, clouds: 2 };
    for (
      const wrong of [{ clouds: 4 }, { clouds: 0 }, { clouds: 1 }, { statistics: one }, { style: rows }, { rows: one }]
    ) {
      throws(() => adain(gpu, { ...fits, ...wrong }), ShapeMismatch);
      throws(() => adainGradient(gpu, { upstream: rows, ...fits, ...wrong }), ShapeMismatch);
    }
    throws(() => adainGradient(gpu, { ...fits, upstream: one }), ShapeMismatch);
    using narrow = uploadRows(gpu, new Float32Array(12), 2),
      two = uploadRows(gpu, new Float32Array(4), 2),
      pair = uploadRows(gpu, new Float32Array(24), 4);
    throws(() => adain(gpu, { rows: narrow, statistics: two, style: pair, clouds: 1 }), ShapeMismatch);
  },
);

/** Columns of the golden cases, filled up to a whole vector. */
const WIDE = 8;

gpuTest("adain() and its gradient equal the golden case, style convolution included", async (gpu) => {
  const name = "adain", { channels, clouds } = golden(name, "in_x"), own = golden(name, "in_style").channels;
  const w = golden(name, "in_w").values, b = golden(name, "in_b").values, s = goldenRows(name, "in_style");
  const count = s.length / own, at = (o: number) => o < channels ? o : WIDE + o - channels; // column of output o in the padded style
  const styles = new Float64Array(count * 2 * WIDE);
  for (let i = 0; i < count; i++) {
    for (let o = 0; o < b.length; o++) {
      let sum = b[o];
      for (let c = 0; c < own; c++) sum += w[o * own + c] * s[i * own + c];
      styles[i * 2 * WIDE + at(o)] = sum;
    }
  }
  using rows = uploadRows(gpu, goldenRows(name, "in_x", WIDE), WIDE),
    upstream = uploadRows(gpu, goldenRows(name, "up", WIDE), WIDE);
  using style = uploadRows(gpu, styles, 2 * WIDE), statistics = groupStatistics(gpu, { rows, groups: clouds });
  using output = adain(gpu, { rows, statistics, style, clouds });
  using gradient = adainGradient(gpu, { upstream, rows, statistics, style, clouds });
  const g = await valuesOf(gpu, gradient.style);
  const ofW = new Float64Array(w.length), ofB = new Float64Array(b.length), ofStyle = new Float64Array(s.length);
  for (let i = 0; i < count; i++) {
    for (let o = 0; o < b.length; o++) {
      const v = g[i * 2 * WIDE + at(o)];
      ofB[o] += v;
      for (let c = 0; c < own; c++) {
        ofW[o * own + c] += v * s[i * own + c];
        ofStyle[i * own + c] += v * w[o * own + c];
      }
    }
  }
  for (
    const [got, want] of [
      [await valuesOf(gpu, output), goldenRows(name, "out", WIDE)],
      [await valuesOf(gpu, gradient.rows), goldenRows(name, "grad_x", WIDE)],
      [ofStyle, goldenRows(name, "grad_style")],
      [ofW, golden(name, "grad_w").values],
      [ofB, golden(name, "grad_b").values],
    ] as const
  ) {
    const error = errorOf(got, want);
    ok(error <= 2e-6, `off by ${error}`);
  }
}, { ignore: !goldenIsThere });

gpuTest("adain() with a scale of 1 and a shift of 0 equals the golden instance norm", async (gpu) => {
  const name = "instancenorm", { clouds } = golden(name, "in_x");
  using rows = uploadRows(gpu, goldenRows(name, "in_x", WIDE), WIDE),
    upstream = uploadRows(gpu, goldenRows(name, "up", WIDE), WIDE);
  using style = uploadRows(
    gpu,
    Array.from({ length: rows.count * 2 * WIDE }, (_, i) => i % (2 * WIDE) < WIDE ? 1 : 0),
    2 * WIDE,
  );
  using statistics = groupStatistics(gpu, { rows, groups: clouds });
  using output = adain(gpu, { rows, statistics, style, clouds });
  using gradient = adainGradient(gpu, { upstream, rows, statistics, style, clouds });
  for (const [got, array] of [[output, "out"], [gradient.rows, "grad_x"]] as const) {
    const error = errorOf(await valuesOf(gpu, got), goldenRows(name, array, WIDE));
    ok(error <= 2e-6, `${array}: off by ${error}`);
  }
}, { ignore: !goldenIsThere });
