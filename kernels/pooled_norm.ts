/**
 * Batch norm, leaky rectifier and maximum over the rows of each cloud, of the extremes of a linear layer alone. @module
 *
 * t → lrelu(γ·(t − μ)/√(v + ε) + β) rises for γ > 0 and falls for γ < 0, so that the maximum over a cloud is its value at the greatest or the
 * smallest output (`linearExtremes` with γ for the directions): x̂ = (y − μ)/√(v + ε), z = lrelu(γ·x̂ + β). With h = upstream · lrelu' the
 * gradients are g_γ = Σ_b h·x̂, g_β = Σ_b h, and at y, were μ and v constants, the pull γ/√(v + ε) · h; what passes through μ and v of a
 * batch goes to all rows ({@linkcode PooledNormGradient}). Source: Ioffe and Szegedy, "Batch Normalization", 2015, as in `batchNorm`.
 */
import { addScaled } from "./add_scaled.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, PART_STEP, ShapeMismatch } from "./runtime/mod.ts";

/** Cost of {@linkcode pooledNorm}: each number is read and written once, the parameters read once. */
export const pooledNormCost = (clouds: number, outputs: number): { flops: number; bytes: number } => ({
  flops: 5 * clouds * outputs,
  bytes: 4 * outputs * (2 * clouds + 4),
});

/** Cost of {@linkcode pooledNormGradient}: three operands are read and the pulls written once, and the parameters' gradients read and written. */
export const pooledNormGradientCost = (clouds: number, outputs: number): { flops: number; bytes: number } => ({
  flops: 7 * clouds * outputs,
  bytes: 4 * outputs * (4 * clouds + 9),
});

const forward = defineKernel({
  name: "pooled-norm",
  workgroup: 64,
  bindings: {
    extremes: "read vec4f",
    statistics: "read vec4f",
    weight: "read vec4f",
    bias: "read vec4f",
    output: "read_write vec4f",
  },
  sizes: { total: "u32", quads: "u32", centred: "u32", slope: "f32", epsilon: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.total) { return; }
      let quad = thread.x % sizes.quads;
      let mean = select(statistics[quad], vec4f(), sizes.centred == 1u);
      let scale = weight[quad] * inverseSqrt(statistics[sizes.quads + quad] + sizes.epsilon);
      let y = (extremes[thread.x] - mean) * scale + bias[quad];
      output[thread.x] = select(sizes.slope * y, y, y > vec4f());
    }`,
});

const backward = defineKernel({
  name: "pooled-norm-gradient",
  workgroup: 64,
  bindings: {
    upstream: "read vec4f",
    extremes: "read vec4f",
    output: "read vec4f",
    statistics: "read vec4f",
    weight: "read vec4f",
    pulls: "read_write vec4f",
    sums: "read_write vec4f",
  },
  sizes: { clouds: "u32", quads: "u32", pitch: "u32", centred: "u32", slope: "f32", epsilon: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x;
      if (quad >= sizes.quads) { return; }
      let mean = select(statistics[quad], vec4f(), sizes.centred == 1u);
      let inverse = inverseSqrt(statistics[sizes.quads + quad] + sizes.epsilon);
      let scale = weight[quad] * inverse;
      var ofWeight = vec4f();
      var ofBias = vec4f();
      for (var at = quad; at < sizes.clouds * sizes.quads; at += sizes.quads) {
        let h = upstream[at] * select(vec4f(sizes.slope), vec4f(1.0), output[at] > vec4f());
        ofWeight += h * ((extremes[at] - mean) * inverse);
        ofBias += h;
        pulls[at] = scale * h;
      }
      sums[quad] = ofWeight;
      sums[sizes.pitch + quad] = ofBias;
      sums[2u * sizes.pitch + quad] = scale * ofBias;
      sums[3u * sizes.pitch + quad] = scale * inverse * ofWeight;
    }`,
});

/** What {@linkcode pooledNorm} needs. */
export interface PooledNormRequest {
  /** `clouds × outputs`: y, the extremes in γ's direction, or y − μ. */
  readonly extremes: Rows;
  /** Whether `extremes` are y − μ. */
  readonly centred: boolean;
  /** `2 × outputs`: μ, then v. */
  readonly statistics: Rows;
  /** γ, `1 × outputs`. */
  readonly weight: Rows;
  /** β, `1 × outputs`. */
  readonly bias: Rows;
  /** Slope of the rectifier at and below 0, not negative; 1 leaves the values as they are. */
  readonly slope: number;
  /** ε > 0, which is added to a variance. */
  readonly epsilon?: number;
}

