/** Self-tests of the kernels that losses, their gradients and steps of training are made of. @module */
import { randomStream } from "../../core/mod.ts";
import {
  absoluteError,
  adam,
  chamferTerm,
  gatherPull,
  hyperbolicTangent,
  hyperbolicTangentGradient,
  markNearest,
  maxRows,
  maxRowsGradient,
  nearestPoints,
  squaredError,
  uploadRows,
} from "../../kernels/mod.ts";
import { equal, type KernelSelfTest, readRows, ROUNDING, within, worstOf } from "./verdict.ts";

/** Whole numbers in −8 … 7: float32 has their squares and sums exactly. */
function wholeNumbers(length: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, `self-test/losses/${name}`);
  return Float32Array.from({ length }, () => random.integer(16) - 8);
}

const CLOUDS = 3, EACH = 100, COLUMNS = 5;

/** Where the greatest value of each column and cloud stands first. */
const greatest = (x: Float32Array) =>
  Array.from({ length: CLOUDS * COLUMNS }, (_, at) => {
    const first = Math.floor(at / COLUMNS) * EACH, valueOf = (row: number) => x[row * COLUMNS + at % COLUMNS];
    let best = first;
    for (let row = first; row < first + EACH; row++) if (valueOf(row) > valueOf(best)) best = row;
    return best;
  });

const pooled: KernelSelfTest = {
  kernel: "maxRows",
  async run(gpu) {
    const x = wholeNumbers(CLOUDS * EACH * COLUMNS, "pooled");
    using rows = uploadRows(gpu, x, COLUMNS), found = maxRows(gpu, { rows, clouds: CLOUDS });
    return equal(await readRows(gpu, found.values), greatest(x).map((row, at) => x[row * COLUMNS + at % COLUMNS]));
  },
};

const pooledGradient: KernelSelfTest = {
  kernel: "maxRowsGradient",
  async run(gpu) {
    const x = wholeNumbers(CLOUDS * EACH * COLUMNS, "pooled"), up = wholeNumbers(CLOUDS * COLUMNS, "upstream");
    using rows = uploadRows(gpu, x, COLUMNS), upstream = uploadRows(gpu, up, COLUMNS);
    using found = maxRows(gpu, { rows, clouds: CLOUDS });
    using gradient = maxRowsGradient(gpu, { upstream, indices: found.indices, count: rows.count });
    const want = new Float32Array(x.length);
    greatest(x).forEach((row, at) => want[row * COLUMNS + at % COLUMNS] = up[at]);
    return equal(await readRows(gpu, gradient), want);
  },
};

/** What WGSL allows exp, which is most of the tangent's error. */
const TANGENT = 20 * ROUNDING;

const tangent: KernelSelfTest = {
  kernel: "hyperbolicTangent",
  async run(gpu) {
    const x = wholeNumbers(60, "tangent").map((v) => v / 4);
    using rows = uploadRows(gpu, x, 3), output = hyperbolicTangent(gpu, { rows });
    return within(await readRows(gpu, output), x.map(Math.tanh), TANGENT);
  },
};

const tangentGradient: KernelSelfTest = {
  kernel: "hyperbolicTangentGradient",
  async run(gpu) {
    const y = wholeNumbers(60, "tangent").map((v) => v / 8), up = wholeNumbers(60, "upstream");
    using output = uploadRows(gpu, y, 3), upstream = uploadRows(gpu, up, 3);
    using gradient = hyperbolicTangentGradient(gpu, { upstream, output });
    return equal(await readRows(gpu, gradient), up.map((v, i) => v * (1 - y[i] ** 2)));
  },
};

const scored: KernelSelfTest = {
  kernel: "squaredError",
  async run(gpu) {
    const y = wholeNumbers(8, "scores");
    using scores = uploadRows(gpu, y, 1), into = gpu.upload("f32", Float32Array.of(1, 2));
    using gradient = squaredError(gpu, { scores, goal: 1, weight: 0.5, into, at: 1 });
    const [slopes, losses] = await Promise.all([readRows(gpu, gradient), gpu.read(into)]);
    const loss = y.reduce((sum, v) => sum + (v - 1) ** 2, 0) / 16;
    return worstOf([equal(slopes, y.map((v) => (v - 1) / 8)), equal(losses, [1, 2 + loss])]);
  },
};

const apart: KernelSelfTest = {
  kernel: "absoluteError",
  async run(gpu) {
    const x = wholeNumbers(16, "feature"), g = wholeNumbers(16, "feature-goal");
    using rows = uploadRows(gpu, x, 8), goal = uploadRows(gpu, g, 8), into = gpu.upload("f32", Float32Array.of(1, 2));
    using gradient = absoluteError(gpu, { rows, goal, weight: 0.5, into, at: 1 });
    const [slopes, losses] = await Promise.all([readRows(gpu, gradient), gpu.read(into)]);
    const loss = x.reduce((sum, v, i) => sum + Math.abs(v - g[i]), 0) / 32;
    return worstOf([equal(slopes, x.map((v, i) => Math.sign(v - g[i]) / 32)), equal(losses, [1, 2 + loss])]);
  },
};

