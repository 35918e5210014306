/**
 * From pulls at the extremes of a linear layer to gradients of its weights and rows. @module
 *
 * With a(b, o) the row of output o's extreme in cloud b, p_bo its pull, and of all P rows, centred as x̃, totals t_o = Σ_b p_bo and leans l_o:
 *
 *     dW_o = Σ_b p_bo x̃_a(b,o) − l_o/P · Σ_p (w_o · x̃_p) x̃_p
 *     dX_p = Σ_(b,o: a(b,o) = p) p_bo w_o − Σ_o t_o/P · w_o − M x̃_p,  M = Σ_o l_o/P · w_o w_oᵀ
 *
 * This is the gradient of batch norm behind the layer (`pooledNormGradient`), where all outputs but the extremes have none from above. With
 * statistics that are constants only the first sums are left, over the rows as they are.
 */
import { threadsOver } from "./add_slices.ts";
import { inverseNeighbours } from "./inverse_neighbours.ts";
import { linear } from "./linear.ts";
import type { LinearExtremes } from "./linear_extremes.ts";
import { linearWeightsGradient } from "./linear_gradients.ts";
import type { PooledNormGradient } from "./pooled_norm.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Cost of {@linkcode pooledWeightsGradient}: a multiply-add a term; a row is read for each extreme, covariances once, the result read and written. */
export const pooledWeightsGradientCost = (
  clouds: number,
  columns: number,
  outputs: number,
): { flops: number; bytes: number } => ({
  flops: 2 * (clouds + 1) * columns * outputs,
  bytes: 4 * outputs * ((clouds + 3) * columns + 2 * clouds + 1),
});

/**
 * Cost of {@linkcode pooledRowsGradient}: a multiply-add a term of M, of its product with the rows and of the sum over extremes. Rows are
 * read once, the result written once, and weights read once and once for each extreme.
 */
export const pooledRowsGradientCost = (
  count: number,
  columns: number,
  outputs: number,
  clouds: number,
): { flops: number; bytes: number } => ({
  flops: 2 * columns * ((count + outputs) * columns + clouds * outputs),
  bytes: 4 * columns * (2 * count + (clouds + 1) * outputs),
});

const weightsKernel = defineKernel({
  name: "pooled-weights-gradient",
  workgroup: 64,
  bindings: {
    pulls: "read f32",
    indices: "read u32",
    rows: "read vec4f",
    leans: "read f32",
    covariances: "read vec4f",
    into: "read_write vec4f",
  },
  sizes: { total: "u32", quads: "u32", clouds: "u32", outStride: "u32", count: "u32", frozen: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.total) { return; }
      let output = thread.x / sizes.quads;
      let quad = thread.x % sizes.quads;
      var sum = vec4f();
      for (var at = output; at < sizes.clouds * sizes.outStride; at += sizes.outStride) {
        sum += pulls[at] * rows[indices[at] * sizes.quads + quad];
      }
      if (sizes.frozen == 0u) { sum -= leans[output] / f32(sizes.count) * covariances[thread.x]; }
      into[thread.x] += sum;
    }`,
});

/** What {@linkcode pooledWeightsGradient} needs. */
export interface PooledWeightsGradientRequest {
  /** Of `pooledNormGradient`. */
  readonly gradient: PooledNormGradient;
  /** Whose norm it is. */
  readonly extremes: LinearExtremes;
  /** P × K, which the extremes are of: centred where `covariances` are given. */
  readonly rows: Rows;
  /** O × K, of `linearStatistics`, where the norm's statistics are the rows'; absent where they are constants. */
  readonly covariances?: Rows;
  /** O × K. */
  readonly into: Rows;
}

/** Adds dW to `into`. Reads nothing back. @throws {ShapeMismatch} */
export function pooledWeightsGradient(
  gpu: Gpu,
  { gradient: { pulls, leans }, extremes, rows, covariances, into }: PooledWeightsGradientRequest,
): void {
  const outputs = pulls.columns, { count, stride } = rows, quads = stride / 4;
  requireExtremes("pooled-weights-gradient", pulls, extremes);
  for (const operand of covariances ? [covariances, into] : [into]) {
    requireWeights("pooled-weights-gradient", rows, outputs, operand);
  }
  weightsKernel.dispatch(gpu, {
    buffers: {
      pulls: pulls.values,
      indices: extremes.indices,
      rows: rows.values,
      leans: leans.values,
      covariances: (covariances ?? rows).values, // not looked at where there are none
      into: into.values,
    },
    sizes: {
      total: outputs * quads,
      quads,
      clouds: pulls.count,
      outStride: pulls.stride,
      count,
      frozen: covariances ? 0 : 1,
    },
    constants: {},
    threads: outputs * quads,
  });
}

const scale = defineKernel({
  name: "pooled-rows-scale",
  workgroup: 64,
  bindings: {
    weights: "read vec4f",
    totals: "read f32",
    leans: "read f32",
    leaning: "read_write vec4f",
    levels: "read_write vec4f",
  },
  sizes: { total: "u32", quads: "u32", count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.total) { return; }
      let output = thread.x / sizes.quads;
      leaning[thread.x] = -leans[output] / f32(sizes.count) * weights[thread.x];
      if (thread.x % sizes.quads == 0u) { levels[output] = vec4f(-totals[output] / f32(sizes.count), 0.0, 0.0, 0.0); }
    }`,
});

