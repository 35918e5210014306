/**
 * Linear layers: each row through the same weights. @module
 *
 * y_io = lrelu_s(Σ_c x_ic · w_oc + b_go), g the group that row i is in, lrelu_s(t) = t for t > 0, otherwise s·t. A 1 × 1 convolution of
 * clouds is this with a place a row, one of kernel (1, k) this with rows of k·C columns. A bias of its own for each group of rows, such as
 * each cloud, stands for columns that are the same in all rows of the group: x_i and a vector g side by side give W₁x_i + (W₂g + b).
 */
import { tileFor, tileOutputs, tileShapes, tileSums } from "./linear_tile.ts";
import { type Rows, strideOf } from "./rows.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { unrolled } from "./snippets/unrolled.ts";

/** A multiply-add a term; rows and weights are read once, the results written once. */
export const linearCost = (count: number, columns: number, outputs: number): { flops: number; bytes: number } => ({
  flops: 2 * count * columns * outputs,
  bytes: 4 * (count * (columns + outputs) + outputs * columns),
});

/** Tiles of sums, one an invocation. What lies past the end has the same results, written to the same place. */
const tile = (name: string, { rows, quads }: { readonly rows: number; readonly quads: number }) =>
  defineKernel({
    name,
    workgroup: { gpu: 64, software: 8 },
    constants: ["TILE_ROWS", "TILE_QUADS"],
    bindings: { rows: "read vec4f", weights: "read vec4f", biases: "read vec4f", results: "read_write vec4f" },
    sizes: {
      base: "u32", // the launch's first tile along the rows
      tiles: "u32", // its tiles along the rows
      groupTiles: "u32",
      groupRows: "u32",
      quads: "u32",
      outputs: "u32",
      outQuads: "u32",
      biased: "u32",
      slope: "f32",
    },
    wgsl: unrolled(
      /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      // lanes lie along the rows, and along the outputs where rows are few
      let across = thread.x / sizes.tiles * TILE_QUADS;
      if (across >= sizes.outQuads) { return; }
      let along = sizes.base + thread.x % sizes.tiles;
      let group = along / sizes.groupTiles;
      let first = along % sizes.groupTiles * TILE_ROWS;
      let start = group * sizes.groupRows;` + tileOutputs + tileSums + /* wgsl */ `
      var b#q = vec4f();
      if (sizes.biased == 1u) {
        b#q = biases[group * sizes.outQuads + quad#q];
      }
      s#r_#q += b#q;
      s#r_#q = select(sizes.slope * s#r_#q, s#r_#q, s#r_#q > vec4f());
      let inside#q = 4u * quad#q + vec4u(0u, 1u, 2u, 3u) < vec4u(sizes.outputs); // the padding of a row is 0
      results[row#r * sizes.outQuads + quad#q] = select(vec4f(), s#r_#q, inside#q);
    }`,
      { r: rows, q: quads, c: 4 },
    ),
  });

const kernels = {
  square: tile("linear-square", tileShapes.square),
  narrow: tile("linear-narrow", tileShapes.narrow),
  flat: tile("linear-flat", tileShapes.flat),
  gpu: tile("linear", tileShapes.gpu),
};

/** What a linear layer needs. */
export interface LinearRequest {
  /** P × K. */
  readonly rows: Rows;
  /** O × K. */
  readonly weights: Rows;
  /** G × O: the first P/G rows get its first row added, and so on. Nothing is added without it. */
  readonly bias?: Rows;
  /** Factor of results below 0; 1, no kink, unless given. */
  readonly slope?: number;
}

/**
 * lrelu(X Wᵀ + b), P × O. Reads nothing back.
 * @throws {ShapeMismatch} for weights of other columns than the rows', or none; for a bias of other columns, or whose rows don't divide the rows
 * @throws {GpuOutOfMemory} where the result is more than one binding holds
 */
export function linear(gpu: Gpu, { rows, weights, bias, slope = 1 }: LinearRequest): Rows {
  const { count, columns, stride } = rows, outputs = weights.count, outStride = strideOf(outputs);
  if (weights.columns !== columns || weights.stride !== stride || outputs === 0) {
    throw new ShapeMismatch("linear", `one or more weights of ${columns} columns`, `${outputs} × ${weights.columns}`);
  }
  const groups = bias?.count ?? 1, groupRows = count / groups;
  if (bias && (bias.columns !== outputs || bias.stride !== outStride || !Number.isInteger(groupRows))) {
    const got = `${groups} × ${bias.columns}`;
    throw new ShapeMismatch("linear", `a bias of ${outputs} columns whose rows divide ${count}`, got);
  }
  const shape = tileFor(gpu, { rows: groupRows, outputs }), { rows: tileRows, quads: tileQuads } = tileShapes[shape];
  const results = gpu.buffer("f32", count * outStride);
  const groupTiles = Math.ceil(groupRows / tileRows), across = Math.ceil(outStride / 4 / tileQuads);
  const invocations = Math.min(gpu.limits.stepFlops / (2 * stride * 4 * tileQuads * tileRows), 65_535 * 8);
  const step = Math.max(1, Math.floor(invocations / across));
  for (let base = 0; base < groups * groupTiles; base += step) {
    const tiles = Math.min(step, groups * groupTiles - base);
    kernels[shape].dispatch(gpu, {
      buffers: { rows: rows.values, weights: weights.values, biases: (bias ?? weights).values, results },
      sizes: {
        base,
        tiles,
        groupTiles,
        groupRows,
        quads: stride / 4,
        outputs,
        outQuads: outStride / 4,
        biased: bias ? 1 : 0,
        slope,
      },
      constants: { TILE_ROWS: tileRows, TILE_QUADS: tileQuads },
      threads: tiles * across,
    });
  }
  return {
    values: results,
    count,
    columns: outputs,
    stride: outStride,
    [Symbol.dispose]: () => results[Symbol.dispose](),
  };
}
