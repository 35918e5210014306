/**
 * Batch norm with its leaky rectifier, and the gradient of both. @module
 *
 * y = lrelu(γ·x̂ + β) with x̂ = (x − μ)/√(v + ε) of each column, and lrelu(t) = t for t > 0, else slope·t. Source: S. Ioffe and C. Szegedy,
 * "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift", 2015. With g the gradient at γ·x̂ + β, over n
 * rows:
 * g_γ = Σ g·x̂, g_β = Σ g, and g_x = γ/√(v + ε)·(g − g_β/n − x̂·g_γ/n), or the first term of it alone where μ and v are constants.
 * A batch that passes in parts has its sums added up first, and each part's rows then take them.
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { runOf, slicesOf, sliceSums } from "./slice_sums.ts";

/** Cost of {@linkcode batchNorm}: each number is read and written once. */
export const batchNormCost = (count: number, columns: number): { flops: number; bytes: number } => ({
  flops: 5 * count * columns,
  bytes: 8 * count * columns,
});

const forward = defineKernel({
  name: "batch-norm",
  workgroup: 64,
  bindings: {
    rows: "read vec4f",
    statistics: "read vec4f",
    weight: "read vec4f",
    bias: "read vec4f",
    output: "read_write vec4f",
  },
  sizes: { count: "u32", run: "u32", quads: "u32", slope: "f32", epsilon: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x % sizes.quads;
      let first = thread.x / sizes.quads * sizes.run;
      if (first >= sizes.count) { return; }
      let mean = statistics[quad];
      let scale = weight[quad] * inverseSqrt(statistics[sizes.quads + quad] + sizes.epsilon);
      let shift = bias[quad];
      let end = min(first + sizes.run, sizes.count) * sizes.quads + quad;
      for (var at = first * sizes.quads + quad; at < end; at += sizes.quads) {
        let y = (rows[at] - mean) * scale + shift;
        output[at] = select(sizes.slope * y, y, y > vec4f());
      }
    }`,
});

/** What {@linkcode batchNorm} needs. */
export interface BatchNormRequest {
  /** The batch, a row a place. */
  readonly rows: Rows;
  /** `2 × columns`: means, then variances, of this batch ({@linkcode groupStatistics}) or running ones. */
  readonly statistics: Rows;
  /** γ, `1 × columns`. */
  readonly weight: Rows;
  /** β, `1 × columns`. */
  readonly bias: Rows;
  /** Slope of the rectifier at and below 0, not negative; 1 leaves the values as they are. */
  readonly slope: number;
  /** ε > 0, which is added to a variance. */
  readonly epsilon?: number;
}

/** The batch, normalised, scaled and rectified. Reads nothing back. @throws {ShapeMismatch} @throws {GpuOutOfMemory} */
export function batchNorm(
  gpu: Gpu,
  { rows, statistics, weight, bias, slope, epsilon = 1e-5 }: BatchNormRequest,
): Rows {
  const { count, columns, stride } = rows, quads = stride / 4, run = runOf(count, quads);
  requireRows("batch-norm", rows, { statistics: [statistics, 2], weight: [weight, 1], bias: [bias, 1] });
  const output = gpu.buffer("f32", count * stride);
  forward.dispatch(gpu, {
    buffers: {
      rows: rows.values,
      statistics: statistics.values,
      weight: weight.values,
      bias: bias.values,
      output,
    },
    sizes: { count, run, quads, slope, epsilon },
    constants: {},
    threads: Math.ceil(count / run) * quads,
  });
  return { values: output, count, columns, stride, [Symbol.dispose]: () => output[Symbol.dispose]() };
}

/**
 * Cost of {@linkcode batchNormGradient}, with a batch's statistics: three operands are read twice, since sums over them come first. Frozen, and
 * without gradients of weight and bias, two are read once.
 */
export const batchNormGradientCost = (
  count: number,
  columns: number,
  frozen: boolean,
): { flops: number; bytes: number } => ({
  flops: (frozen ? 3 : 16) * count * columns,
  bytes: (frozen ? 12 : 28) * count * columns,
});

const gradientSums = defineKernel({
  name: "batch-norm-sums",
  workgroup: 64,
  bindings: {
    upstream: "read vec4f",
    rows: "read vec4f",
    output: "read vec4f",
    statistics: "read vec4f",
    parts: "read_write vec4f",
  },
  sizes: { count: "u32", slices: "u32", span: "u32", quads: "u32", slope: "f32", epsilon: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x % sizes.quads;
      let slice = thread.x / sizes.quads;
      if (slice >= sizes.slices) { return; }
      let mean = statistics[quad];
      let end = min((slice + 1u) * sizes.span, sizes.count) * sizes.quads + quad;
      var sum = vec4f();
      var along = vec4f();
      for (var at = slice * sizes.span * sizes.quads + quad; at < end; at += sizes.quads) {
        let g = upstream[at] * select(vec4f(sizes.slope), vec4f(1.0), output[at] > vec4f());
        sum += g;
        along += g * (rows[at] - mean);
      }
      let scale = inverseSqrt(statistics[sizes.quads + quad] + sizes.epsilon);
      parts[2u * slice * sizes.quads + quad] = along * scale; // of the weight's gradient
      parts[(2u * slice + 1u) * sizes.quads + quad] = sum; // of the bias's
    }`,
});

