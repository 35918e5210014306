/**
 * Adaptive instance norm: clouds normalised by themselves, then scaled and shifted at each place by a style; and its gradient. @module
 *
 * y_i = γ_i·x̂_i + β_i with x̂ = (x − μ)/√(v + ε), where μ and v are a cloud's own of each column. Source: X. Huang and S. Belongie, "Arbitrary
 * Style Transfer in Real-time with Adaptive Instance Normalization", 2017; a style a place as in SP-GAN, R. Li et al. 2021. With g the gradient
 * at y and h = γ·g: g_γ = g·x̂, g_β = g, and g_x = (h − mean h − x̂·mean(h·x̂))/√(v + ε), means over the cloud.
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { runOf, slicesOf, sliceSums } from "./slice_sums.ts";

/** Cost of {@linkcode adain}: rows and both halves of the style are read once, the result is written once. */
export const adainCost = (count: number, columns: number): { flops: number; bytes: number } => ({
  flops: 4 * count * columns,
  bytes: 16 * count * columns,
});

const forward = defineKernel({
  name: "adain",
  workgroup: 64,
  bindings: { rows: "read vec4f", statistics: "read vec4f", style: "read vec4f", output: "read_write vec4f" },
  sizes: { count: "u32", run: "u32", runs: "u32", clouds: "u32", quads: "u32", epsilon: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quads = sizes.quads;
      let quad = thread.x % quads;
      let part = thread.x / quads;
      let cloud = part / sizes.runs;
      if (cloud >= sizes.clouds) { return; }
      let mean = statistics[2u * cloud * quads + quad];
      let scale = inverseSqrt(statistics[(2u * cloud + 1u) * quads + quad] + sizes.epsilon);
      let start = part % sizes.runs * sizes.run;
      let end = cloud * sizes.count + min(start + sizes.run, sizes.count);
      for (var row = cloud * sizes.count + start; row < end; row++) {
        let s = row * 2u * quads + quad;
        output[row * quads + quad] = style[s] * ((rows[row * quads + quad] - mean) * scale) + style[s + quads];
      }
    }`,
});

/** What {@linkcode adain} needs. The columns are a multiple of 4, so that both halves of a style begin at a whole `vec4f`. */
export interface AdainRequest {
  /** Clouds of equally many places, one after the other. */
  readonly rows: Rows;
  /** `2·clouds × columns`: means and variances of each cloud, of {@linkcode groupStatistics}. */
  readonly statistics: Rows;
  /** A row a place of `2·columns`: γ, then β. */
  readonly style: Rows;
  /** How many clouds. */
  readonly clouds: number;
  /** ε > 0, which is added to a variance. */
  readonly epsilon?: number;
}

/**
 * The clouds in their styles. Reads nothing back.
 * @throws {ShapeMismatch} for operands that don't fit, or columns that are no multiple of 4
 * @throws {GpuOutOfMemory}
 */
export function adain(gpu: Gpu, request: AdainRequest): Rows {
  const { rows, statistics, style, clouds, epsilon = 1e-5 } = request, { columns, stride } = rows, quads = stride / 4;
  const count = placesOf("adain", request), run = runOf(rows.count, quads), runs = Math.ceil(count / run);
  const output = gpu.buffer("f32", rows.count * stride);
  forward.dispatch(gpu, {
    buffers: { rows: rows.values, statistics: statistics.values, style: style.values, output },
    sizes: { count, run, runs, clouds, quads, epsilon },
    constants: {},
    threads: clouds * runs * quads,
  });
  return { values: output, count: rows.count, columns, stride, [Symbol.dispose]: () => output[Symbol.dispose]() };
}

/** Cost of {@linkcode adainGradient}: upstream, rows and γ are read twice, since sums over them come first; three results are written. */
export const adainGradientCost = (count: number, columns: number): { flops: number; bytes: number } => ({
  flops: 15 * count * columns,
  bytes: 36 * count * columns,
});

const gradientSums = defineKernel({
  name: "adain-sums",
  workgroup: 64,
  bindings: {
    upstream: "read vec4f",
    rows: "read vec4f",
    statistics: "read vec4f",
    style: "read vec4f",
    parts: "read_write vec4f",
  },
  sizes: { count: "u32", slices: "u32", span: "u32", clouds: "u32", quads: "u32", epsilon: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quads = sizes.quads;
      let quad = thread.x % quads;
      let part = thread.x / quads;
      let cloud = part / sizes.slices;
      if (cloud >= sizes.clouds) { return; }
      let mean = statistics[2u * cloud * quads + quad];
      let start = part % sizes.slices * sizes.span;
      let end = cloud * sizes.count + min(start + sizes.span, sizes.count);
      var sum = vec4f();
      var along = vec4f();
      for (var row = cloud * sizes.count + start; row < end; row++) {
        let h = style[row * 2u * quads + quad] * upstream[row * quads + quad];
        sum += h;
        along += h * (rows[row * quads + quad] - mean);
      }
      let scale = inverseSqrt(statistics[(2u * cloud + 1u) * quads + quad] + sizes.epsilon);
      parts[2u * part * quads + quad] = along * scale;
      parts[(2u * part + 1u) * quads + quad] = sum;
    }`,
});

