/** Self-tests of linear layers and of their gradients, in whole numbers: all exact. @module */
import { randomStream } from "../../core/mod.ts";
import {
  leakyReluGradient,
  linear,
  linearRowsGradient,
  linearWeightsGradient,
  sumRows,
  uploadRows,
} from "../../kernels/mod.ts";
import { equal, type KernelSelfTest, readRows } from "./verdict.ts";

/** More than one tile and more than one slice, and parts of one at the end. */
const COUNT = 150, COLUMNS = 21, OUTPUTS = 18, GROUPS = 3;

/** Whole numbers in −8 … 7: float32 has their products and sums exactly. */
function wholeNumbers(length: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, `self-test/layers/${name}`);
  return Float32Array.from({ length }, () => random.integer(16) - 8);
}

const x = wholeNumbers(COUNT * COLUMNS, "rows"), w = wholeNumbers(OUTPUTS * COLUMNS, "weights");
const upstreamValues = wholeNumbers(COUNT * OUTPUTS, "upstream"), b = wholeNumbers(GROUPS * OUTPUTS, "bias");

/** `count × columns` values of a formula, row after row. */
const table = (count: number, columns: number, value: (row: number, column: number) => number): number[] =>
  Array.from({ length: count * columns }, (_, at) => value(Math.floor(at / columns), at % columns));

/** Σ over `count` terms. */
function sumOf(count: number, term: (t: number) => number): number {
  let sum = 0;
  for (let t = 0; t < count; t++) sum += term(t);
  return sum;
}

const forward: KernelSelfTest = {
  kernel: "linear",
  async run(gpu) {
    using rows = uploadRows(gpu, x, COLUMNS), weights = uploadRows(gpu, w, COLUMNS), bias = uploadRows(gpu, b, OUTPUTS);
    using found = linear(gpu, { rows, weights, bias, slope: 0.25 });
    const want = table(COUNT, OUTPUTS, (i, o) => {
      const added = b[Math.floor(i / (COUNT / GROUPS)) * OUTPUTS + o];
      const t = sumOf(COLUMNS, (c) => x[i * COLUMNS + c] * w[o * COLUMNS + c]) + added;
      return t > 0 ? t : t / 4;
    });
    return equal(await readRows(gpu, found), want);
  },
};

const rowsGradient: KernelSelfTest = {
  kernel: "linearRowsGradient",
  async run(gpu) {
    using upstream = uploadRows(gpu, upstreamValues, OUTPUTS), weights = uploadRows(gpu, w, COLUMNS);
    using found = linearRowsGradient(gpu, { upstream, weights });
    const want = table(
      COUNT,
      COLUMNS,
      (i, c) => sumOf(OUTPUTS, (o) => upstreamValues[i * OUTPUTS + o] * w[o * COLUMNS + c]),
    );
    return equal(await readRows(gpu, found), want);
  },
};

const weightsGradient: KernelSelfTest = {
  kernel: "linearWeightsGradient",
  async run(gpu) {
    using upstream = uploadRows(gpu, upstreamValues, OUTPUTS), rows = uploadRows(gpu, x, COLUMNS);
    using into = uploadRows(gpu, w, COLUMNS);
    linearWeightsGradient(gpu, { upstream, rows, into });
    const want = table(
      OUTPUTS,
      COLUMNS,
      (o, c) => w[o * COLUMNS + c] + sumOf(COUNT, (i) => upstreamValues[i * OUTPUTS + o] * x[i * COLUMNS + c]),
    );
    return equal(await readRows(gpu, into), want);
  },
};

const rowSums: KernelSelfTest = {
  kernel: "sumRows",
  async run(gpu) {
    using rows = uploadRows(gpu, x, COLUMNS), found = sumRows(gpu, { rows, groups: GROUPS });
    const each = COUNT / GROUPS;
    const want = table(GROUPS, COLUMNS, (g, c) => sumOf(each, (i) => x[(g * each + i) * COLUMNS + c]));
    return equal(await readRows(gpu, found), want);
  },
};

const kink: KernelSelfTest = {
  kernel: "leakyReluGradient",
  async run(gpu) {
    const y = wholeNumbers(upstreamValues.length, "output");
    using upstream = uploadRows(gpu, upstreamValues, OUTPUTS), output = uploadRows(gpu, y, OUTPUTS);
    using found = leakyReluGradient(gpu, { upstream, output, slope: 0.25 });
    return equal(await readRows(gpu, found), upstreamValues.map((v, i) => y[i] > 0 ? v : v / 4));
  },
};

/** Tests of linear layers, their gradients and the gradient of their kink. */
export const layerSelfTests: readonly KernelSelfTest[] = [forward, rowsGradient, weightsGradient, rowSums, kink];
