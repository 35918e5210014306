/**
 * Gradients of linear layers. @module
 *
 * Y = X Wᵀ + b gives dX = dY · W, dW = dYᵀ X, db = Σ_i dy_i (`sumRows`). Of a kink behind it, `leakyReluGradient` comes first.
 */
import { addSlices } from "./add_slices.ts";
import { linear } from "./linear.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { unrolled } from "./snippets/unrolled.ts";

/** Cost of {@linkcode linearRowsGradient}: a multiply-add a term; gradient and weights are read once, the result written once. */
export const linearRowsGradientCost = (
  count: number,
  columns: number,
  outputs: number,
): { flops: number; bytes: number } => ({
  flops: 2 * count * columns * outputs,
  bytes: 4 * (count * (columns + outputs) + outputs * columns),
});

/** Cost of {@linkcode linearWeightsGradient}: a multiply-add a term; gradient and rows are read once, the result read and written once. */
export const linearWeightsGradientCost = (
  count: number,
  columns: number,
  outputs: number,
): { flops: number; bytes: number } => ({
  flops: 2 * count * columns * outputs,
  bytes: 4 * (count * (columns + outputs) + 2 * outputs * columns),
});

/** An invocation turns a block of 4 × 4. */
const transpose = defineKernel({
  name: "transpose-rows",
  workgroup: 64,
  bindings: { rows: "read vec4f", transposed: "read_write vec4f" },
  sizes: { count: "u32", columns: "u32", quads: "u32", outQuads: "u32" },
  wgsl: unrolled(
    /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let quad = thread.x % sizes.quads;
      let outQuad = thread.x / sizes.quads;
      if (outQuad >= sizes.outQuads) { return; }
      let row#r = 4u * outQuad + #ru;
      let x#r = select(vec4f(), rows[min(row#r, sizes.count - 1u) * sizes.quads + quad], row#r < sizes.count);
      let column#c = min(4u * quad + #cu, sizes.columns - 1u); // past the last, the last once more
      let inside#c = column#c - 4u * quad;
      transposed[column#c * sizes.outQuads + outQuad] = vec4f(x0[inside#c], x1[inside#c], x2[inside#c], x3[inside#c]);
    }`,
    { r: 4, c: 4 },
  ),
});

/** Wᵀ, with rows of the given stride. */
function transposeRows(gpu: Gpu, { values, count, columns, stride }: Rows, outStride: number): Rows {
  const transposed = gpu.buffer("f32", columns * outStride), quads = stride / 4, outQuads = outStride / 4;
  transpose.dispatch(gpu, {
    buffers: { rows: values, transposed },
    sizes: { count, columns, quads, outQuads },
    constants: {},
    threads: quads * outQuads,
  });
  return {
    values: transposed,
    count: columns,
    columns: count,
    stride: outStride,
    [Symbol.dispose]: () => transposed[Symbol.dispose](),
  };
}

/**
 * dX = dY · W, P × K, of dY (P × O) and W (O × K): a linear layer of the transposed weights, which are small. Reads nothing back.
 * @throws {ShapeMismatch} for weights whose number isn't the gradient's columns, or none @throws {GpuOutOfMemory}
 */
export function linearRowsGradient(
  gpu: Gpu,
  { upstream, weights }: { readonly upstream: Rows; readonly weights: Rows },
): Rows {
  if (weights.count !== upstream.columns || weights.columns === 0) {
    const got = `${weights.count} × ${weights.columns}`;
    throw new ShapeMismatch("linear-rows-gradient", `${upstream.columns} weights of one or more columns`, got);
  }
  using transposed = transposeRows(gpu, weights, upstream.stride);
  return linear(gpu, { rows: upstream, weights: transposed });
}

/** Tiles of `4·outs × 4·quads` sums over a slice of the rows, four rows a step. What lies past the end is done once more, as in `linear`. */
const tile = (name: string, outs: number, quads: number) => ({
  outs,
  quads,
  kernel: defineKernel({
    name,
    workgroup: { gpu: 64, software: 8 },
    constants: ["TILE_OUTS", "TILE_QUADS"],
    bindings: { upstream: "read vec4f", rows: "read vec4f", partial: "read_write vec4f" },
    sizes: {
      base: "u32", // the launch's first tile; tiles of one slice follow each other
      first: "u32", // the first slice's first row
      count: "u32",
      slices: "u32",
      sliceRows: "u32",
      outQuads: "u32",
      quads: "u32",
    },
    wgsl: unrolled(
      /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let across = (sizes.quads + TILE_QUADS - 1u) / TILE_QUADS;
      let tiles = (sizes.outQuads + TILE_OUTS - 1u) / TILE_OUTS * across;
      let at = sizes.base + thread.x;
      let slice = at / tiles;
      if (slice >= sizes.slices) { return; }
      let out#o = min(at % tiles / across * TILE_OUTS + #ou, sizes.outQuads - 1u);
      let quad#q = min(at % across * TILE_QUADS + #qu, sizes.quads - 1u); // across divides tiles
      let start = sizes.first + slice * sizes.sliceRows;
      let end = min(start + sizes.sliceRows, sizes.count);
      var s#o_#i_#q = vec4f();
      for (var row = start; row < end; row += 4u) {
        let row#r = min(row + #ru, end - 1u);
        let x#r_#q = rows[row#r * sizes.quads + quad#q];
        let d#r_#o = select(vec4f(), upstream[row#r * sizes.outQuads + out#o], row + #ru < end);
        s#o_#i_#q += d0_#o[#i] * x0_#q + d1_#o[#i] * x1_#q + d2_#o[#i] * x2_#q + d3_#o[#i] * x3_#q;
      }
      partial[(slice * sizes.outQuads * 4u + 4u * out#o + #iu) * sizes.quads + quad#q] = s#o_#i_#q;
    }`,
      { r: 4, o: outs, i: 4, q: quads },
    ),
  }),
});

