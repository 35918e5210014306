/** Self-tests of a linear layer whose outputs are pooled at once, and of its gradients: in whole numbers, but for the norm. @module */
import { randomStream } from "../../core/mod.ts";
import {
  linearExtremes,
  linearStatistics,
  pooledNorm,
  pooledNormGradient,
  pooledRowsGradient,
  pooledWeightsGradient,
  uploadRows,
} from "../../kernels/mod.ts";
import { equal, type KernelSelfTest, readRows, ROOT, within, worstOf } from "./verdict.ts";

/** More than one tile and one slice, and parts of a tile at the end; the rows are a power of 2, so that their shares are exact. */
const CLOUDS = 2, EACH = 128, COUNT = CLOUDS * EACH, COLUMNS = 9, OUTPUTS = 18;

/** Whole numbers in −4 … 3: float32 has sums of products of three of them exactly. */
function wholeNumbers(length: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, `self-test/pooled/${name}`);
  return Float32Array.from({ length }, () => random.integer(8) - 4);
}

const w = wholeNumbers(OUTPUTS * COLUMNS, "weights"), b = wholeNumbers(OUTPUTS, "bias");
const directionValues = wholeNumbers(OUTPUTS, "directions");

/** Rows of which each second is the one before it, mirrored at 3: the mean is 3, at once and in all parts. */
const offsets = wholeNumbers(COUNT * COLUMNS, "rows").map((_, at, all) => {
  const mirrored = Math.floor(at / COLUMNS) % 2 === 1;
  return mirrored ? -all[at - COLUMNS] : all[at];
});
const x = offsets.map((v) => v + 3);

/** Σ over `count` terms. */
function sumOf(count: number, term: (t: number) => number): number {
  let sum = 0;
  for (let t = 0; t < count; t++) sum += term(t);
  return sum;
}

/** w_o · (row i), of rows. */
const along = (rows: ArrayLike<number>, i: number, o: number) =>
  sumOf(COLUMNS, (c) => rows[i * COLUMNS + c] * w[o * COLUMNS + c]);

/** For each cloud and output, the first row furthest in its direction. */
const places = Array.from({ length: CLOUDS * OUTPUTS }, (_, e) => {
  const first = Math.floor(e / OUTPUTS) * EACH, o = e % OUTPUTS, sign = Math.sign(directionValues[o]);
  let best = first;
  for (let i = first; i < first + EACH; i++) if (sign * along(x, i, o) > sign * along(x, best, o)) best = i;
  return best;
});

const extremes: KernelSelfTest = {
  kernel: "linearExtremes",
  async run(gpu) {
    using rows = uploadRows(gpu, x, COLUMNS), weights = uploadRows(gpu, w, COLUMNS), bias = uploadRows(gpu, b, OUTPUTS);
    using directions = uploadRows(gpu, directionValues, OUTPUTS);
    using found = linearExtremes(gpu, { rows, weights, directions, bias, clouds: CLOUDS });
    const stride = found.values.stride, indices = await gpu.read(found.indices);
    const values = equal(
      await readRows(gpu, found.values),
      places.map((i, e) => along(x, i, e % OUTPUTS) + b[e % OUTPUTS]),
    );
    return worstOf([values, equal(indices.filter((_, at) => at % stride < OUTPUTS), places)]);
  },
};

/** P times the covariance of each output with each column. */
const covarianceValues = Float64Array.from({ length: OUTPUTS * COLUMNS }, (_, at) => {
  return sumOf(COUNT, (i) => along(offsets, i, Math.floor(at / COLUMNS)) * offsets[i * COLUMNS + at % COLUMNS]);
});

const statistics: KernelSelfTest = {
  kernel: "linearStatistics",
  async run(gpu) {
    using rows = uploadRows(gpu, x, COLUMNS), weights = uploadRows(gpu, w, COLUMNS), bias = uploadRows(gpu, b, OUTPUTS);
    using found = linearStatistics(gpu, { rows, weights, bias });
    const want = Array.from({ length: 2 * OUTPUTS }, (_, at) => {
      const o = at % OUTPUTS;
      if (at < OUTPUTS) return 3 * sumOf(COLUMNS, (c) => w[o * COLUMNS + c]) + b[o];
      return sumOf(COUNT, (i) => along(offsets, i, o) ** 2) / COUNT;
    });
    return worstOf([
      equal(await readRows(gpu, found.statistics), want),
      equal(await readRows(gpu, found.centred), offsets),
      equal(await readRows(gpu, found.covariances), covarianceValues),
    ]);
  },
};

/** A norm of which 1 / √(v + ε) is ½ but for a root's error, with its extremes. */
const norm = {
  slope: 0.25,
  epsilon: 1,
  y: wholeNumbers(CLOUDS * OUTPUTS, "extremes"),
  weights: wholeNumbers(OUTPUTS, "norm-weight"),
  bias: wholeNumbers(OUTPUTS, "norm-bias").map((v) => v + 0.125), // so that nothing is at the kink
  statistics: Float32Array.from({ length: 2 * OUTPUTS }, (_, at) => at < OUTPUTS ? 1 : 3),
};
const hat = norm.y.map((v) => (v - 1) / 2);
const beforeKink = hat.map((v, e) => norm.weights[e % OUTPUTS] * v + norm.bias[e % OUTPUTS]);

