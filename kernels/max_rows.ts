/**
 * Greatest value of each column over the rows of each cloud, and its gradient. @module
 *
 * y_bc = max_i x_ic over the rows i of cloud b; of equal values the first row counts, and it alone gets the gradient.
 * Source: the max pooling over points of Qi et al., "PointNet", 2017.
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** A comparison a value; the rows are read once, 8 bytes written a column and cloud. */
export const maxRowsCost = (count: number, clouds: number, columns: number): { flops: number; bytes: number } => ({
  flops: count * columns,
  bytes: 4 * columns * (count + 2 * clouds),
});

/** No arithmetic; the result is written once, 8 bytes read a column and cloud. */
export const maxRowsGradientCost = (
  count: number,
  clouds: number,
  columns: number,
): { flops: number; bytes: number } => ({
  flops: 0,
  bytes: 4 * columns * (count + 2 * clouds),
});

/** The greatest values and where they stand. */
export interface MaxRows extends Disposable {
  /** `clouds × columns`. */
  readonly values: Rows;
  /** `clouds × stride`: the first row with that value, numbered through all clouds. */
  readonly indices: GpuBuffer<"u32">;
}

/** Rows that one invocation goes through: so few that they are still in the cache when its neighbours go through their other columns. */
const SLICE = 32;

const slices = defineKernel({
  name: "max-rows",
  workgroup: 64,
  bindings: { rows: "read vec4f", values: "read_write vec4f", indices: "read_write vec4u" },
  sizes: { total: "u32", quads: "u32", slices: "u32", each: "u32", slice: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.total) { return; }
      let quad = thread.x % sizes.quads;
      let number = thread.x / sizes.quads; // of the slice, through all clouds
      let cloud = number / sizes.slices;
      let first = cloud * sizes.each + (number % sizes.slices) * sizes.slice;
      let end = min(first + sizes.slice, (cloud + 1u) * sizes.each);
      var best = rows[first * sizes.quads + quad];
      var row = vec4u(first);
      for (var i = first + 1u; i < end; i++) {
        let x = rows[i * sizes.quads + quad];
        let isGreater = x > best; // strict: the first of equal values stays
        best = select(best, x, isGreater);
        row = select(row, vec4u(i), isGreater);
      }
      values[thread.x] = best;
      indices[thread.x] = row;
    }`,
});

const join = defineKernel({
  name: "max-rows-join",
  workgroup: 64,
  bindings: {
    partValues: "read vec4f",
    partIndices: "read vec4u",
    values: "read_write vec4f",
    indices: "read_write vec4u",
  },
  sizes: { total: "u32", quads: "u32", slices: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.total) { return; }
      let base = (thread.x / sizes.quads) * sizes.slices * sizes.quads + thread.x % sizes.quads;
      var best = partValues[base];
      var row = partIndices[base];
      for (var i = 1u; i < sizes.slices; i++) {
        let x = partValues[base + i * sizes.quads];
        let isGreater = x > best;
        best = select(best, x, isGreater);
        row = select(row, partIndices[base + i * sizes.quads], isGreater);
      }
      values[thread.x] = best;
      indices[thread.x] = row;
    }`,
});

/**
 * The greatest values of each column in each of `clouds` clouds of equally many rows. Values must be numbers. Reads nothing back.
 * @throws {ShapeMismatch} for rows that are not whole clouds of one row or more
 * @throws {GpuOutOfMemory}
 */
export function maxRows(gpu: Gpu, { rows, clouds }: { readonly rows: Rows; readonly clouds: number }): MaxRows {
  const { count, columns, stride } = rows, quads = stride / 4;
  const each = count / clouds, parts = Math.ceil(each / SLICE), total = clouds * quads;
  if (!(Number.isInteger(clouds) && clouds >= 1 && Number.isInteger(each) && each >= 1)) {
    throw new ShapeMismatch("max-rows", `${clouds} clouds of as many rows each`, `${count} rows`);
  }
  using owned = new DisposableStack();
  const values = owned.use(gpu.buffer("f32", clouds * stride)), indices = owned.use(gpu.buffer("u32", clouds * stride));
  const launch = (into: { readonly values: GpuBuffer<"f32">; readonly indices: GpuBuffer<"u32"> }) =>
    slices.dispatch(gpu, {
      buffers: { rows: rows.values, ...into },
      sizes: { total: total * parts, quads, slices: parts, each, slice: SLICE },
      constants: {},
      threads: total * parts,
    });
  if (parts === 1) launch({ values, indices });
  else {
    using partValues = gpu.buffer("f32", parts * clouds * stride);
    using partIndices = gpu.buffer("u32", parts * clouds * stride);
    launch({ values: partValues, indices: partIndices });
    join.dispatch(gpu, {
      buffers: { partValues, partIndices, values, indices },
      sizes: { total, quads, slices: parts },
      constants: {},
      threads: total,
    });
  }
  const kept = owned.move();
  return {
    values: { values, count: clouds, columns, stride, [Symbol.dispose]: () => values[Symbol.dispose]() },
    indices,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

const scatter = defineKernel({
  name: "max-rows-gradient",
  workgroup: 64,
  bindings: { upstream: "read f32", indices: "read u32", gradient: "read_write f32" },
  sizes: { total: "u32", stride: "u32", columns: "u32", count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.total) { return; }
      let column = thread.x % sizes.stride;
      let row = indices[thread.x];
      if (column < sizes.columns && row < sizes.count) { gradient[row * sizes.stride + column] = upstream[thread.x]; }
    }`,
});

/**
 * Gradient at the rows that {@linkcode maxRows} saw: each greatest value's row gets what comes from above, all else is 0. Clouds don't share
 * rows, so no place is written twice. Reads nothing back.
 * @throws {ShapeMismatch} for indices of another form than the upstream gradient
 * @throws {GpuOutOfMemory}
 */
export function maxRowsGradient(
  gpu: Gpu,
  { upstream, indices, count }: {
    /** `clouds × columns`. */
    readonly upstream: Rows;
    /** As {@linkcode maxRows} gave them. */
    readonly indices: GpuBuffer<"u32">;
    /** Rows of all clouds. */
    readonly count: number;
  },
): Rows {
  const { columns, stride } = upstream, total = upstream.count * stride;
  if (indices.length !== total) {
    throw new ShapeMismatch("max-rows-gradient", `${upstream.count} × ${stride} indices`, `${indices.length}`);
  }
  const gradient = gpu.zeros("f32", count * stride);
  scatter.dispatch(gpu, {
    buffers: { upstream: upstream.values, indices, gradient },
    sizes: { total, stride, columns, count },
    constants: {},
    threads: total,
  });
  return { values: gradient, count, columns, stride, [Symbol.dispose]: () => gradient[Symbol.dispose]() };
}
