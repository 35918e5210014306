import { deepEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { batchNorm, batchNormGradient, batchNormSums } from "./batch_norm.ts";
import { groupStatistics } from "./group_statistics.ts";
import { scattered } from "./nearest_row_reference.ts";
import { errorOf, goldenIsThere } from "../tests/golden_arrays.ts";
import { differences, golden, goldenRows, momentsOf, valuesOf } from "../tests/norm_reference.ts";
import { PART_STEP, ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

/** A column's means and variances; without them those of the batch. */
type Given = { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> } | undefined;

/** What norm and rectifier are by definition, in float64. */
class Definition {
  readonly columns: number;

  constructor(
    readonly weight: ArrayLike<number>,
    readonly bias: ArrayLike<number>,
    readonly slope: number,
    readonly epsilon: number,
    readonly given: Given,
  ) {
    this.columns = weight.length;
  }

  #normal(x: ArrayLike<number>) {
    const { mean, variance } = this.given ?? momentsOf(x, this.columns, 0, x.length / this.columns);
    const deviation = Array.from(variance, (v) => Math.sqrt(v + this.epsilon));
    return {
      deviation,
      hat: Float64Array.from(x, (v, i) => (v - mean[i % this.columns]) / deviation[i % this.columns]),
    };
  }

  forward(x: ArrayLike<number>): Float64Array {
    return this.#normal(x).hat.map((hat, i) => {
      const y = this.weight[i % this.columns] * hat + this.bias[i % this.columns];
      return y > 0 ? y : this.slope * y;
    });
  }

  gradient(x: ArrayLike<number>, upstream: ArrayLike<number>) {
    const { columns, weight, given } = this, { deviation, hat } = this.#normal(x), y = this.forward(x);
    const g = Float64Array.from(y, (v, i) => upstream[i] * (v > 0 ? 1 : this.slope)), count = x.length / columns;
    const ofWeight = new Float64Array(columns), ofBias = new Float64Array(columns);
    g.forEach((v, i) => {
      ofWeight[i % columns] += v * hat[i];
      ofBias[i % columns] += v;
    });
    const ofRows = g.map((v, i) => {
      const c = i % columns, through = given ? 0 : ofBias[c] / count + hat[i] * ofWeight[c] / count;
      return weight[c] / deviation[c] * (v - through);
    });
    const largest = g.reduce(
      (most, v, i) => Math.max(most, Math.abs(weight[i % columns] / deviation[i % columns] * v)),
      0,
    );
    return { ofRows, ofWeight, ofBias, largest };
  }
}

/** Rows with columns of different spread, their weights and statistics that are not theirs. */
function drawn(count: number, columns: number) {
  return {
    x: scattered(count * columns, 1).map((v, i) => v * (1 + i % 3) + 2 * (i % columns)),
    upstream: scattered(count * columns, 2),
    weight: scattered(columns, 3).map((v) => v / 4),
    bias: scattered(columns, 4).map((v) => v / 8),
    given: { mean: scattered(columns, 5), variance: scattered(columns, 6).map((v) => 1 + Math.abs(v)) },
  };
}

Deno.test("the gradient in float64 is the derivative of the definition", () => {
  const { x, upstream, weight, bias, given } = drawn(9, 3);
  for (const statistics of [undefined, given]) {
    const norm = new Definition(weight, bias, 0.2, 1e-5, statistics),
      { ofRows, ofWeight, ofBias } = norm.gradient(x, upstream);
    const close = (a: ArrayLike<number>, b: ArrayLike<number>) => ok(errorOf(a, b) < 1e-7, `${errorOf(a, b)}`);
    close(differences(x, upstream, (x) => norm.forward(x)), ofRows);
    close(
      differences(weight, upstream, (weight) => new Definition(weight, bias, 0.2, 1e-5, statistics).forward(x)),
      ofWeight,
    );
    close(
      differences(bias, upstream, (bias) => new Definition(weight, bias, 0.2, 1e-5, statistics).forward(x)),
      ofBias,
    );
  }
});

