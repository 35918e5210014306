/**
 * Mean and variance of columns: what batch norm and instance norm divide by. @module
 *
 * Of n rows of a group, a column has μ = Σ x / n and the biased variance v = Σ (x − μ)² / n. Both are made in one pass: blocks of eight rows
 * have their own mean and squared deviations, and merge by T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise
 * algorithm for computing sample variances", 1979: with δ = μ_b − μ_a, μ = μ_a + δ·n_b/n and M = M_a + M_b + δ²·n_a·n_b/n. A mean far from 0
 * takes no digits from the variance, as it does from the difference of two means of squares.
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { slicesOf } from "./slice_sums.ts";

/** Cost: a number is read once; it is added, and its deviation squared and added. */
export const groupStatisticsCost = (
  count: number,
  columns: number,
  groups: number,
): { flops: number; bytes: number } => ({
  flops: 4 * count * columns,
  bytes: 4 * columns * (count + 2 * groups),
});

const ofSlices = defineKernel({
  name: "group-statistics",
  workgroup: 64,
  bindings: { rows: "read vec4f", moments: "read_write vec4f" },
  sizes: { count: "u32", groups: "u32", slices: "u32", span: "u32", quads: "u32", divisor: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x % sizes.quads;
      let part = thread.x / sizes.quads;
      if (part >= sizes.groups * sizes.slices) { return; }
      let start = part % sizes.slices * sizes.span;
      let end = min(start + sizes.span, sizes.count);
      var at = (part / sizes.slices * sizes.count + start) * sizes.quads + quad;
      var row = start;
      var seen = 0.0;
      var mean = vec4f();
      var squares = vec4f(); // of deviations
      for (; row + 8u <= end; row += 8u) {
        var x: array<vec4f, 8>;
        for (var r = 0u; r < 8u; r++) {
          x[r] = rows[at];
          at += sizes.quads;
        }
        let blockMean = (((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]))) * 0.125; // exact where all are equal
        for (var r = 0u; r < 8u; r++) {
          let off = x[r] - blockMean;
          squares += off * off;
        }
        let apart = blockMean - mean;
        let share = 8.0 / (seen + 8.0);
        mean += apart * share;
        squares += apart * apart * (seen * share);
        seen += 8.0;
      }
      for (; row < end; row++) {
        let apart = rows[at] - mean;
        at += sizes.quads;
        let share = 1.0 / (seen + 1.0);
        mean += apart * share;
        squares += apart * apart * (seen * share);
        seen += 1.0;
      }
      moments[2u * part * sizes.quads + quad] = mean;
      moments[(2u * part + 1u) * sizes.quads + quad] = squares / sizes.divisor;
    }`,
});

const merge = defineKernel({
  name: "merge-statistics",
  workgroup: 64,
  bindings: { moments: "read vec4f", statistics: "read_write vec4f" },
  sizes: { count: "u32", groups: "u32", slices: "u32", span: "u32", quads: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x % sizes.quads;
      let group = thread.x / sizes.quads;
      if (group >= sizes.groups) { return; }
      var at = 2u * group * sizes.slices * sizes.quads + quad;
      var mean = moments[at];
      var squares = moments[at + sizes.quads];
      var seen = f32(sizes.span); // the first slice is whole
      for (var slice = 1u; slice < sizes.slices; slice++) {
        at += 2u * sizes.quads;
        let own = f32(min(sizes.span, sizes.count - slice * sizes.span));
        let apart = moments[at] - mean;
        let share = own / (seen + own);
        mean += apart * share;
        squares += moments[at + sizes.quads] + apart * apart * (seen * share);
        seen += own;
      }
      statistics[2u * group * sizes.quads + quad] = mean;
      statistics[(2u * group + 1u) * sizes.quads + quad] = squares / f32(sizes.count);
    }`,
});

/**
 * Mean and biased variance of each column over each of `groups` runs of equally many rows, `2·groups × columns`: row 2g has the means of run
 * g, row 2g + 1 its variances. Reads nothing back.
 * @throws {ShapeMismatch} for no rows, or rows that don't fall into so many groups
 * @throws {GpuOutOfMemory}
 */