const pooling: KernelSelfTest = {
  kernel: "pooledNorm",
  async run(gpu) {
    const { slope, epsilon } = norm, upload = (values: Float32Array) => uploadRows(gpu, values, OUTPUTS);
    using rows = upload(norm.y),
      values = upload(norm.statistics),
      weight = upload(norm.weights),
      bias = upload(norm.bias);
    const of = { extremes: rows, centred: false, statistics: values, weight, bias, slope, epsilon };
    using found = pooledNorm(gpu, of);
    return within(await readRows(gpu, found), beforeKink.map((v) => v > 0 ? v : slope * v), 16 * ROOT);
  },
};

const poolingGradient: KernelSelfTest = {
  kernel: "pooledNormGradient",
  async run(gpu) {
    const { slope, epsilon } = norm, upload = (values: Float32Array) => uploadRows(gpu, values, OUTPUTS);
    const up = wholeNumbers(norm.y.length, "upstream"), h = up.map((v, e) => beforeKink[e] > 0 ? v : slope * v);
    using rows = upload(norm.y), values = upload(norm.statistics), weight = upload(norm.weights);
    using output = upload(beforeKink), upstream = upload(up);
    using weightInto = upload(new Float32Array(OUTPUTS)), biasInto = upload(new Float32Array(OUTPUTS));
    using found = pooledNormGradient(gpu, {
      ...{ upstream, extremes: rows, centred: false, output, statistics: values, weight, slope, epsilon },
      weightInto,
      biasInto,
    });
    const sums = (term: (e: number) => number) =>
      Float32Array.from({ length: OUTPUTS }, (_, o) => sumOf(CLOUDS, (cloud) => term(cloud * OUTPUTS + o)));
    const ofWeight = sums((e) => h[e] * hat[e]), ofBias = sums((e) => h[e]);
    const close = async (got: typeof rows, want: Float32Array, size: number) =>
      within(await readRows(gpu, got), want, size * ROOT);
    return worstOf([
      await close(found.pulls, h.map((v, e) => norm.weights[e % OUTPUTS] / 2 * v), 8),
      await close(found.totals, ofBias.map((v, o) => norm.weights[o] / 2 * v), 16),
      await close(found.leans, ofWeight.map((v, o) => norm.weights[o] / 4 * v), 2 * 40),
      await close(weightInto, ofWeight, 40),
      await close(biasInto, ofBias, 0),
    ]);
  },
};

/** What arrives at the extremes: whole numbers, and whole shares of all rows. */
const pullValues = wholeNumbers(CLOUDS * OUTPUTS, "pulls");
const totalValues = wholeNumbers(OUTPUTS, "totals").map((v) => COUNT * v);
const leanValues = wholeNumbers(OUTPUTS, "leans").map((v) => COUNT * v);

const weightsGradient: KernelSelfTest = {
  kernel: "pooledWeightsGradient",
  async run(gpu) {
    using owned = new DisposableStack();
    const upload = (values: ArrayLike<number>, columns: number) => owned.use(uploadRows(gpu, values, columns));
    const rows = upload(offsets, COLUMNS), weights = upload(w, COLUMNS), into = upload(w, COLUMNS);
    const directions = upload(directionValues, OUTPUTS), covariances = upload(covarianceValues, COLUMNS);
    const pulls = upload(pullValues, OUTPUTS),
      totals = upload(totalValues, OUTPUTS),
      leans = upload(leanValues, OUTPUTS);
    using found = linearExtremes(gpu, { rows, weights, directions, clouds: CLOUDS });
    const gradient = { pulls, totals, leans, [Symbol.dispose]: () => {} };
    pooledWeightsGradient(gpu, { gradient, extremes: found, rows, covariances, into });
    const want = Array.from(w, (v, at) => {
      const o = Math.floor(at / COLUMNS), c = at % COLUMNS;
      const pulled = sumOf(CLOUDS, (cloud) => {
        const e = cloud * OUTPUTS + o;
        return pullValues[e] * offsets[places[e] * COLUMNS + c];
      });
      return v + pulled - leanValues[o] / COUNT * covarianceValues[at];
    });
    return equal(await readRows(gpu, into), want);
  },
};

const rowsGradient: KernelSelfTest = {
  kernel: "pooledRowsGradient",
  async run(gpu) {
    using owned = new DisposableStack();
    const upload = (values: ArrayLike<number>, columns: number) => owned.use(uploadRows(gpu, values, columns));
    const rows = upload(offsets, COLUMNS), weights = upload(w, COLUMNS), directions = upload(directionValues, OUTPUTS);
    const pulls = upload(pullValues, OUTPUTS),
      totals = upload(totalValues, OUTPUTS),
      leans = upload(leanValues, OUTPUTS);
    using found = linearExtremes(gpu, { rows, weights, directions, clouds: CLOUDS });
    const gradient = { pulls, totals, leans, [Symbol.dispose]: () => {} };
    using result = pooledRowsGradient(gpu, { gradient, extremes: found, rows, weights, frozen: false });
    const want = Array.from(offsets, (_, at) => {
      const i = Math.floor(at / COLUMNS), c = at % COLUMNS;
      const pulled = sumOf(places.length, (e) => places[e] === i ? pullValues[e] * w[e % OUTPUTS * COLUMNS + c] : 0);
      const back = sumOf(
        OUTPUTS,
        (o) => (totalValues[o] + leanValues[o] * along(offsets, i, o)) / COUNT * w[o * COLUMNS + c],
      );
      return pulled - back;
    });
    return equal(await readRows(gpu, result), want);
  },
};

/** Tests of a layer's extremes and statistics, of the norm of the extremes, and of all gradients. */
export const pooledSelfTests: readonly KernelSelfTest[] = [
  extremes,
  statistics,
  pooling,
  poolingGradient,
  weightsGradient,
  rowsGradient,
];