const tiles = {
  square: tile("linear-weights-gradient-square", 4, 4),
  flat: tile("linear-weights-gradient-flat", 1, 4),
  narrow: tile("linear-weights-gradient-narrow", 4, 1),
  gpu: tile("linear-weights-gradient", 2, 1),
};

/** Invocations that keep an adapter busy. */
const BUSY = { software: 2 ** 7, gpu: 2 ** 14 };

/** Rows of a slice: fewer are not worth its partial sums, more leave a processor's cache before the next tile reads them again. */
const FEWEST_ROWS = 64, MOST_ROWS = 512;

/** Partial sums at a time, where a binding holds so many: 32 MiB. */
const MOST_PARTIAL = 2 ** 23;

/** What {@linkcode linearWeightsGradient} needs. */
export interface WeightsGradientRequest {
  /** dY, P × O. */
  readonly upstream: Rows;
  /** X, P × K. */
  readonly rows: Rows;
  /** O × K. */
  readonly into: Rows;
}

/**
 * Adds dYᵀ X to `into`. The rows are summed in slices, and these in their order. Reads nothing back.
 * @throws {ShapeMismatch} for operands that don't fit each other @throws {GpuOutOfMemory}
 */
export function linearWeightsGradient(gpu: Gpu, { upstream, rows, into }: WeightsGradientRequest): void {
  const { count, columns, stride } = rows, outputs = upstream.columns;
  if (upstream.count !== count || into.count !== outputs || into.columns !== columns || into.stride !== stride) {
    const got = `${upstream.count} × ${outputs} into ${into.count} × ${into.columns}`;
    throw new ShapeMismatch(
      "linear-weights-gradient",
      `a gradient of ${count} rows into its columns × ${columns}`,
      got,
    );
  }
  if (count === 0) return;
  const { software } = gpu.adapter, outQuads = upstream.stride / 4, quads = stride / 4;
  const { outs, quads: tileQuads, kernel } =
    tiles[!software ? "gpu" : outQuads === 1 ? "flat" : quads === 1 ? "narrow" : "square"];
  const tileCount = Math.ceil(outQuads / outs) * Math.ceil(quads / tileQuads);
  const wanted = Math.min(Math.ceil(BUSY[software ? "software" : "gpu"] / tileCount), Math.ceil(count / FEWEST_ROWS));
  const sliceRows = Math.min(Math.ceil(count / wanted / 4) * 4, MOST_ROWS), sliceCount = Math.ceil(count / sliceRows);
  const sliceLength = 4 * outQuads * stride; // outputs past the last included
  const batch = Math.min(
    sliceCount,
    Math.max(1, Math.floor(Math.min(MOST_PARTIAL, gpu.limits.bindingBytes / 4) / sliceLength)),
  );
  const most = Math.min(gpu.limits.stepFlops / (2 * sliceRows * 16 * outs * tileQuads), 65_535 * 8);
  const step = Math.max(1, Math.floor(most));
  using partial = gpu.buffer("f32", batch * sliceLength);
  for (let slice = 0; slice < sliceCount; slice += batch) {
    const slices = Math.min(batch, sliceCount - slice), invocations = slices * tileCount;
    for (let base = 0; base < invocations; base += step) {
      kernel.dispatch(gpu, {
        buffers: { upstream: upstream.values, rows: rows.values, partial },
        sizes: { base, first: slice * sliceRows, count, slices, sliceRows, outQuads, quads },
        constants: { TILE_OUTS: outs, TILE_QUADS: tileQuads },
        threads: Math.min(step, invocations - base),
      });
    }
    addSlices(gpu, {
      partial,
      groups: 1,
      slices,
      sliceLength,
      length: outputs * stride,
      sums: into.values,
      onto: true,
    });
  }
}