export function groupStatistics(
  gpu: Gpu,
  { rows, groups = 1 }: { readonly rows: Rows; readonly groups?: number },
): Rows {
  const { columns, stride } = rows, count = rows.count / groups, quads = stride / 4;
  if (!(Number.isInteger(groups) && Number.isInteger(count) && count > 0)) {
    throw new ShapeMismatch("group-statistics", `rows in ${groups} equal groups`, `${rows.count} rows`);
  }
  using owned = new DisposableStack();
  const statistics = owned.use(gpu.buffer("f32", 2 * groups * stride));
  const { span, slices } = slicesOf(count), single = slices === 1; // one slice has the statistics at once
  using moments = single ? undefined : gpu.buffer("f32", 2 * groups * slices * stride);
  ofSlices.dispatch(gpu, {
    buffers: { rows: rows.values, moments: moments ?? statistics },
    sizes: { count, groups, slices, span, quads, divisor: single ? count : 1 },
    constants: {},
    threads: groups * slices * quads,
  });
  if (moments) {
    merge.dispatch(gpu, {
      buffers: { moments, statistics },
      sizes: { count, groups, slices, span, quads },
      constants: {},
      threads: groups * quads,
    });
  }
  const kept = owned.move();
  return { values: statistics, count: 2 * groups, columns, stride, [Symbol.dispose]: () => kept.dispose() };
}

/** Cost: a row of a group is read once, and eight operations merge it. */
export const mergeStatisticsCost = (groups: number, columns: number): { flops: number; bytes: number } => ({
  flops: 8 * groups * columns,
  bytes: 8 * columns * (groups + 1),
});

/**
 * Mean and biased variance of each column over all rows, `2 × columns`, from those of groups of equally many rows, `2·groups × columns` as
 * {@linkcode groupStatistics} gives them. Reads nothing back. @throws {ShapeMismatch} @throws {GpuOutOfMemory}
 */
export function mergeStatistics(
  gpu: Gpu,
  { statistics: { values, count, columns, stride } }: { readonly statistics: Rows },
): Rows {
  const groups = count / 2, quads = stride / 4;
  if (!(Number.isInteger(groups) && groups > 0)) {
    throw new ShapeMismatch("merge-statistics", "two rows a group", `${count} rows`);
  }
  const statistics = gpu.buffer("f32", 2 * stride);
  // a group weighs 1, so that its variance is its sum of squared deviations
  merge.dispatch(gpu, {
    buffers: { moments: values, statistics },
    sizes: { count: groups, groups: 1, slices: groups, span: 1, quads },
    constants: {},
    threads: quads,
  });
  return { values: statistics, count: 2, columns, stride, [Symbol.dispose]: () => statistics[Symbol.dispose]() };
}

/** Cost: a multiplication or two and an addition a number. */
export const updateRunningCost = (columns: number): { flops: number; bytes: number } => ({
  flops: 7 * columns,
  bytes: 24 * columns,
});

const update = defineKernel({
  name: "update-running",
  workgroup: 64,
  bindings: { statistics: "read vec4f", running: "read_write vec4f" },
  sizes: { quads: "u32", momentum: "f32", unbiased: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= 2u * sizes.quads) { return; }
      let factor = select(sizes.unbiased, 1.0, thread.x < sizes.quads);
      running[thread.x] = (1.0 - sizes.momentum) * running[thread.x] + sizes.momentum * (factor * statistics[thread.x]);
    }`,
});

/** What {@linkcode updateRunning} needs. */
export interface UpdateRunningRequest {
  /** `2 × columns`: running means, then running variances. Changed in place. */
  readonly running: Rows;
  /** `2 × columns`, of {@linkcode groupStatistics}. */
  readonly statistics: Rows;
  /** Rows that the statistics are of, two or more. */
  readonly count: number;
  /** Share of the new statistics. */
  readonly momentum?: number;
}

/**
 * Moves running statistics towards those of a batch: running ← (1 − momentum)·running + momentum·batch, where the batch's variance is the
 * unbiased one, v·n/(n − 1). Reads nothing back.
 * @throws {ShapeMismatch} for other than two rows of the same columns, or statistics of fewer than two rows, which have no unbiased variance
 */
export function updateRunning(
  gpu: Gpu,
  { running, statistics, count, momentum = 0.1 }: UpdateRunningRequest,
): void {
  const { columns, stride } = statistics;
  if (running.count !== 2 || statistics.count !== 2 || running.columns !== columns || running.stride !== stride) {
    const got = [running, statistics].map((rows) => `${rows.count} × ${rows.columns}`).join(" and ");
    throw new ShapeMismatch("update-running", `twice 2 × ${columns}`, got);
  }
  if (!(count >= 2)) throw new ShapeMismatch("update-running", "statistics of two rows or more", `of ${count}`);
  update.dispatch(gpu, {
    buffers: { statistics: statistics.values, running: running.values },
    sizes: { quads: stride / 4, momentum, unbiased: count / (count - 1) },
    constants: {},
    threads: 2 * stride / 4,
  });
}