const addSums = defineKernel({
  name: "batch-norm-into",
  workgroup: 64,
  bindings: { sums: "read vec4f", into: "read_write vec4f" },
  sizes: { first: "u32", quads: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x < sizes.quads) { into[thread.x] += sums[sizes.first + thread.x]; }
    }`,
});

const gradient = defineKernel({
  name: "batch-norm-gradient",
  workgroup: 64,
  constants: ["FROZEN"],
  bindings: {
    upstream: "read vec4f",
    rows: "read vec4f",
    output: "read vec4f",
    statistics: "read vec4f",
    weight: "read vec4f",
    sums: "read vec4f",
    result: "read_write vec4f",
  },
  sizes: { count: "u32", run: "u32", quads: "u32", summed: "f32", slope: "f32", epsilon: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x % sizes.quads;
      let first = thread.x / sizes.quads * sizes.run;
      if (first >= sizes.count) { return; }
      let inverse = inverseSqrt(statistics[sizes.quads + quad] + sizes.epsilon);
      let scale = weight[quad] * inverse;
      let end = min(first + sizes.run, sizes.count) * sizes.quads + quad;
      if (FROZEN == 1u) {
        for (var at = first * sizes.quads + quad; at < end; at += sizes.quads) {
          result[at] = scale * upstream[at] * select(vec4f(sizes.slope), vec4f(1.0), output[at] > vec4f());
        }
      } else {
        let mean = statistics[quad];
        let along = inverse * sums[quad] / sizes.summed;
        let level = sums[sizes.quads + quad] / sizes.summed;
        for (var at = first * sizes.quads + quad; at < end; at += sizes.quads) {
          let g = upstream[at] * select(vec4f(sizes.slope), vec4f(1.0), output[at] > vec4f());
          result[at] = scale * (g - level - (rows[at] - mean) * along);
        }
      }
    }`,
});

/** What {@linkcode batchNormGradient} needs. */
export interface BatchNormGradientRequest extends Omit<BatchNormRequest, "bias"> {
  /** The gradient that arrives at {@linkcode batchNorm}'s output. */
  readonly upstream: Rows;
  /** That output, whose sign tells the side of the rectifier's kink; 0 is on the slope's side. */
  readonly output: Rows;
  /** Whether the statistics are constants, such as running ones, so that no gradient passes through them. */
  readonly frozen: boolean;
  /** `1 × columns`; γ's gradient is added to it. */
  readonly weightInto?: Rows;
  /** `1 × columns`; β's gradient is added to it. */
  readonly biasInto?: Rows;
  /** Where `rows` are a part of a batch: {@linkcode batchNormSums} of all parts, added up, and how many rows these have. Then γ's and β's gradients are all parts'. */
  readonly whole?: { readonly sums: Rows; readonly count: number };
}

