/** Self-tests of norms over batches and clouds, and of their gradients. @module */
import { randomStream } from "../../core/mod.ts";
import {
  adain,
  adainGradient,
  batchNorm,
  batchNormGradient,
  batchNormSums,
  type Gpu,
  groupStatistics,
  mergeStatistics,
  type Rows,
  updateRunning,
  uploadRows,
} from "../../kernels/mod.ts";
import { type KernelSelfTest, readRows, ROUNDING, within, worstOf } from "./verdict.ts";

/** Two clouds of 40 places: more than one run and one slice of rows in each. */
const COLUMNS = 8, CLOUDS = 2, PLACES = 40, COUNT = CLOUDS * PLACES;

const SLOPE = 0.25, EPSILON = 1e-5;

/** Numbers in −1 … 1 that float32 has. */
function drawn(count: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, `self-test/${name}`);
  return Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
}

/** What float32 rounds in chains of so many sums of numbers of this size, with room for a root and a division. */
const bound = (size: number) => (PLACES + 10) * ROUNDING * size;

/** Means and variances of each group of rows in float64, as the kernel lays them out. */
function statisticsOf(x: ArrayLike<number>, groups: number): Float64Array {
  const found = new Float64Array(2 * groups * COLUMNS), count = COUNT / groups;
  for (let at = 0; at < groups * COLUMNS; at++) {
    const g = Math.floor(at / COLUMNS), c = at % COLUMNS;
    const column = Array.from({ length: count }, (_, i) => x[(g * count + i) * COLUMNS + c]);
    const mean = column.reduce((sum, v) => sum + v, 0) / count;
    found[2 * g * COLUMNS + c] = mean;
    found[(2 * g + 1) * COLUMNS + c] = column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / count;
  }
  return found;
}

/** Rows without the means and deviations of their groups, and 1 / deviation beside each number. */
function normalised(x: ArrayLike<number>, groups: number) {
  const statistics = statisticsOf(x, groups), inverse = new Float64Array(x.length);
  const hat = Float64Array.from(x, (v, i) => {
    const at = 2 * Math.floor(i * groups / x.length) * COLUMNS + i % COLUMNS;
    inverse[i] = 1 / Math.sqrt(statistics[at + COLUMNS] + EPSILON);
    return (v - statistics[at]) * inverse[i];
  });
  return { hat, inverse };
}

/** The gradient at rows of which h is the gradient at their normalised values. */
function throughNorm(h: ArrayLike<number>, x: ArrayLike<number>, groups: number): Float64Array {
  const { hat, inverse } = normalised(x, groups), count = COUNT / groups;
  const column = (i: number) => Math.floor(i * groups / x.length) * COLUMNS + i % COLUMNS;
  const level = new Float64Array(groups * COLUMNS), along = new Float64Array(groups * COLUMNS);
  hat.forEach((v, i) => {
    level[column(i)] += h[i] / count;
    along[column(i)] += h[i] * v / count;
  });
  return hat.map((v, i) => inverse[i] * (h[i] - level[column(i)] - v * along[column(i)]));
}

const statistics: KernelSelfTest = {
  kernel: "groupStatistics",
  async run(gpu) {
    const x = drawn(COUNT * COLUMNS, "norm-rows");
    using rows = uploadRows(gpu, x, COLUMNS);
    using found = groupStatistics(gpu, { rows, groups: CLOUDS });
    return within(await readRows(gpu, found), statisticsOf(x, CLOUDS), bound(1));
  },
};

const merged: KernelSelfTest = {
  kernel: "mergeStatistics",
  async run(gpu) {
    const x = drawn(COUNT * COLUMNS, "norm-rows");
    using ofClouds = uploadRows(gpu, statisticsOf(x, CLOUDS), COLUMNS);
    using found = mergeStatistics(gpu, { statistics: ofClouds });
    return within(await readRows(gpu, found), statisticsOf(x, 1), bound(1));
  },
};

const running: KernelSelfTest = {
  kernel: "updateRunning",
  async run(gpu) {
    const old = drawn(2 * COLUMNS, "running"), batch = drawn(2 * COLUMNS, "batch");
    using values = uploadRows(gpu, old, COLUMNS), statistics = uploadRows(gpu, batch, COLUMNS);
    updateRunning(gpu, { running: values, statistics, count: 5, momentum: 0.25 });
    const want = old.map((v, i) => 0.75 * v + 0.25 * batch[i] * (i < COLUMNS ? 1 : 5 / 4));
    return within(await readRows(gpu, values), want, 4 * ROUNDING);
  },
};

/** A batch on the GPU, normalised with its own statistics; values in float64 beside it. */
function batchOf(gpu: Gpu, owned: DisposableStack) {
  const x = drawn(COUNT * COLUMNS, "norm-rows"), w = drawn(COLUMNS, "weight"), b = drawn(COLUMNS, "bias");
  const upload = (values: Float32Array) => owned.use(uploadRows(gpu, values, COLUMNS));
  const rows = upload(x), weight = upload(w), bias = upload(b), statistics = owned.use(groupStatistics(gpu, { rows }));
  const output = owned.use(batchNorm(gpu, { rows, statistics, weight, bias, slope: SLOPE, epsilon: EPSILON }));
  const { hat } = normalised(x, 1), linear = hat.map((v, i) => w[i % COLUMNS] * v + b[i % COLUMNS]);
  return { x, w, hat, linear, rows, weight, statistics, output };
}