/** One row, few rows, around runs of 4 and slices of 32, columns that fill no vector, and more than one workgroup. */
for (
  const [count, columns, slope] of [[2, 1, 0.01], [4, 6, 0.2], [17, 4, 0], [33, 7, 1], [65, 64, 0.01], [
    3001,
    5,
    0.2,
  ]] as const
) {
  for (const frozen of [false, true]) {
    const said = `${count} × ${columns}, slope ${slope}, ${frozen ? "given" : "own"} statistics`;
    gpuTest(`batchNorm() and its gradient equal float64: ${said}`, async (gpu) => {
      const { x, upstream: up, weight: w, bias: b, given } = drawn(count, columns), epsilon = frozen ? 0.3 : undefined;
      const norm = new Definition(w, b, slope, epsilon ?? 1e-5, frozen ? given : undefined),
        before = scattered(2 * columns, 9);
      using rows = uploadRows(gpu, x, columns), upstream = uploadRows(gpu, up, columns);
      using weight = uploadRows(gpu, w, columns), bias = uploadRows(gpu, b, columns);
      using statistics = frozen
        ? uploadRows(gpu, [...given.mean, ...given.variance], columns)
        : groupStatistics(gpu, { rows });
      using output = batchNorm(gpu, { rows, statistics, weight, bias, slope, epsilon });
      using weightInto = uploadRows(gpu, before.subarray(0, columns), columns);
      using biasInto = uploadRows(gpu, before.subarray(columns), columns);
      using gradient = batchNormGradient(gpu, {
        ...{ upstream, rows, output, statistics, weight, slope, epsilon, frozen, weightInto, biasInto },
      });
      deepEqual([gradient.count, gradient.columns, gradient.stride], [count, columns, rows.stride]);
      const want = norm.gradient(x, up);
      const close = async (name: string, got: typeof rows, want: ArrayLike<number>) => {
        const error = errorOf(await valuesOf(gpu, got), want);
        ok(error <= 2e-6, `${name}: off by ${error}`);
      };
      await close("output", output, norm.forward(x));
      // the terms of the rows' gradient cancel, for two rows almost wholly, so what rounds is of the largest term's size
      const gradients = await valuesOf(gpu, gradient),
        off = Math.max(...gradients.map((v, i) => Math.abs(v - want.ofRows[i])));
      ok(off <= 2e-6 * want.largest, `rows: off by ${off} of ${want.largest}`);
      await close("weight", weightInto, want.ofWeight.map((v, c) => v + before[c]));
      await close("bias", biasInto, want.ofBias.map((v, c) => v + before[columns + c]));
    });
  }
}

gpuTest("batchNormGradient() gives the same rows where weight and bias are not asked for", async (gpu) => {
  const count = 40, columns = 6, { x, upstream: up, weight: w, bias: b } = drawn(count, columns), slope = 0.01;
  using rows = uploadRows(gpu, x, columns), upstream = uploadRows(gpu, up, columns);
  using weight = uploadRows(gpu, w, columns),
    bias = uploadRows(gpu, b, columns),
    statistics = groupStatistics(gpu, { rows });
  using output = batchNorm(gpu, { rows, statistics, weight, bias, slope });
  for (const frozen of [false, true]) {
    const request = { upstream, rows, output, statistics, weight, slope, frozen };
    using biasInto = uploadRows(gpu, new Float32Array(columns), columns);
    using alone = batchNormGradient(gpu, request), both = batchNormGradient(gpu, { ...request, biasInto });
    deepEqual(await valuesOf(gpu, alone), await valuesOf(gpu, both));
    ok((await valuesOf(gpu, biasInto)).every((v) => v !== 0));
  }
});

