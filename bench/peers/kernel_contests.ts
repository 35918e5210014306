/** Single kernels against Open3D, SciPy and PyTorch. @module */
import {
  fpfhSizes,
  type Gpu,
  greedyCoreset,
  nearestNeighbours,
  nearestRow,
  type Rows,
  strideOf,
} from "../../kernels/mod.ts";
import type { Contest } from "./contest.ts";
import { type Inputs, type Matrix, padded } from "./inputs.ts";
import type { Peer } from "./peer_process.ts";

/** Picks of the greedy choice, and how many are asked for to see how long all would take. */
const PICKS = 2000, PROBE_PICKS = 200;

/** A peer's repetition may take this long; beyond it a part is measured and the rest computed. */
const MOST_SECONDS = 60;

/** All contests of kernels. Ours includes the upload of the points or queries and the wait for the results. */
export async function kernelContests(inputs: Inputs, gpu: Gpu, peer: Peer): Promise<(Contest & Disposable)[]> {
  const { points } = inputs, cores = navigator.hardwareConcurrency;
  return [
    featureContest(points, gpu),
    neighbourContest("exact k-NN, k 100", 0.5, 100, cores, points, gpu),
    neighbourContest("exact k-NN, k 100, SciPy on one core", null, 100, 1, points, gpu),
    neighbourContest("exact k-NN, k 30", null, 30, cores, points, gpu),
    await coresetContest(inputs.rows, gpu, peer),
    nearestContest(inputs, gpu),
  ];
}

const nothing = { [Symbol.dispose]: () => {} };

function featureContest(points: Matrix, gpu: Gpu): Contest & Disposable {
  const wide = padded(points.values, 3, 4), { count } = points;
  const ours = async () => {
    using values = gpu.upload("f32", wide);
    const options = { normalK: 30, sizes: [100], orient: "none", form: "open3d" } as const;
    using made = fpfhSizes(gpu, { cloud: { values, count }, ...options });
    const { rows } = made;
    return spread(await gpu.read(rows.values, count * rows.stride), rows);
  };
  const task = { task: "features", points: points.file };
  return {
    name: "normals + FPFH, 7,500 points",
    target: 1,
    repetitions: 7,
    peerFactor: 1,
    round: () => ({ ours, task }),
    ...nothing,
  };
}

function neighbourContest(
  name: string,
  target: number | null,
  k: number,
  workers: number,
  points: Matrix,
  gpu: Gpu,
): Contest & Disposable {
  const wide = padded(points.values, 3, 4), { count } = points;
  const ours = async () => {
    using values = gpu.upload("f32", wide);
    using found = nearestNeighbours(gpu, { cloud: { values, count }, k });
    const [, squared] = await Promise.all([gpu.read(found.indices), gpu.read(found.squaredDistances)]);
    return () => mean(squared.map(Math.sqrt));
  };
  const task = { task: "neighbours", points: points.file, k, workers };
  return { name, target, repetitions: 7, peerFactor: 1, round: () => ({ ours, task }), ...nothing };
}

async function coresetContest(rows: Matrix, gpu: Gpu, peer: Peer): Promise<Contest & Disposable> {
  const task = { task: "coreset", rows: rows.file, columns: rows.columns };
  await peer.ask({ ...task, picks: 20 });
  const probe = await peer.ask({ ...task, picks: PROBE_PICKS });
  const factor = (PICKS - 1) / (PROBE_PICKS - 1);
  const part = "seconds" in probe && probe.seconds * factor > MOST_SECONDS;
  const picks = part ? PROBE_PICKS : PICKS;
  const resident = upload(rows, gpu);
  const ours = async () => {
    using chosen = await greedyCoreset(gpu, { rows: resident, picks: PICKS, first: 0 });
    const [, distances] = await Promise.all([gpu.read(chosen.indices), gpu.read(chosen.distances)]);
    return () => distances[picks - 1];
  };
  return {
    name: "greedy coreset 2,000 of 200,000 x 33" + (part ? " (the peer's time from 200 picks)" : ""),
    target: 3,
    repetitions: part ? 3 : 2,
    peerFactor: part ? factor : 1,
    warmUp: { ...task, picks: 20 },
    round: () => ({ ours, task: { ...task, picks } }),
    [Symbol.dispose]: () => resident[Symbol.dispose](),
  };
}

function nearestContest({ queries, bank }: Inputs, gpu: Gpu): Contest & Disposable {
  const resident = upload(bank, gpu);
  const ours = async () => {
    using asked = upload(queries, gpu);
    using found = nearestRow(gpu, { queries: asked, bank: resident });
    const [distances] = await Promise.all([
      gpu.read(found.distances, asked.count),
      gpu.read(found.indices, asked.count),
    ]);
    return () => mean(distances);
  };
  const task = { task: "nearest", queries: queries.file, bank: bank.file, columns: bank.columns };
  return {
    name: "nearest rows, 784 in 17,483 x 33",
    target: null,
    repetitions: 7,
    peerFactor: 1,
    round: () => ({ ours, task }),
    [Symbol.dispose]: () => resident[Symbol.dispose](),
  };
}

function upload({ values, count, columns }: Matrix, gpu: Gpu): Rows {
  const stride = strideOf(columns), buffer = gpu.upload("f32", padded(values, columns, stride));
  return { values: buffer, count, columns, stride, [Symbol.dispose]: () => buffer[Symbol.dispose]() };
}

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean distance of the values from their column's mean: the mean alone is the same for any FPFH. */
function spread(values: Float32Array, { count, columns, stride }: Pick<Rows, "count" | "columns" | "stride">) {
  return () => {
    let sum = 0;
    for (let column = 0; column < columns; column++) {
      const own = Float32Array.from({ length: count }, (_, row) => values[row * stride + column]), middle = mean(own);
      sum += own.reduce((total, value) => total + Math.abs(value - middle), 0);
    }
    return sum / (count * columns);
  };
}