const optimised: KernelSelfTest = {
  kernel: "adam",
  async run(gpu) {
    const start = wholeNumbers(50, "parameters"), slopes = wholeNumbers(50, "gradients");
    using parameters = gpu.upload("f32", start), gradients = gpu.upload("f32", slopes);
    using first = gpu.zeros("f32", 50), second = gpu.zeros("f32", 50);
    adam(gpu, { parameters, gradients, first, second, rate: 0.1, beta1: 0.5, beta2: 0.99, step: 1 });
    const [moved, left] = await Promise.all([gpu.read(parameters), gpu.read(gradients)]);
    // a first step is as long as the rate, or nothing
    return worstOf([
      within(moved, start.map((v, i) => v - 0.1 * Math.sign(slopes[i])), 20 * ROUNDING),
      equal(left, slopes.map(() => 0)),
    ]);
  },
};

const A = 70, B = 90;

/** Two clouds of points, and the three nearest of b to each of a, by (square, number). */
function clouds() {
  const a = wholeNumbers(3 * A, "a"), b = wholeNumbers(3 * B, "b");
  const square = (i: number, j: number) => [0, 1, 2].reduce((sum, c) => sum + (a[3 * i + c] - b[3 * j + c]) ** 2, 0);
  const near = Array.from(
    { length: A },
    (_, i) => Array.from({ length: B }, (_, j) => j).sort((j, k) => square(i, j) - square(i, k) || j - k).slice(0, 3),
  );
  return { a, b, near, square };
}

const nearest: KernelSelfTest = {
  kernel: "nearestPoints",
  async run(gpu) {
    const { a, b, near, square } = clouds();
    using queries = uploadRows(gpu, a, 3), points = uploadRows(gpu, b, 3);
    using found = nearestPoints(gpu, { queries, points, k: 3 });
    const [indices, squared] = await Promise.all([gpu.read(found.indices), gpu.read(found.squared)]);
    return worstOf([
      equal(indices, near.flat()),
      equal(squared, near.flatMap((list, i) => list.map((j) => square(i, j)))),
    ]);
  },
};

const term: KernelSelfTest = {
  kernel: "chamferTerm",
  async run(gpu) {
    const { a, b, near, square } = clouds();
    using rowsA = uploadRows(gpu, a, 3), rowsB = uploadRows(gpu, b, 3), into = gpu.zeros("f32", 1);
    using indices = gpu.upload("u32", Uint32Array.from(near.flat()));
    const request = { a: rowsA, b: rowsB, indices, form: "squared", dimensions: 3, weight: 0.5, into, at: 0 } as const;
    using gradient = chamferTerm(gpu, request);
    const [slopes, losses] = await Promise.all([readRows(gpu, gradient), gpu.read(into)]);
    return worstOf([
      equal(slopes, a.map((v, at) => v - b[3 * near[Math.floor(at / 3)][0] + at % 3])),
      equal(losses, [near.reduce((sum, list, i) => sum + square(i, list[0]) / 2, 0)]),
    ]);
  },
};

const pulled: KernelSelfTest = {
  kernel: "gatherPull",
  async run(gpu) {
    const { a, near } = clouds(), want = new Float32Array(3 * B), starts = new Uint32Array(B + 1);
    const edges = Array.from({ length: A }, (_, i) => i).sort((i, j) => near[i][0] - near[j][0] || i - j);
    for (let j = 0; j < B; j++) starts[j + 1] = starts[j] + near.filter((list) => list[0] === j).length;
    near.forEach((list, i) => [0, 1, 2].forEach((c) => want[3 * list[0] + c] -= a[3 * i + c]));
    using gradients = uploadRows(gpu, a, 3), startsOf = gpu.upload("u32", starts);
    using edgesOf = gpu.upload("u32", Uint32Array.from(edges));
    using pull = gatherPull(gpu, { gradients, inverse: { starts: startsOf, edges: edgesOf }, count: B });
    return equal(await readRows(gpu, pull), want);
  },
};

const marked: KernelSelfTest = {
  kernel: "markNearest",
  async run(gpu) {
    const { a, near } = clouds(), named = new Set(near.flat());
    using indices = gpu.upload("u32", Uint32Array.from(near.flat())), kept = markNearest(gpu, { indices, count: B });
    // seen in a term: the marked of b, moved by one, are what has a gradient
    using rowsB = uploadRows(gpu, new Float32Array(3 * B).fill(1), 3), zero = uploadRows(gpu, a.subarray(0, 3), 3);
    using to = gpu.zeros("u32", B), into = gpu.zeros("f32", 1);
    const request = { a: rowsB, b: zero, indices: to, kept, form: "squared", dimensions: 3, weight: 0.5 } as const;
    using gradient = chamferTerm(gpu, { ...request, into, at: 0 });
    const slopes = await readRows(gpu, gradient);
    return equal(slopes, slopes.map((_, at) => named.has(Math.floor(at / 3)) ? 1 - a[at % 3] : 0));
  },
};

/** Tests of pooling, the last activation, the losses and the optimiser; exact but for exponentials and roots. */
export const lossSelfTests: readonly KernelSelfTest[] = [
  pooled,
  pooledGradient,
  tangent,
  tangentGradient,
  scored,
  apart,
  optimised,
  nearest,
  term,
  pulled,
  marked,
];
