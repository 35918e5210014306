/**
 * Mean and variance of a linear layer's outputs over all rows, without the outputs: for a norm behind it. @module
 *
 * Of P rows x_p with mean m, the outputs y_po = w_o · x_p + b_o have the mean w_o · m + b_o and the biased variance w_oᵀ C w_o, with
 * P·C = Σ_p x̃_p x̃_pᵀ of the centred rows x̃ = x − m. As the rows are centred first, a mean far from 0 takes no digits from the variance. What
 * rounds is of the size of |w_o|² times the entries of C, so a variance far below that, of weights along which the rows hardly vary, is
 * less exact than one made of the outputs.
 */
import { groupStatistics } from "./group_statistics.ts";
import { linear } from "./linear.ts";
import { linearWeightsGradient } from "./linear_gradients.ts";
import { type Rows, strideOf } from "./rows.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { runOf } from "./slice_sums.ts";

/** Cost: a multiply-add a term of P·C and of its product with each weight; rows are read once, centred ones, statistics and covariances written once. */
export const linearStatisticsCost = (
  count: number,
  columns: number,
  outputs: number,
): { flops: number; bytes: number } => ({
  flops: 2 * (count + outputs) * columns * columns,
  bytes: 4 * (2 * (count + outputs) * columns + 2 * outputs),
});

/** What is known of the outputs, and what led there. */
export interface LinearStatistics extends Disposable {
  /** `2 × outputs`: means, then biased variances, as of `groupStatistics`. */
  readonly statistics: Rows;
  /** P × K: the rows less their mean. */
  readonly centred: Rows;
  /** O × K: P·C w_o = Σ_p (y_po − μ_o) x̃_p, P times the covariances of an output with the columns. */
  readonly covariances: Rows;
}

const centre = defineKernel({
  name: "centre-rows",
  workgroup: 64,
  bindings: { rows: "read vec4f", moments: "read vec4f", centred: "read_write vec4f" },
  sizes: { count: "u32", run: "u32", quads: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x % sizes.quads;
      let first = thread.x / sizes.quads * sizes.run;
      if (first >= sizes.count) { return; }
      let mean = moments[quad];
      let end = min(first + sizes.run, sizes.count) * sizes.quads + quad;
      for (var at = first * sizes.quads + quad; at < end; at += sizes.quads) { centred[at] = rows[at] - mean; }
    }`,
});

const project = defineKernel({
  name: "linear-statistics",
  workgroup: { gpu: 64, software: 8 },
  bindings: {
    weights: "read vec4f",
    covariances: "read vec4f",
    moments: "read vec4f",
    biases: "read f32",
    statistics: "read_write f32",
  },
  sizes: { count: "u32", quads: "u32", outputs: "u32", outStride: "u32", biased: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let output = thread.x;
      if (output >= sizes.outStride) { return; }
      var mean = 0.0;
      var squares = 0.0;
      if (output < sizes.outputs) {
        for (var k = 0u; k < sizes.quads; k++) {
          let w = weights[output * sizes.quads + k];
          mean += dot(w, moments[k]);
          squares += dot(w, covariances[output * sizes.quads + k]);
        }
        if (sizes.biased == 1u) { mean += biases[output]; }
      }
      statistics[output] = mean;
      statistics[sizes.outStride + output] = max(squares, 0.0) / f32(sizes.count); // rounding may be below 0
    }`,
});

/** What {@linkcode linearStatistics} needs. */
export interface LinearStatisticsRequest {
  /** P × K. */
  readonly rows: Rows;
  /** O × K. */
  readonly weights: Rows;
  /** 1 × O; 0 without it. */
  readonly bias?: Rows;
}

/**
 * Statistics of X Wᵀ + b. Reads nothing back.
 * @throws {ShapeMismatch} for no rows, for weights of other columns than the rows', or none, and for a bias of other columns
 * @throws {GpuOutOfMemory}
 */
export function linearStatistics(gpu: Gpu, { rows, weights, bias }: LinearStatisticsRequest): LinearStatistics {
  const { count, columns, stride } = rows, outputs = weights.count, outStride = strideOf(outputs), quads = stride / 4;
  if (weights.columns !== columns || weights.stride !== stride || outputs === 0) {
    const got = `${outputs} × ${weights.columns}`;
    throw new ShapeMismatch("linear-statistics", `one or more weights of ${columns} columns`, got);
  }
  if (bias && (bias.count !== 1 || bias.columns !== outputs || bias.stride !== outStride)) {
    throw new ShapeMismatch("linear-statistics", `a bias of 1 × ${outputs}`, `${bias.count} × ${bias.columns}`);
  }
  using owned = new DisposableStack();
  using moments = groupStatistics(gpu, { rows });
  const centred = owned.use(rowsOf(gpu, count, rows)), run = runOf(count, quads);
  centre.dispatch(gpu, {
    buffers: { rows: rows.values, moments: moments.values, centred: centred.values },
    sizes: { count, run, quads },
    constants: {},
    threads: Math.ceil(count / run) * quads,
  });
  using products = gpu.zeros("f32", columns * stride);
  const into = { values: products, count: columns, columns, stride, [Symbol.dispose]: () => {} };
  linearWeightsGradient(gpu, { upstream: centred, rows: centred, into });
  const covariances = owned.use(linear(gpu, { rows: weights, weights: into }));
  const statistics = owned.use(rowsOf(gpu, 2, { columns: outputs, stride: outStride }));
  project.dispatch(gpu, {
    buffers: {
      weights: weights.values,
      covariances: covariances.values,
      moments: moments.values,
      biases: (bias ?? weights).values,
      statistics: statistics.values,
    },
    sizes: { count, quads, outputs, outStride, biased: bias ? 1 : 0 },
    constants: {},
    threads: outStride,
  });
  const kept = owned.move();
  return { statistics, centred, covariances, [Symbol.dispose]: () => kept.dispose() };
}

/** Rows to write. */
function rowsOf(
  gpu: Gpu,
  count: number,
  { columns, stride }: { readonly columns: number; readonly stride: number },
): Rows {
  const values = gpu.buffer("f32", count * stride);
  return { values, count, columns, stride, [Symbol.dispose]: () => values[Symbol.dispose]() };
}