const gradient = defineKernel({
  name: "adain-gradient",
  workgroup: 64,
  bindings: {
    upstream: "read vec4f",
    rows: "read vec4f",
    statistics: "read vec4f",
    style: "read vec4f",
    sums: "read vec4f",
    rowResult: "read_write vec4f",
    styleResult: "read_write vec4f",
  },
  sizes: { count: "u32", run: "u32", runs: "u32", clouds: "u32", quads: "u32", epsilon: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quads = sizes.quads;
      let quad = thread.x % quads;
      let part = thread.x / quads;
      let cloud = part / sizes.runs;
      if (cloud >= sizes.clouds) { return; }
      let own = 2u * cloud * quads + quad;
      let mean = statistics[own];
      let scale = inverseSqrt(statistics[own + quads] + sizes.epsilon);
      let along = sums[own] / f32(sizes.count);
      let level = sums[own + quads] / f32(sizes.count);
      let start = part % sizes.runs * sizes.run;
      let end = cloud * sizes.count + min(start + sizes.run, sizes.count);
      for (var row = cloud * sizes.count + start; row < end; row++) {
        let s = row * 2u * quads + quad;
        let g = upstream[row * quads + quad];
        let x = (rows[row * quads + quad] - mean) * scale;
        rowResult[row * quads + quad] = scale * (style[s] * g - level - x * along);
        styleResult[s] = g * x;
        styleResult[s + quads] = g;
      }
    }`,
});

/** What {@linkcode adainGradient} needs. */
export interface AdainGradientRequest extends AdainRequest {
  /** The gradient that arrives at {@linkcode adain}'s result. */
  readonly upstream: Rows;
}

/** Gradients of {@linkcode adain}, in one owner. */
export interface AdainGradient extends Disposable {
  /** At the rows. */
  readonly rows: Rows;
  /** At the style. */
  readonly style: Rows;
}

/**
 * The gradients at rows and style; the statistics are those of the rows, so the gradient passes through them. Reads nothing back.
 * @throws {ShapeMismatch} for operands that don't fit, or columns that are no multiple of 4
 * @throws {GpuOutOfMemory}
 */
export function adainGradient(gpu: Gpu, request: AdainGradientRequest): AdainGradient {
  const { upstream, rows, statistics, style, clouds, epsilon = 1e-5 } = request, quads = rows.stride / 4;
  const count = placesOf("adain-gradient", request), run = runOf(rows.count, quads), runs = Math.ceil(count / run);
  const { span, slices } = slicesOf(count);
  if (upstream.count !== rows.count || upstream.columns !== rows.columns || upstream.stride !== rows.stride) {
    const want = `upstream of ${rows.count} × ${rows.columns}`;
    throw new ShapeMismatch("adain-gradient", want, `${upstream.count} × ${upstream.columns}`);
  }
  using owned = new DisposableStack();
  const rowResult = owned.use(gpu.buffer("f32", rows.count * rows.stride));
  const styleResult = owned.use(gpu.buffer("f32", style.count * style.stride));
  using parts = gpu.buffer("f32", 2 * clouds * slices * rows.stride);
  gradientSums.dispatch(gpu, {
    buffers: {
      upstream: upstream.values,
      rows: rows.values,
      statistics: statistics.values,
      style: style.values,
      parts,
    },
    sizes: { count, slices, span, clouds, quads, epsilon },
    constants: {},
    threads: clouds * slices * quads,
  });
  using sums = sliceSums(gpu, { parts, groups: clouds, slices, like: rows });
  gradient.dispatch(gpu, {
    buffers: {
      upstream: upstream.values,
      rows: rows.values,
      statistics: statistics.values,
      style: style.values,
      sums: sums.values,
      rowResult,
      styleResult,
    },
    sizes: { count, run, runs, clouds, quads, epsilon },
    constants: {},
    threads: clouds * runs * quads,
  });
  const kept = owned.move();
  return {
    rows: { ...rows, values: rowResult, [Symbol.dispose]: () => rowResult[Symbol.dispose]() },
    style: { ...style, values: styleResult, [Symbol.dispose]: () => styleResult[Symbol.dispose]() },
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** Places of a cloud. @throws {ShapeMismatch} for operands that don't fit */
function placesOf(kernel: string, { rows, statistics, style, clouds }: AdainRequest): number {
  const { columns, stride } = rows, count = rows.count / clouds;
  if (!(Number.isInteger(clouds) && Number.isInteger(count))) {
    throw new ShapeMismatch(kernel, `rows in ${clouds} equal clouds`, `${rows.count} rows`);
  }
  if (stride !== columns) throw new ShapeMismatch(kernel, "columns in fours, without padding", `${columns}`);
  if (statistics.count !== 2 * clouds || statistics.columns !== columns || statistics.stride !== stride) {
    const want = `statistics of ${2 * clouds} × ${columns}`;
    throw new ShapeMismatch(kernel, want, `${statistics.count} × ${statistics.columns}`);
  }
  if (style.count !== rows.count || style.columns !== 2 * columns || style.stride !== 2 * stride) {
    const want = `styles of ${rows.count} × ${2 * columns}`;
    throw new ShapeMismatch(kernel, want, `${style.count} × ${style.columns}`);
  }
  return count;
}