/** The gradient at the batch, and on request those of γ and β. Reads nothing back. @throws {ShapeMismatch} @throws {GpuOutOfMemory} */
export function batchNormGradient(gpu: Gpu, request: BatchNormGradientRequest): Rows {
  const { upstream, rows, output, statistics, weight, slope, epsilon = 1e-5, frozen, weightInto, biasInto } = request;
  const { count, columns, stride } = rows, quads = stride / 4, run = runOf(count, quads), { whole } = request;
  requireRows("batch-norm-gradient", rows, {
    upstream: [upstream, count],
    output: [output, count],
    statistics: [statistics, 2],
    weight: [weight, 1],
    ...whole && { sums: [whole.sums, 2] },
    ...weightInto && { weightInto: [weightInto, 1] },
    ...biasInto && { biasInto: [biasInto, 1] },
  });
  using owned = new DisposableStack();
  const result = owned.use(gpu.buffer("f32", count * stride));
  using own = whole || frozen && !weightInto && !biasInto ? undefined : batchNormSums(gpu, request);
  const sums = whole?.sums ?? own;
  for (const [row, into] of [weightInto, biasInto].entries()) {
    if (!into || !sums) continue;
    addSums.dispatch(gpu, {
      buffers: { sums: sums.values, into: into.values },
      sizes: { first: row * quads, quads },
      constants: {},
      threads: quads,
    });
  }
  gradient.dispatch(gpu, {
    buffers: {
      upstream: upstream.values,
      rows: rows.values,
      output: output.values,
      statistics: statistics.values,
      weight: weight.values,
      sums: (sums ?? statistics).values, // not looked at where there are none
      result,
    },
    sizes: { count, run, quads, summed: whole?.count ?? count, slope, epsilon },
    constants: { FROZEN: frozen ? 1 : 0 },
    threads: Math.ceil(count / run) * quads,
  });
  const kept = owned.move();
  return { values: result, count, columns, stride, [Symbol.dispose]: () => kept.dispose() };
}

/** Cost of {@linkcode batchNormSums}: three operands are read once. */
export const batchNormSumsCost = (count: number, columns: number): { flops: number; bytes: number } => ({
  flops: 6 * count * columns,
  bytes: 12 * count * columns,
});

/** What {@linkcode batchNormSums} needs. */
export type BatchNormSumsRequest = Pick<
  BatchNormGradientRequest,
  "upstream" | "rows" | "output" | "statistics" | "slope" | "epsilon"
>;

/** Σ g·x̂, then Σ g of each column, `2 × columns`: the gradients of γ and β. Reads nothing back. @throws {ShapeMismatch} @throws {GpuOutOfMemory} */
export function batchNormSums(
  gpu: Gpu,
  { upstream, rows, output, statistics, slope, epsilon = 1e-5 }: BatchNormSumsRequest,
): Rows {
  requireRows("batch-norm-sums", rows, {
    upstream: [upstream, rows.count],
    output: [output, rows.count],
    statistics: [statistics, 2],
  });
  const { span, slices } = slicesOf(rows.count), quads = rows.stride / 4;
  using parts = gpu.buffer("f32", 2 * slices * rows.stride);
  gradientSums.dispatch(gpu, {
    buffers: {
      upstream: upstream.values,
      rows: rows.values,
      output: output.values,
      statistics: statistics.values,
      parts,
    },
    sizes: { count: rows.count, slices, span, quads, slope, epsilon },
    constants: {},
    threads: slices * quads,
  });
  return sliceSums(gpu, { parts, groups: 1, slices, like: rows });
}

/** Sees that operands have so many rows, of the columns of `rows`. */
function requireRows(
  kernel: string,
  { columns, stride }: Rows,
  operands: Record<string, readonly [Rows, number]>,
): void {
  for (const [name, [operand, count]] of Object.entries(operands)) {
    if (operand.count !== count || operand.columns !== columns || operand.stride !== stride) {
      throw new ShapeMismatch(kernel, `${name} of ${count} × ${columns}`, `${operand.count} × ${operand.columns}`);
    }
  }
}