/** z, `clouds × outputs`. Reads nothing back. @throws {ShapeMismatch} @throws {GpuOutOfMemory} */
export function pooledNorm(
  gpu: Gpu,
  { extremes, centred, statistics, weight, bias, slope, epsilon = 1e-5 }: PooledNormRequest,
): Rows {
  const { count, columns, stride } = extremes, quads = stride / 4;
  requireRows("pooled-norm", extremes, { statistics: [statistics, 2], weight: [weight, 1], bias: [bias, 1] });
  const output = gpu.buffer("f32", count * stride);
  forward.dispatch(gpu, {
    buffers: {
      extremes: extremes.values,
      statistics: statistics.values,
      weight: weight.values,
      bias: bias.values,
      output,
    },
    sizes: { total: count * quads, quads, centred: centred ? 1 : 0, slope, epsilon },
    constants: {},
    threads: count * quads,
  });
  return { values: output, count, columns, stride, [Symbol.dispose]: () => output[Symbol.dispose]() };
}

/** What {@linkcode pooledNormGradient} needs. */
export interface PooledNormGradientRequest extends Omit<PooledNormRequest, "bias"> {
  /** The gradient that arrives at {@linkcode pooledNorm}'s output. */
  readonly upstream: Rows;
  /** That output, whose sign tells the side of the rectifier's kink; 0 is on the slope's side. */
  readonly output: Rows;
  /** `1 × outputs`; γ's gradient is added to it. */
  readonly weightInto?: Rows;
  /** `1 × outputs`; β's gradient is added to it. */
  readonly biasInto?: Rows;
  /** `1 × outputs`; the gradient of a bias of the linear layer, if μ and v are constants, is added to it. */
  readonly offsetInto?: Rows;
}

/**
 * Where the gradient goes on from: each extreme's row is pulled along the output's weights by `pulls`. With a batch's own statistics each of
 * its P rows gives back 1/P of it, along the weights by `totals`, and by `leans` times its own y − μ.
 */
export interface PooledNormGradient extends Disposable {
  /** γ/√(v + ε) · h, `clouds × outputs`. */
  readonly pulls: Rows;
  /** Σ_b of the pulls, `1 × outputs`. */
  readonly totals: Rows;
  /** γ/(v + ε) · g_γ, `1 × outputs`. */
  readonly leans: Rows;
}

/** The gradient at the extremes, and on request those of the parameters. Reads nothing back. @throws {ShapeMismatch} @throws {GpuOutOfMemory} */
export function pooledNormGradient(gpu: Gpu, request: PooledNormGradientRequest): PooledNormGradient {
  const { upstream, extremes, centred, output, statistics, weight, slope, epsilon = 1e-5 } = request;
  const { weightInto, biasInto, offsetInto } = request, { count, columns, stride } = extremes;
  const intos = [weightInto, biasInto, offsetInto];
  requireRows("pooled-norm-gradient", extremes, {
    upstream: [upstream, count],
    output: [output, count],
    statistics: [statistics, 2],
    weight: [weight, 1],
    ...weightInto && { weightInto: [weightInto, 1] },
    ...biasInto && { biasInto: [biasInto, 1] },
    ...offsetInto && { offsetInto: [offsetInto, 1] },
  });
  using owned = new DisposableStack();
  const pitch = Math.ceil(stride / PART_STEP) * PART_STEP; // from where a sum can be a part
  const pulls = owned.use(gpu.buffer("f32", count * stride)), sums = owned.use(gpu.buffer("f32", 4 * pitch));
  backward.dispatch(gpu, {
    buffers: {
      upstream: upstream.values,
      extremes: extremes.values,
      output: output.values,
      statistics: statistics.values,
      weight: weight.values,
      pulls,
      sums,
    },
    sizes: { clouds: count, quads: stride / 4, pitch: pitch / 4, centred: centred ? 1 : 0, slope, epsilon },
    constants: {},
    threads: stride / 4,
  });
  const sum = (row: number) => gpu.part(sums, row * pitch, stride);
  for (const [row, into] of intos.entries()) {
    if (into) addScaled(gpu, { values: sum(row), to: gpu.part(into.values, 0, stride), factor: 1 });
  }
  const kept = owned.move(), row = { count: 1, columns, stride, [Symbol.dispose]: () => {} };
  return {
    pulls: { ...row, values: pulls, count },
    totals: { ...row, values: sum(2) },
    leans: { ...row, values: sum(3) },
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** Sees that operands have so many rows, of the columns of `extremes`. */
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
