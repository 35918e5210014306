/**
 * The extreme of each output of a linear layer over the rows of each cloud, without the outputs in between. @module
 *
 * y_bo = x_i · w_o + b_o for the row i of cloud b where d_o · (x_i · w_o) is greatest, d_o ∈ {−1, 0, 1} the sign of the output's direction:
 * the greatest value, the smallest, or that of the first row. Of equal values the first row counts. It is what is left of the product where
 * a monotone function of each output and a maximum over the rows stand behind it.
 */
import { tileFor, tileOutputs, tileShapes, tileSums } from "./linear_tile.ts";
import { type Rows, strideOf } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";
import { unrolled } from "./snippets/unrolled.ts";

/** A multiply-add a term; rows and weights are read once, a value and a number written for each cloud and output. */
export const linearExtremesCost = (
  count: number,
  columns: number,
  outputs: number,
  clouds: number,
): { flops: number; bytes: number } => ({
  flops: 2 * count * columns * outputs,
  bytes: 4 * ((count + outputs) * columns + 2 * clouds * outputs),
});

/** Extremes and the rows that have them. */
export interface LinearExtremes extends Disposable {
  /** `clouds × outputs`. */
  readonly values: Rows;
  /** `clouds × stride`: the first row with that extreme, numbered through all clouds; 0xffffffff in the padding. */
  readonly indices: GpuBuffer<"u32">;
}

/** Tiles that an invocation goes through, so that what it writes is next to nothing. */
const RUN = 8;

const tile = (name: string, { rows, quads }: { readonly rows: number; readonly quads: number }) =>
  defineKernel({
    name,
    workgroup: { gpu: 64, software: 8 },
    constants: ["TILE_ROWS", "TILE_QUADS"],
    bindings: {
      rows: "read vec4f",
      weights: "read vec4f",
      directions: "read vec4f",
      partValues: "read_write vec4f",
      partIndices: "read_write vec4u",
    },
    sizes: {
      base: "u32", // the launch's first slice, through all clouds
      slices: "u32", // its slices
      cloudSlices: "u32",
      run: "u32", // rows of a slice
      groupRows: "u32", // rows of a cloud
      quads: "u32",
      outputs: "u32",
      outQuads: "u32",
    },
    wgsl: unrolled(
      /* wgsl */ `
    const LOWEST: f32 = -0x1.fffffep+127f;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let across = thread.x / sizes.slices * TILE_QUADS;
      if (across >= sizes.outQuads) { return; }
      let slice = sizes.base + thread.x % sizes.slices;
      let start = slice / sizes.cloudSlices * sizes.groupRows;
      let begin = slice % sizes.cloudSlices * sizes.run;
      let end = min(begin + sizes.run, sizes.groupRows);` + tileOutputs + /* wgsl */ `
      let direction#q = sign(directions[quad#q]);
      var lead#q = vec4f(LOWEST);
      var value#q = vec4f();
      var place#q = vec4u();
      for (var first = begin; first < end; first += TILE_ROWS) {` + tileSums + /* wgsl */ `
        // strict: of equal values the first stays, and a row past the end, the last one again, changes nothing
        let t#r_#q = direction#q * s#r_#q;
        { let isAhead = t#r_#q > lead#q; lead#q = select(lead#q, t#r_#q, isAhead); value#q = select(value#q, s#r_#q, isAhead); place#q = select(place#q, vec4u(row#r), isAhead); }
      }
      partValues[slice * sizes.outQuads + quad#q] = value#q;
      partIndices[slice * sizes.outQuads + quad#q] = place#q;
    }`,
      { r: rows, q: quads, c: 4 },
    ),
  });

const kernels = {
  square: tile("linear-extremes-square", tileShapes.square),
  narrow: tile("linear-extremes-narrow", tileShapes.narrow),
  flat: tile("linear-extremes-flat", tileShapes.flat),
  gpu: tile("linear-extremes", tileShapes.gpu),
};

