/**
 * The published extractor: a coarse grid of patches, a greedy memory bank, the distance to it. @module
 *
 * Source: Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022, with the patches of Horwitz and Hoshen,
 * "Back to the Feature" (2023).
 */
import {
  type FittedExtractor,
  type ModelFolder,
  type Prepared,
  randomStream,
  type Run,
  type ScanSource,
  type ScoreMap,
  stage,
  throwIfAborted,
  TooFewScans,
} from "../../core/mod.ts";
import {
  type Coreset,
  gaussianBlur,
  type GpuBuffer,
  greedyCoreset,
  nearestRow,
  pillowBlur,
  poolPatches,
  resizeBilinear,
  type Rows,
} from "../../kernels/mod.ts";
import { collectRows, type RowBlocks } from "./collect.ts";
import type { BankOptions } from "./options.ts";
import { type HostBank, reweightedScore } from "./scan_score.ts";
import { paddedRows, tightRows } from "./row_tensors.ts";

/** Turns a scan into one row a point. */
export type DescribePoints = (scan: Prepared, run: Run) => Promise<Rows>;

/** @throws {MemoryBudgetExceeded} @throws {TooFewScans} @throws {RunAborted} */
export async function fitCoarse(
  source: ScanSource,
  columns: number,
  describe: DescribePoints,
  options: BankOptions,
  run: Run,
): Promise<FittedExtractor> {
  const plan = { rowsPerScan: options.cells ** 2, columns, mostRows: options.mostRows, ratio: options.ratio };
  using rows = await collectRows(source, plan, (scan) => describePatches(scan, describe, options, run), run);
  if (rows.count === 0) throw new TooFewScans(0, 1, "fit a memory bank");
  using chosen = await stage(run, "coreset", () => choose(rows, options, run));
  return fitted(await readBank(chosen.rows, run), describe, options, run);
}

/** Opens what the fitted extractor saved. @throws {ModelRefused} */
export function loadCoarse(model: ModelFolder, describe: DescribePoints, options: BankOptions, run: Run) {
  return fitted(paddedRows(model.tensor("bank")), describe, options, run);
}

/** Pooled rows of one scan, `cells²` of them. */
async function describePatches(
  scan: Prepared,
  describe: DescribePoints,
  { cells, pooling }: BankOptions,
  run: Run,
): Promise<Rows> {
  using rows = await describe(scan, run);
  const form = pooling === "masked" ? "masked" : "zeros";
  return poolPatches(run.gpu, { rows, pointOf: scan.pointOf, size: scan.frame.size, cells, form });
}

function fitted(bank: HostBank, describe: DescribePoints, options: BankOptions, { gpu }: Run): FittedExtractor {
  const values = gpu.upload("f32", bank.values as Float32Array<ArrayBuffer>);
  const rows: Rows = { ...bank, values, [Symbol.dispose]: () => values[Symbol.dispose]() };
  return {
    facts: { bankRows: bank.count },
    score: (scan, run) =>
      scorePatches(scan, rows, bank, options, (prepared) => describePatches(prepared, describe, options, run), run),
    save(model) {
      model.putTensor("bank", tightRows(bank));
      return Promise.resolve();
    },
    [Symbol.dispose]: () => rows[Symbol.dispose](),
  };
}

/** The rows that the bank keeps. */
function choose(rows: RowBlocks, { ratio, start }: BankOptions, run: Run): Promise<Coreset> {
  const picks = Math.max(1, Math.floor(ratio * rows.count));
  const first = start === "first" ? 0 : randomStream(run.seed, "patchcore/start").integer(rows.count);
  const onStep = (done: number) => {
    throwIfAborted(run);
    run.progress("choosing the memory bank", done, picks);
  };
  return greedyCoreset(run.gpu, { rows: rows.blocks, picks, first, onStep });
}

/** One read-back: the whole bank, which the scan score and the model file need on the host. */
async function readBank(bank: Rows, { gpu }: Run): Promise<HostBank> {
  return {
    values: await gpu.read(bank.values, bank.count * bank.stride),
    count: bank.count,
    columns: bank.columns,
    stride: bank.stride,
  };
}

/** Read back, in one wait: the map, and with `reweighted` the patches with their nearest rows. */
async function scorePatches(
  scan: Prepared,
  rows: Rows,
  bank: HostBank,
  options: BankOptions,
  describe: (scan: Prepared) => Promise<Rows>,
  run: Run,
): Promise<ScoreMap> {
  const { gpu } = run, { size } = scan.frame, { cells } = options;
  using patches = await stage(run, "features", () => describe(scan));
  using found = nearestRow(gpu, { queries: patches, bank: rows });
  using large = resizeBilinear(gpu, {
    values: found.distances,
    from: [cells, cells],
    to: [size, size],
    squared: options.distance === "squared",
  });
  using map = smooth(large, size, options, run);
  const reweighted = options.score === "reweighted";
  const [values, distances, indices, features] = await stage(run, "bank", () =>
    Promise.all([
      gpu.read(map),
      reweighted ? gpu.read(found.distances) : undefined,
      reweighted ? gpu.read(found.indices) : undefined,
      reweighted ? gpu.read(patches.values) : undefined,
    ]));
  if (!distances || !indices || !features) return { size, values, score: largestOf(values) };
  const worst = distances.indexOf(largestOf(distances));
  const patch = features.subarray(worst * patches.stride, worst * patches.stride + patches.columns);
  return { size, values, score: reweightedScore(bank, patch, indices[worst], distances[worst]) };
}

function smooth(
  map: GpuBuffer<"f32">,
  size: number,
  { smoothing, sigma }: BankOptions,
  { gpu }: Run,
): GpuBuffer<"f32"> {
  switch (smoothing) {
    case "gaussian":
      return gaussianBlur(gpu, { values: map, width: size, height: size, sigma, edge: "repeat" });
    case "pillow":
      return pillowBlur(gpu, { values: map, width: size, height: size });
    case "none": {
      const same = gpu.buffer("f32", map.length);
      gpu.copy(map, same);
      return same;
    }
  }
}

const largestOf = (values: ArrayLike<number>) =>
  Array.prototype.reduce.call(values, (most, value) => Math.max(most as number, value as number), -Infinity) as number;
