/** Self-tests of the kernels that compare rows or points with each other. @module */
import { randomStream } from "../../core/mod.ts";
import { dbscan, gatherRows, greedyCoreset, nearestNeighbours, nearestRow, uploadRows } from "../../kernels/mod.ts";
import { equal, type KernelSelfTest, readRows, ROOT, within, worstOf } from "./verdict.ts";

/** Whole numbers below 16: float32 has their squares and sums exactly, and there are many ties. */
function wholeRows(count: number, columns: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, name);
  return Float32Array.from({ length: count * columns }, () => random.integer(16));
}

const squaredDistance = (a: Float32Array, i: number, b: Float32Array, j: number, columns: number): number => {
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += (a[i * columns + c] - b[j * columns + c]) ** 2;
  return sum;
};

/** The k nearest of each query by (distance, index). */
function nearestOf(queries: Float32Array, bank: Float32Array, columns: number, k: number) {
  const count = queries.length / columns, rows = bank.length / columns;
  const squares = new Float64Array(count * k).fill(Infinity), indices = new Uint32Array(count * k);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < rows; j++) {
      const square = squaredDistance(queries, i, bank, j, columns);
      let place = (i + 1) * k;
      for (; place > i * k && square < squares[place - 1]; place--) { // strict: of equal ones the earlier stays in front
        if (place === (i + 1) * k) continue;
        squares[place] = squares[place - 1];
        indices[place] = indices[place - 1];
      }
      if (place === (i + 1) * k) continue;
      squares[place] = square;
      indices[place] = j;
    }
  }
  return { squares, indices };
}

const neighboursOfPoints: KernelSelfTest = {
  kernel: "nearestNeighbours",
  async run(gpu) {
    const count = 1300, k = 8, points = wholeRows(count, 3, "points"), padded = new Float32Array(4 * count);
    points.set([1000, 1000, 1000], 0); // far from all others
    for (let i = 0; i < count; i++) padded.set(points.subarray(3 * i, 3 * i + 3), 4 * i);
    using values = gpu.upload("f32", padded);
    using found = nearestNeighbours(gpu, { cloud: { values, count }, k });
    const [squares, indices] = await Promise.all([gpu.read(found.squaredDistances), gpu.read(found.indices)]);
    const want = nearestOf(points, points, 3, k);
    return worstOf([equal(squares, want.squares), equal(indices, want.indices)]);
  },
};

const nearestBankRow: KernelSelfTest = {
  kernel: "nearestRow",
  async run(gpu) {
    const columns = 7, a = wholeRows(70, columns, "queries"), b = wholeRows(500, columns, "bank");
    using queries = uploadRows(gpu, a, columns), bank = uploadRows(gpu, b, columns);
    using found = nearestRow(gpu, { queries, bank });
    const [distances, indices] = await Promise.all([gpu.read(found.distances), gpu.read(found.indices)]);
    const want = nearestOf(a, b, columns, 1), roots = want.squares.map(Math.sqrt);
    return worstOf([equal(indices, want.indices), within(distances, roots, ROOT * Math.max(...roots))]);
  },
};

const coreset: KernelSelfTest = {
  kernel: "greedyCoreset",
  async run(gpu) {
    const columns = 6, count = 400, picks = 60, values = wholeRows(count, columns, "bank");
    const order = [5], distances = [0], least = new Float64Array(count).fill(Infinity);
    while (order.length < picks) {
      const last = order[order.length - 1];
      let best = -1;
      for (let i = 0; i < count; i++) {
        least[i] = Math.min(least[i], squaredDistance(values, i, values, last, columns));
        if (!order.includes(i) && (best < 0 || least[i] > least[best])) best = i;
      }
      order.push(best);
      distances.push(Math.sqrt(least[best]));
    }
    using rows = uploadRows(gpu, values, columns), found = await greedyCoreset(gpu, { rows, picks, first: order[0] });
    const [indices, got] = await Promise.all([gpu.read(found.indices), gpu.read(found.distances)]);
    return worstOf([equal(indices, order), within(got, distances, ROOT * Math.max(...distances))]);
  },
};

const gathered: KernelSelfTest = {
  kernel: "gatherRows",
  async run(gpu) {
    const columns = 6, values = wholeRows(100, columns, "rows"), wanted = Uint32Array.of(99, 0, 7, 7, 64);
    using rows = uploadRows(gpu, values, columns), indices = gpu.upload("u32", wanted);
    using found = gatherRows(gpu, { rows, indices });
    const want = [...wanted].flatMap((i) => [...values.subarray(i * columns, (i + 1) * columns)]);
    return equal(await readRows(gpu, found), want);
  },
};

const clusters: KernelSelfTest = {
  kernel: "dbscan",
  async run(gpu) {
    const radius = 2, random = randomStream(0, "clusters"), count = 300, values = new Float32Array(4 * count);
    // two squares full of points, thinner towards their rims, and points between them
    for (let i = 0; i < count; i++) {
      const side = () => Math.round(random.uniform() ** 2 * 12);
      values.set(i < 290 ? [i % 2 * 20 + side(), side(), 0] : [random.integer(40), random.integer(40), 0], 4 * i);
    }
    const at = (i: number) => values.subarray(4 * i, 4 * i + 3);
    const near = Array.from(
      { length: count },
      (_, i) => [...new Array(count).keys()].filter((j) => squaredDistance(at(i), 0, at(j), 0, 3) <= radius ** 2),
    );
    const isCore = near.map(({ length }) => length >= 6), labels = new Array<number>(count).fill(-1);
    const spread = (i: number, label: number): void => {
      labels[i] = label;
      if (isCore[i]) { for (const j of near[i]) if (labels[j] < 0) spread(j, label); }
    };
    for (let i = 0, label = 0; i < count; i++) if (isCore[i] && labels[i] < 0) spread(i, label++);
    using points = gpu.upload("f32", values), found = dbscan(gpu, { points, count, radius, leastPoints: 6 });
    const [got, core] = await Promise.all([gpu.read(found.labels), gpu.read(found.core)]);
    return worstOf([equal(got, labels), equal(core, isCore.map(Number))]);
  },
};

/** Tests of searching, picking, gathering and clustering; all exact but for square roots. */
export const neighbourSelfTests: readonly KernelSelfTest[] = [
  neighboursOfPoints,
  nearestBankRow,
  coreset,
  gathered,
  clusters,
];