gpuTest("batchNormGradient() of parts, with the sums of all, equals that of the whole batch", async (gpu) => {
  const count = 70, columns = 6, cut = 40, slope = 0.2, { x, upstream: up, weight: w, bias: b } = drawn(count, columns);
  const norm = new Definition(w, b, slope, 1e-5, undefined), want = norm.gradient(x, up);
  using rows = uploadRows(gpu, x, columns), statistics = groupStatistics(gpu, { rows });
  using weight = uploadRows(gpu, w, columns), bias = uploadRows(gpu, b, columns);
  using owned = new DisposableStack();
  const parts = [[0, cut], [cut, count]].map(([first, end]) => {
    const part = (values: ArrayLike<number>) =>
      owned.use(uploadRows(gpu, Array.from(values).slice(first * columns, end * columns), columns));
    const of = { rows: part(x), statistics, slope };
    return { ...of, upstream: part(up), output: owned.use(batchNorm(gpu, { ...of, weight, bias })) };
  });
  const ofParts = await Promise.all(parts.map((part) => valuesOf(gpu, owned.use(batchNormSums(gpu, part)))));
  const all = ofParts[0].map((v, i) => v + ofParts[1][i]);
  ok(errorOf(all, [...want.ofWeight, ...want.ofBias]) <= 2e-6);
  using sums = uploadRows(gpu, all, columns), weightInto = uploadRows(gpu, new Float32Array(columns), columns);
  const whole = { sums, count }, got: number[] = [];
  for (const [i, part] of parts.entries()) {
    const into = i === 0 ? { weightInto } : {};
    using gradient = batchNormGradient(gpu, { ...part, weight, frozen: false, whole, ...into });
    got.push(...await valuesOf(gpu, gradient));
  }
  ok(Math.max(...got.map((v, i) => Math.abs(v - want.ofRows[i]))) <= 2e-6 * want.largest);
  ok(errorOf(await valuesOf(gpu, weightInto), want.ofWeight) <= 2e-6, "the weight's gradient is the whole batch's");
});

gpuTest(
  "batchNorm() and its gradient take parts of one buffer for parameters, and of another for gradients",
  async (gpu) => {
    const count = 20,
      columns = 5,
      { x, upstream: up, weight: w, bias: b } = drawn(count, columns),
      slope = 0.2,
      norm = new Definition(w, b, slope, 1e-5, undefined);
    const packed = new Float32Array(2 * PART_STEP);
    packed.set(w);
    packed.set(b, PART_STEP);
    using parameters = gpu.upload("f32", packed), gradients = gpu.zeros("f32", 2 * PART_STEP);
    const part = (of: typeof parameters, row: number) => ({
      ...{ values: gpu.part(of, row * PART_STEP, 8), count: 1, columns, stride: 8 },
      [Symbol.dispose]: () => {},
    });
    using rows = uploadRows(gpu, x, columns),
      upstream = uploadRows(gpu, up, columns),
      statistics = groupStatistics(gpu, { rows });
    const weight = part(parameters, 0),
      bias = part(parameters, 1),
      weightInto = part(gradients, 0),
      biasInto = part(gradients, 1);
    using output = batchNorm(gpu, { rows, statistics, weight, bias, slope });
    using _gradient = batchNormGradient(gpu, {
      upstream,
      rows,
      output,
      statistics,
      weight,
      slope,
      frozen: false,
      weightInto,
      biasInto,
    });
    const want = norm.gradient(x, up), got = await gpu.read(gradients);
    ok(errorOf(await valuesOf(gpu, output), norm.forward(x)) <= 2e-6);
    ok(errorOf(got.subarray(0, columns), want.ofWeight) <= 2e-6);
    ok(errorOf(got.subarray(PART_STEP, PART_STEP + columns), want.ofBias) <= 2e-6);
    ok(got.every((v, i) => i % PART_STEP < columns || v === 0), "written past a row");
  },
);

gpuTest("batchNormGradient() takes 0 for the slope's side of the kink", async (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3, 4], 1), upstream = uploadRows(gpu, [8, 8, 8, 8], 1);
  using statistics = uploadRows(gpu, [2, 0.75], 1), weight = uploadRows(gpu, [1], 1), bias = uploadRows(gpu, [0], 1);
  using output = batchNorm(gpu, { rows, statistics, weight, bias, slope: 0.25, epsilon: 0.25 });
  using gradient = batchNormGradient(gpu, {
    upstream,
    rows,
    output,
    statistics,
    weight,
    slope: 0.25,
    epsilon: 0.25,
    frozen: true,
  });
  deepEqual([...await valuesOf(gpu, output)], [-0.25, 0, 1, 2]);
  deepEqual([...await valuesOf(gpu, gradient)], [2, 2, 8, 8]);
});