const gather = defineKernel({
  name: "pooled-rows-gather",
  workgroup: 64,
  bindings: {
    starts: "read u32",
    edges: "read u32",
    pulls: "read f32",
    weights: "read vec4f",
    result: "read_write vec4f",
  },
  sizes: { total: "u32", quads: "u32", outStride: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = thread.y * 1048576u + thread.x;
      if (at >= sizes.total) { return; }
      let begin = starts[at / sizes.quads];
      let end = starts[at / sizes.quads + 1u];
      if (begin == end) { return; } // most rows are no extreme
      var sum = result[at];
      for (var e = begin; e < end; e++) {
        let extreme = edges[e];
        sum += pulls[extreme] * weights[extreme % sizes.outStride * sizes.quads + at % sizes.quads];
      }
      result[at] = sum;
    }`,
});

/** What {@linkcode pooledRowsGradient} needs. */
export interface PooledRowsGradientRequest {
  /** Of `pooledNormGradient`. */
  readonly gradient: PooledNormGradient;
  /** Whose norm it is. */
  readonly extremes: LinearExtremes;
  /** P × K, which the extremes are of: centred unless `frozen`. */
  readonly rows: Rows;
  /** O × K. */
  readonly weights: Rows;
  /** Whether the norm's statistics are constants. */
  readonly frozen: boolean;
}

/** dX, P × K. A row is the extreme of all outputs at most, so at most `gpu.limits.loopIterations` of them. Reads nothing back. @throws {ShapeMismatch} @throws {GpuOutOfMemory} */
export function pooledRowsGradient(gpu: Gpu, request: PooledRowsGradientRequest): Rows {
  const { gradient: { pulls }, extremes, rows, weights, frozen } = request, { count, stride } = rows;
  requireExtremes("pooled-rows-gradient", pulls, extremes);
  requireWeights("pooled-rows-gradient", rows, pulls.columns, weights);
  using owned = new DisposableStack();
  const result = owned.use(
    frozen ? rowsIn(gpu.zeros("f32", count * stride), rows) : gradientOfStatistics(gpu, request),
  );
  using inverse = inverseNeighbours(gpu, { neighbours: extremes.indices, rows: count });
  gather.dispatch(gpu, {
    buffers: {
      starts: inverse.starts,
      edges: inverse.edges,
      pulls: pulls.values,
      weights: weights.values,
      result: result.values,
    },
    sizes: { total: count * stride / 4, quads: stride / 4, outStride: pulls.stride },
    constants: {},
    threads: threadsOver(count * stride / 4),
  });
  owned.move(); // from here the caller owns it
  return result;
}

/** − Σ_o t_o/P · w_o − M x̃_p, which all rows get: a linear layer of K outputs. */
function gradientOfStatistics(
  gpu: Gpu,
  { gradient: { totals, leans }, rows, weights }: PooledRowsGradientRequest,
): Rows {
  const { count: outputs, columns, stride } = weights;
  using leaning = rowsIn(gpu.buffer("f32", outputs * stride), weights);
  using levels = rowsIn(gpu.buffer("f32", outputs * 4), { columns: 1, stride: 4 });
  scale.dispatch(gpu, {
    buffers: {
      weights: weights.values,
      totals: totals.values,
      leans: leans.values,
      leaning: leaning.values,
      levels: levels.values,
    },
    sizes: { total: outputs * stride / 4, quads: stride / 4, count: rows.count },
    constants: {},
    threads: outputs * stride / 4,
  });
  using square = rowsIn(gpu.zeros("f32", columns * stride), weights);
  using level = rowsIn(gpu.zeros("f32", stride), weights);
  linearWeightsGradient(gpu, { upstream: leaning, rows: weights, into: square });
  linearWeightsGradient(gpu, { upstream: levels, rows: weights, into: level });
  return linear(gpu, { rows, weights: square, bias: level });
}

/** A buffer as rows like others. */
const rowsIn = (
  values: GpuBuffer<"f32">,
  { columns, stride }: { readonly columns: number; readonly stride: number },
): Rows => ({
  values,
  count: values.length / stride,
  columns,
  stride,
  [Symbol.dispose]: () => values[Symbol.dispose](),
});

function requireExtremes(kernel: string, pulls: Rows, { values, indices }: LinearExtremes): void {
  const { count, columns, stride } = pulls;
  if (values.count !== count || values.columns !== columns || indices.length !== count * stride) {
    throw new ShapeMismatch(kernel, `extremes of ${count} × ${columns}`, `${values.count} × ${values.columns}`);
  }
}

function requireWeights(kernel: string, rows: Rows, outputs: number, weights: Rows): void {
  if (weights.count !== outputs || weights.columns !== rows.columns || weights.stride !== rows.stride) {
    const got = `${weights.count} × ${weights.columns}`;
    throw new ShapeMismatch(kernel, `${outputs} × ${rows.columns} weights`, got);
  }
}
