/**
 * PatchCore over any descriptor: a memory bank of normal patches, and the distance to it. @module
 *
 * Source: Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022, with the patches of Horwitz and Hoshen,
 * "Back to the Feature" (2023).
 */
import type { z } from "zod";
import {
  type Descriptor,
  type Extractor,
  type FittedExtractor,
  type OptionsSchema,
  type Prepared,
  randomStream,
  type Run,
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
  strideOf,
} from "../../kernels/mod.ts";
import { collectRows, type RowBlocks } from "./collect.ts";
import { type BankOptions, bankOptions, bankPresets } from "./options.ts";
import { type HostBank, reweightedScore } from "./scan_score.ts";

export type { BankOptions } from "./options.ts";

/** Options of the extractor: the descriptor's own under `descriptor`, and the bank's. */
export type PatchCoreOptions<O> = BankOptions & { readonly descriptor: O };

/** Makes an extractor of a descriptor; presets of the same names are joined. */
export function patchCore<O>({ descriptor }: { readonly descriptor: Descriptor<O> }): Extractor<PatchCoreOptions<O>> {
  const descriptorOptions = descriptor.options as z.ZodType<O>; // plugins' schemas are zod's
  const options = bankOptions.extend({ descriptor: descriptorOptions }) as unknown as OptionsSchema<
    PatchCoreOptions<O>
  >;
  const presets = Object.fromEntries(
    Object.entries(bankPresets).filter(([name]) => name in descriptor.presets).map((
      [name, bank],
    ) => [name, { ...bank, descriptor: descriptor.presets[name] }]),
  );

  /** Pooled rows of one scan, `cells²` of them. */
  const describePatches = async (
    scan: Prepared,
    { descriptor: own, cells, pooling }: PatchCoreOptions<O>,
    run: Run,
  ): Promise<Rows> => {
    using rows = await descriptor.describe(scan, own, run);
    return poolPatches(run.gpu, { rows, pointOf: scan.pointOf, size: scan.frame.size, cells, form: pooling });
  };

  return {
    kind: "extractor",
    name: descriptor.name,
    version: descriptor.version,
    api: 1,
    options,
    presets,

    /** @throws {MemoryBudgetExceeded} @throws {TooFewScans} @throws {RunAborted} */
    async fit(source, options, run) {
      const columns = descriptor.columns(options.descriptor);
      const plan = { rowsPerScan: options.cells ** 2, columns, mostRows: options.mostRows, ratio: options.ratio };
      using rows = await collectRows(source, plan, (scan) => describePatches(scan, options, run), run);
      if (rows.count === 0) throw new TooFewScans(0, 1, "fit a memory bank");
      using chosen = await stage(run, "coreset", () => choose(rows, options, run));
      return fitted(await readBank(chosen.rows, run), options, run);
    },

    load(model, options, run) {
      const { shape, values } = model.tensor("bank");
      const columns = shape[1], stride = strideOf(columns);
      const padded = new Float32Array(shape[0] * stride);
      for (let row = 0; row < shape[0]; row++) {
        padded.set(values.subarray(row * columns, (row + 1) * columns) as Float32Array, row * stride);
      }
      return Promise.resolve(fitted({ values: padded, count: shape[0], columns, stride }, options, run));
    },
  };

  function fitted(bank: HostBank, options: PatchCoreOptions<O>, { gpu }: Run): FittedExtractor {
    const values = gpu.upload("f32", bank.values as Float32Array<ArrayBuffer>);
    const rows: Rows = { ...bank, values, [Symbol.dispose]: () => values[Symbol.dispose]() };
    return {
      facts: { bankRows: bank.count },
      score: (scan, run) =>
        scorePatches(scan, rows, bank, options, (prepared) => describePatches(prepared, options, run), run),
      save(model) {
        const { count, columns, stride } = bank;
        const tight = new Float32Array(count * columns);
        for (let row = 0; row < count; row++) {
          tight.set(bank.values.subarray(row * stride, row * stride + columns), row * columns);
        }
        model.putTensor("bank", { shape: [count, columns], values: tight });
        return Promise.resolve();
      },
      [Symbol.dispose]: () => rows[Symbol.dispose](),
    };
  }
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
