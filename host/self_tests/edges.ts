/** Self-tests of the kernels that work along the edges of a graph of rows. @module */
import { randomStream } from "../../core/mod.ts";
import {
  edgeDifferences,
  edgeDifferencesGradient,
  featureNeighbours,
  gatherRows,
  inverseNeighbours,
  uploadRows,
  weighEdges,
  weighEdgesGradient,
} from "../../kernels/mod.ts";
import { equal, type KernelSelfTest, readRows, ROUNDING, within, worstOf } from "./verdict.ts";

const CLOUDS = 2, EACH = 75, PLACES = CLOUDS * EACH, COLUMNS = 8, K = 3, EDGES = PLACES * K;

/** Whole numbers below 16: float32 has their squares and sums exactly, and there are many ties. */
function wholeNumbers(length: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, `self-test/edges/${name}`);
  return Float32Array.from({ length }, () => random.integer(16));
}

/** The graph's nearest rows by (squared distance, number). */
function nearestIn(x: Float32Array): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: PLACES }, (_, i) => i).reduce((all, i) => {
    const first = i - i % EACH,
      squares = Array.from({ length: EACH }, (_, j) => {
        let sum = 0;
        for (let c = 0; c < COLUMNS; c++) sum += (x[i * COLUMNS + c] - x[(first + j) * COLUMNS + c]) ** 2;
        return { j: first + j, sum };
      });
    const others = squares.filter(({ j }) => j !== i).sort((a, b) => a.sum - b.sum || a.j - b.j);
    all.set(others.slice(0, K).map(({ j }) => j), i * K);
    return all;
  }, new Uint32Array(EDGES));
}

/** Any graph. */
function someGraph(): Uint32Array<ArrayBuffer> {
  const random = randomStream(0, "self-test/edges/graph");
  return Uint32Array.from({ length: EDGES }, () => random.integer(PLACES));
}

const nearest: KernelSelfTest = {
  kernel: "featureNeighbours",
  async run(gpu) {
    const x = wholeNumbers(PLACES * COLUMNS, "rows"), want = nearestIn(x);
    using rows = uploadRows(gpu, x, COLUMNS), indices = featureNeighbours(gpu, { rows, clouds: CLOUDS, k: K });
    using gathered = gatherRows(gpu, { rows, indices });
    const ofWant = [...want].flatMap((j) => [...x.subarray(j * COLUMNS, (j + 1) * COLUMNS)]);
    return worstOf([equal(await gpu.read(indices), want), equal(await readRows(gpu, gathered), ofWant)]);
  },
};

const inverse: KernelSelfTest = {
  kernel: "inverseNeighbours",
  async run(gpu) {
    const graph = someGraph(),
      x = wholeNumbers(EDGES, "edges"),
      lists = Array.from({ length: PLACES }, (): number[] => []);
    graph.forEach((row, edge) => lists[row].push(edge));
    const want = lists.flat(), starts = lists.map((_, row) => lists.slice(0, row).flat().length);
    using neighbours = gpu.upload("u32", graph), found = inverseNeighbours(gpu, { neighbours, rows: PLACES });
    using rows = uploadRows(gpu, x, 1), gathered = gatherRows(gpu, { rows, indices: found.edges });
    return worstOf([
      equal(await gpu.read(found.starts), [...starts, EDGES]),
      equal(await gpu.read(found.edges), want),
      equal(await readRows(gpu, gathered), want.map((edge) => x[edge])),
    ]);
  },
};

const differences: KernelSelfTest = {
  kernel: "edgeDifferences",
  async run(gpu) {
    const graph = someGraph(), x = wholeNumbers(PLACES * COLUMNS, "near"), y = wholeNumbers(PLACES * COLUMNS, "own");
    using near = uploadRows(gpu, x, COLUMNS), own = uploadRows(gpu, y, COLUMNS), neighbours = gpu.upload("u32", graph);
    using edges = edgeDifferences(gpu, { near, own, neighbours, k: K });
    const want = Array.from({ length: EDGES * COLUMNS }, (_, at) => {
      const edge = Math.floor(at / COLUMNS), c = at % COLUMNS, here = Math.floor(edge / K) * COLUMNS + c;
      return x[graph[edge] * COLUMNS + c] - x[here] + y[here];
    });
    return equal(await readRows(gpu, edges), want);
  },
};