const join = defineKernel({
  name: "linear-extremes-join",
  workgroup: 64,
  bindings: {
    partValues: "read vec4f",
    partIndices: "read vec4u",
    directions: "read vec4f",
    biases: "read vec4f",
    values: "read_write vec4f",
    indices: "read_write vec4u",
  },
  sizes: { total: "u32", cloudSlices: "u32", outputs: "u32", outQuads: "u32", biased: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.total) { return; }
      let quad = thread.x % sizes.outQuads;
      let direction = sign(directions[quad]);
      var at = thread.x / sizes.outQuads * sizes.cloudSlices * sizes.outQuads + quad;
      var best = partValues[at];
      var row = partIndices[at];
      for (var slice = 1u; slice < sizes.cloudSlices; slice++) {
        at += sizes.outQuads;
        let isAhead = direction * partValues[at] > direction * best;
        best = select(best, partValues[at], isAhead);
        row = select(row, partIndices[at], isAhead);
      }
      if (sizes.biased == 1u) { best += biases[quad]; }
      let isInside = 4u * quad + vec4u(0u, 1u, 2u, 3u) < vec4u(sizes.outputs);
      values[thread.x] = select(vec4f(), best, isInside);
      indices[thread.x] = select(vec4u(0xffffffffu), row, isInside);
    }`,
});

/** What {@linkcode linearExtremes} needs. */
export interface LinearExtremesRequest {
  /** P × K, `clouds` runs of equally many. */
  readonly rows: Rows;
  /** O × K. */
  readonly weights: Rows;
  /** 1 × O, of which the signs count: such as the weights of a norm. */
  readonly directions: Rows;
  /** 1 × O; nothing is added without it. */
  readonly bias?: Rows;
  /** Runs of equally many consecutive rows. */
  readonly clouds: number;
}

/**
 * The extremes of each output in each cloud. Values must be finite. Reads nothing back.
 * @throws {ShapeMismatch} for rows that are not whole clouds of one row or more, or operands of other columns or outputs
 * @throws {GpuOutOfMemory}
 */
export function linearExtremes(
  gpu: Gpu,
  { rows, weights, directions, bias, clouds }: LinearExtremesRequest,
): LinearExtremes {
  const { count, columns, stride } = rows, outputs = weights.count, outStride = strideOf(outputs);
  const groupRows = count / clouds, outQuads = outStride / 4;
  if (!(Number.isInteger(clouds) && clouds >= 1 && Number.isInteger(groupRows) && groupRows >= 1)) {
    throw new ShapeMismatch("linear-extremes", `${clouds} clouds of as many rows each`, `${count} rows`);
  }
  if (weights.columns !== columns || weights.stride !== stride || outputs === 0) {
    const got = `${outputs} × ${weights.columns}`;
    throw new ShapeMismatch("linear-extremes", `one or more weights of ${columns} columns`, got);
  }
  for (const row of bias ? [directions, bias] : [directions]) {
    if (row.count === 1 && row.columns === outputs && row.stride === outStride) continue;
    const want = `directions and bias of 1 × ${outputs}`;
    throw new ShapeMismatch("linear-extremes", want, `${row.count} × ${row.columns}`);
  }
  const shape = tileFor(gpu, { rows: groupRows, outputs }), { rows: tileRows, quads: tileQuads } = tileShapes[shape];
  const run = RUN * tileRows, cloudSlices = Math.ceil(groupRows / run), slices = clouds * cloudSlices;
  const across = Math.ceil(outQuads / tileQuads);
  const invocations = Math.min(gpu.limits.stepFlops / (2 * stride * 4 * tileQuads * run), 65_535 * 8);
  const step = Math.max(1, Math.floor(invocations / across));
  using owned = new DisposableStack();
  const values = owned.use(gpu.buffer("f32", clouds * outStride));
  const indices = owned.use(gpu.buffer("u32", clouds * outStride));
  using partValues = gpu.buffer("f32", slices * outStride), partIndices = gpu.buffer("u32", slices * outStride);
  for (let base = 0; base < slices; base += step) {
    const launched = Math.min(step, slices - base);
    kernels[shape].dispatch(gpu, {
      buffers: {
        rows: rows.values,
        weights: weights.values,
        directions: directions.values,
        partValues,
        partIndices,
      },
      sizes: { base, slices: launched, cloudSlices, run, groupRows, quads: stride / 4, outputs, outQuads },
      constants: { TILE_ROWS: tileRows, TILE_QUADS: tileQuads },
      threads: launched * across,
    });
  }
  join.dispatch(gpu, {
    buffers: {
      partValues,
      partIndices,
      directions: directions.values,
      biases: (bias ?? directions).values,
      values,
      indices,
    },
    sizes: { total: clouds * outQuads, cloudSlices, outputs, outQuads, biased: bias ? 1 : 0 },
    constants: {},
    threads: clouds * outQuads,
  });
  const kept = owned.move();
  return {
    values: {
      values,
      count: clouds,
      columns: outputs,
      stride: outStride,
      [Symbol.dispose]: () => values[Symbol.dispose](),
    },
    indices,
    [Symbol.dispose]: () => kept.dispose(),
  };
}