const batch: KernelSelfTest = {
  kernel: "batchNorm",
  async run(gpu) {
    using owned = new DisposableStack();
    const { output, linear } = batchOf(gpu, owned);
    return within(await readRows(gpu, output), linear.map((v) => v > 0 ? v : SLOPE * v), bound(4));
  },
};

/** A gradient that arrives at that batch's output; what it is before the rectifier, and γ's and β's, in float64. */
function gradientOf(gpu: Gpu, owned: DisposableStack) {
  const { hat, linear, ...of } = batchOf(gpu, owned), up = drawn(of.x.length, "upstream");
  const g = linear.map((v, i) => up[i] * (v > 0 ? 1 : SLOPE));
  const ofWeight = new Float64Array(COLUMNS), ofBias = new Float64Array(COLUMNS);
  g.forEach((v, i) => {
    ofWeight[i % COLUMNS] += v * hat[i];
    ofBias[i % COLUMNS] += v;
  });
  return { ...of, upstream: owned.use(uploadRows(gpu, up, COLUMNS)), g, ofWeight, ofBias };
}

const sums: KernelSelfTest = {
  kernel: "batchNormSums",
  async run(gpu) {
    using owned = new DisposableStack();
    const { ofWeight, ofBias, ...request } = gradientOf(gpu, owned);
    using found = batchNormSums(gpu, { ...request, slope: SLOPE, epsilon: EPSILON });
    return within(await readRows(gpu, found), [...ofWeight, ...ofBias], bound(COUNT));
  },
};

const batchGradient: KernelSelfTest = {
  kernel: "batchNormGradient",
  async run(gpu) {
    using owned = new DisposableStack();
    const { x, w, upstream, g, ofWeight, ofBias, ...request } = gradientOf(gpu, owned);
    const upload = (values: Float32Array) => owned.use(uploadRows(gpu, values, COLUMNS));
    const weightInto = upload(new Float32Array(COLUMNS)), biasInto = upload(new Float32Array(COLUMNS));
    using found = batchNormGradient(gpu, {
      ...{ ...request, upstream, slope: SLOPE, epsilon: EPSILON, frozen: false, weightInto, biasInto },
    });
    const read = (rows: Rows) => readRows(gpu, rows);
    return worstOf([
      within(await read(found), throughNorm(g.map((v, i) => v * w[i % COLUMNS]), x, 1), bound(8)),
      within(await read(weightInto), ofWeight, bound(COUNT)),
      within(await read(biasInto), ofBias, bound(COUNT)),
    ]);
  },
};

/** Clouds and their styles on the GPU, with the values of both; number i of the rows has its γ at `at(i)` of the styles. */
function cloudsOf(gpu: Gpu, owned: DisposableStack) {
  const x = drawn(COUNT * COLUMNS, "norm-rows"), s = drawn(2 * x.length, "style");
  const rows = owned.use(uploadRows(gpu, x, COLUMNS)), style = owned.use(uploadRows(gpu, s, 2 * COLUMNS));
  const statistics = owned.use(groupStatistics(gpu, { rows, groups: CLOUDS }));
  const at = (i: number) => Math.floor(i / COLUMNS) * 2 * COLUMNS + i % COLUMNS;
  return { x, s, at, request: { rows, statistics, style, clouds: CLOUDS, epsilon: EPSILON } };
}

const styled: KernelSelfTest = {
  kernel: "adain",
  async run(gpu) {
    using owned = new DisposableStack();
    const { x, s, at, request } = cloudsOf(gpu, owned);
    using found = adain(gpu, request);
    const want = normalised(x, CLOUDS).hat.map((v, i) => s[at(i)] * v + s[at(i) + COLUMNS]);
    return within(await readRows(gpu, found), want, bound(4));
  },
};

const styledGradient: KernelSelfTest = {
  kernel: "adainGradient",
  async run(gpu) {
    using owned = new DisposableStack();
    const { x, s, at, request } = cloudsOf(gpu, owned), up = drawn(x.length, "upstream");
    using upstream = uploadRows(gpu, up, COLUMNS), found = adainGradient(gpu, { ...request, upstream });
    const { hat } = normalised(x, CLOUDS), ofStyle = new Float64Array(s.length);
    hat.forEach((v, i) => {
      ofStyle[at(i)] = up[i] * v;
      ofStyle[at(i) + COLUMNS] = up[i];
    });
    return worstOf([
      within(await readRows(gpu, found.rows), throughNorm(hat.map((_, i) => up[i] * s[at(i)]), x, CLOUDS), bound(8)),
      within(await readRows(gpu, found.style), ofStyle, bound(4)),
    ]);
  },
};

/** Tests of statistics, batch norm and adaptive instance norm. */
export const normSelfTests: readonly KernelSelfTest[] = [
  statistics,
  merged,
  running,
  batch,
  sums,
  batchGradient,
  styled,
  styledGradient,
];