const differencesGradient: KernelSelfTest = {
  kernel: "edgeDifferencesGradient",
  async run(gpu) {
    const graph = someGraph(), up = wholeNumbers(EDGES * COLUMNS, "upstream");
    using upstream = uploadRows(gpu, up, COLUMNS), neighbours = gpu.upload("u32", graph);
    using lists = inverseNeighbours(gpu, { neighbours, rows: PLACES });
    using found = edgeDifferencesGradient(gpu, { upstream, inverse: lists, k: K });
    const near = new Float32Array(PLACES * COLUMNS), own = new Float32Array(PLACES * COLUMNS);
    up.forEach((g, at) => {
      const edge = Math.floor(at / COLUMNS), c = at % COLUMNS, here = Math.floor(edge / K) * COLUMNS + c;
      near[graph[edge] * COLUMNS + c] += g;
      near[here] -= g;
      own[here] += g;
    });
    return worstOf([equal(await readRows(gpu, found.near), near), equal(await readRows(gpu, found.own), own)]);
  },
};

/** Logits in −2 … 2, values and a gradient of the result, and by them, in float64, the result and both gradients. */
function weighing() {
  const logits = wholeNumbers(EDGES * COLUMNS, "logits").map((a) => a / 4 - 2);
  const values = wholeNumbers(EDGES * COLUMNS, "values"), up = wholeNumbers(EDGES * COLUMNS, "weighed");
  const weighed = new Float64Array(EDGES * COLUMNS), ofLogits = weighed.slice(), ofValues = weighed.slice();
  for (let first = 0; first < EDGES * COLUMNS; first += K * COLUMNS) {
    for (let c = 0; c < COLUMNS; c++) {
      const at = Array.from({ length: K }, (_, m) => first + m * COLUMNS + c);
      const sum = at.reduce((total, e) => total + Math.exp(logits[e]), 0),
        weights = at.map((e) => Math.exp(logits[e]) / sum);
      const mean = at.reduce((total, e, m) => total + weights[m] * up[e] * values[e], 0);
      at.forEach((e, m) => {
        weighed[e] = values[e] * weights[m];
        ofValues[e] = up[e] * weights[m];
        ofLogits[e] = weights[m] * (up[e] * values[e] - mean);
      });
    }
  }
  return { logits, values, up, weighed, ofLogits, ofValues };
}

/** Relative error of a weight: WGSL allows exp 3 + 2·4 units in the last place, for one exponential and their sum, and a division 2.5. */
const WEIGHT = 2 * (11 + 11 + 2.5 + 4) * ROUNDING;

const weighed: KernelSelfTest = {
  kernel: "weighEdges",
  async run(gpu) {
    const { logits, values, weighed } = weighing();
    using a = uploadRows(gpu, logits, COLUMNS), v = uploadRows(gpu, values, COLUMNS);
    using found = weighEdges(gpu, { logits: a, values: v, k: K });
    return within(await readRows(gpu, found), weighed, 16 * WEIGHT);
  },
};

const weighedGradient: KernelSelfTest = {
  kernel: "weighEdgesGradient",
  async run(gpu) {
    const { logits, values, up, ofLogits, ofValues } = weighing();
    using a = uploadRows(gpu, logits, COLUMNS), v = uploadRows(gpu, values, COLUMNS);
    using upstream = uploadRows(gpu, up, K * COLUMNS);
    using found = weighEdgesGradient(gpu, { upstream, logits: a, values: v, k: K });
    return worstOf([
      within(await readRows(gpu, found.values), ofValues, 16 * WEIGHT),
      within(await readRows(gpu, found.logits), ofLogits, 3 * 256 * WEIGHT), // a weight, and one in each term of the mean
    ]);
  },
};

/** Tests of graphs, of differences along them and of weighing; exact but for those of weights. */
export const edgeSelfTests: readonly KernelSelfTest[] = [
  nearest,
  inverse,
  differences,
  differencesGradient,
  weighed,
  weighedGradient,
];
