/**
 * Differences along the edges of a graph, and their gradient. @module
 *
 *     e_(i,m) = near_j − near_i + own_i,  j = neighbours[i·k + m]
 *
 * With near = W_d·X and own = W_c·X + b this is the 1 × 1 convolution of the edge features [X_i; X_j − X_i] of Wang et al., "Dynamic Graph
 * CNN for Learning on Point Clouds", 2019, by products of places instead of edges; with own = b it is that of the differences alone.
 * The gradient gathers along the inverse lists in their order, so it is the same at every run.
 */
import type { InverseNeighbours } from "./inverse_neighbours.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Two sums a term of an edge; near, own and the neighbours' numbers are read once, the edges written once. */
export const edgeDifferencesCost = (places: number, columns: number, k: number): { flops: number; bytes: number } => ({
  flops: 2 * places * k * columns,
  bytes: 4 * places * ((2 + k) * columns + k),
});

/** Two sums a term of an edge; edges and the inverse lists are read once, both results written once. That an edge is read twice, far apart, is not counted. */
export const edgeDifferencesGradientCost = (
  places: number,
  columns: number,
  k: number,
): { flops: number; bytes: number } => ({
  flops: 2 * places * k * columns,
  bytes: 4 * places * ((2 + k) * columns + k + 1),
});

/** Both parts of the gradient. */
export interface EdgeDifferencesGradient extends Disposable {
  /** Gradient of `near`, a row a place. */
  readonly near: Rows;
  /** Gradient of `own`, a row a place; that of a bias is the sum of its rows. */
  readonly own: Rows;
}

/** Quads of a launch, below 65,535 workgroups. */
const MOST_QUADS = 2 ** 21;

const differences = defineKernel({
  name: "edge-differences",
  workgroup: 64,
  constants: ["QUADS", "K", "IS_BIAS"],
  bindings: { near: "read vec4f", own: "read vec4f", neighbours: "read u32", edges: "read_write vec4f" },
  sizes: { base: "u32", count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = sizes.base + thread.x;
      if (at >= sizes.count) { return; }
      let place = at / QUADS;
      let column = at % QUADS;
      let here = near[at];
      let added = own[select(at, column, IS_BIAS == 1u)];
      for (var m = 0u; m < K; m++) {
        let edge = place * K + m;
        edges[edge * QUADS + column] = (near[neighbours[edge] * QUADS + column] - here) + added;
      }
    }`,
});

const gather = defineKernel({
  name: "edge-differences-gradient",
  workgroup: 64,
  constants: ["QUADS", "K"],
  bindings: {
    upstream: "read vec4f",
    starts: "read u32",
    ends: "read u32",
    near: "read_write vec4f",
    own: "read_write vec4f",
  },
  sizes: { base: "u32", count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = sizes.base + thread.x;
      if (at >= sizes.count) { return; }
      let place = at / QUADS;
      let column = at % QUADS;
      var mine = vec4f();
      for (var m = 0u; m < K; m++) { mine += upstream[(place * K + m) * QUADS + column]; }
      var theirs = vec4f();
      let stop = starts[place + 1u];
      for (var e = starts[place]; e < stop; e++) { theirs += upstream[ends[e] * QUADS + column]; }
      own[at] = mine;
      near[at] = theirs - mine;
    }`,
});

/**
 * The difference of each edge, `near.count · k` rows; edge m of place i is row i·k + m. `neighbours` holds numbers of rows of `near`. Reads
 * nothing back.
 * @throws {ShapeMismatch} for operands that do not fit; `own` has the rows of `near`, or one, which is a bias
 */
export function edgeDifferences(
  gpu: Gpu,
  { near, own, neighbours, k }: {
    readonly near: Rows;
    readonly own: Rows;
    readonly neighbours: GpuBuffer<"u32">;
    readonly k: number;
  },
): Rows {
  const { count, columns, stride } = near, quads = stride / 4;
  const fits = own.columns === columns && own.stride === stride && (own.count === count || own.count === 1);
  if (!fits || !Number.isInteger(k) || k < 1 || neighbours.length !== count * k) {
    throw new ShapeMismatch(
      "edge-differences",
      `own rows like the ${count} × ${columns} near, or one, and ${k} neighbours each`,
      `${own.count} × ${own.columns}, ${neighbours.length} neighbours`,
    );
  }
  const edges = gpu.buffer("f32", count * k * stride), total = count * quads;
  for (let base = 0; base < total; base += MOST_QUADS) {
    differences.dispatch(gpu, {
      buffers: { near: near.values, own: own.values, neighbours, edges },
      sizes: { base, count: Math.min(total, base + MOST_QUADS) },
      constants: { QUADS: quads, K: k, IS_BIAS: own.count === count ? 0 : 1 },
      threads: Math.min(total - base, MOST_QUADS),
    });
  }
  return rowsOf(edges, count * k, columns, stride);
}

/**
 * Gradient of {@linkcode edgeDifferences} for the gradient `upstream` of its result: near_j gets the sum over the edges that end at j less
 * that over its own edges, own_i the sum over its own. `inverse` is that of the neighbours. Reads nothing back.
 *
 * Fewer edges end at one row than `gpu.limits.loopIterations`, as is so where a row's neighbours differ and there are fewer rows.
 * @throws {ShapeMismatch} for operands that do not fit
 */
export function edgeDifferencesGradient(
  gpu: Gpu,
  { upstream, inverse, k }: { readonly upstream: Rows; readonly inverse: InverseNeighbours; readonly k: number },
): EdgeDifferencesGradient {
  const { columns, stride } = upstream, count = inverse.starts.length - 1, quads = stride / 4;
  if (!Number.isInteger(k) || k < 1 || upstream.count !== count * k || inverse.edges.length !== count * k) {
    throw new ShapeMismatch(
      "edge-differences-gradient",
      `${k} edges for each of ${count} rows`,
      `${upstream.count} edges, ${inverse.edges.length} in the inverse`,
    );
  }
  using owned = new DisposableStack();
  const near = owned.use(gpu.buffer("f32", count * stride)), own = owned.use(gpu.buffer("f32", count * stride));
  const total = count * quads;
  for (let base = 0; base < total; base += MOST_QUADS) {
    gather.dispatch(gpu, {
      buffers: { upstream: upstream.values, starts: inverse.starts, ends: inverse.edges, near, own },
      sizes: { base, count: Math.min(total, base + MOST_QUADS) },
      constants: { QUADS: quads, K: k },
      threads: Math.min(total - base, MOST_QUADS),
    });
  }
  const kept = owned.move();
  return {
    near: rowsOf(near, count, columns, stride),
    own: rowsOf(own, count, columns, stride),
    [Symbol.dispose]: () => kept.dispose(),
  };
}

const rowsOf = (values: GpuBuffer<"f32">, count: number, columns: number, stride: number): Rows => ({
  values,
  count,
  columns,
  stride,
  [Symbol.dispose]: () => values[Symbol.dispose](),
});