gpuTest("batchNorm() and its gradient refuse operands that don't fit", (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 2),
    two = uploadRows(gpu, [1, 2, 3, 4], 2),
    one = uploadRows(gpu, [1, 2], 2);
  using wide = uploadRows(gpu, [1, 2, 3], 3);
  const slope = 0.2, frozen = false;
  const fits = { rows, statistics: two, weight: one, bias: one, slope };
  for (const wrong of [{ statistics: one }, { weight: two }, { bias: wide }]) {
    throws(() => batchNorm(gpu, { ...fits, ...wrong }), ShapeMismatch);
  }
  const back = { upstream: rows, rows, output: rows, statistics: two, weight: one, slope, frozen };
  for (
    const wrong of [{ upstream: two }, { output: two }, { statistics: one }, { weight: wide }, { weightInto: two }, {
      biasInto: wide,
    }, { whole: { sums: one, count: 9 } }]
  ) {
    throws(() => batchNormGradient(gpu, { ...back, ...wrong }), ShapeMismatch);
  }
  for (const wrong of [{ upstream: two }, { output: two }, { statistics: one }]) {
    throws(() => batchNormSums(gpu, { ...back, ...wrong }), ShapeMismatch);
  }
});

gpuTest("batchNorm() and its gradient give no rows for none", async (gpu) => {
  using rows = uploadRows(gpu, [], 2), statistics = uploadRows(gpu, [1, 2, 3, 4], 2), one = uploadRows(gpu, [1, 2], 2);
  const slope = 0.2;
  using weightInto = uploadRows(gpu, [3, 4], 2);
  using output = batchNorm(gpu, { rows, statistics, weight: one, bias: one, slope });
  using gradient = batchNormGradient(gpu, {
    upstream: rows,
    rows,
    output,
    statistics,
    weight: one,
    slope,
    frozen: false,
    weightInto,
  });
  deepEqual([output.count, gradient.count, ...await valuesOf(gpu, weightInto)], [0, 0, 3, 4]);
});

for (const name of ["batchnorm_train", "batchnorm1d_train", "batchnorm_eval"]) {
  gpuTest(`batchNorm() and its gradient equal golden ${name}`, async (gpu) => {
    const columns = golden(name, "in_x").channels,
      frozen = name.endsWith("eval"),
      parameter = (array: string) => golden(name, array).values;
    using rows = uploadRows(gpu, goldenRows(name, "in_x"), columns),
      upstream = uploadRows(gpu, goldenRows(name, "up"), columns);
    using weight = uploadRows(gpu, parameter("in_gamma"), columns),
      bias = uploadRows(gpu, parameter("in_beta"), columns);
    using statistics = frozen
      ? uploadRows(gpu, [...parameter("const_rm"), ...parameter("const_rv")], columns)
      : groupStatistics(gpu, { rows });
    using weightInto = uploadRows(gpu, new Float32Array(columns), columns),
      biasInto = uploadRows(gpu, new Float32Array(columns), columns);
    using output = batchNorm(gpu, { rows, statistics, weight, bias, slope: 1 });
    using gradient = batchNormGradient(gpu, {
      upstream,
      rows,
      output,
      statistics,
      weight,
      slope: 1,
      frozen,
      weightInto,
      biasInto,
    });
    for (
      const [got, want] of [
        [output, goldenRows(name, "out")],
        [gradient, goldenRows(name, "grad_x")],
        [weightInto, parameter("grad_gamma")],
        [biasInto, parameter("grad_beta")],
      ] as const
    ) {
      const error = errorOf(await valuesOf(gpu, got), want);
      ok(error <= 2e-6, `off by ${error}`);
    }
  }, { ignore: !goldenIsThere });
}
