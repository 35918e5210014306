/**
 * Values of edges weighed by a softmax over each place's edges, column by column, and the gradient. @module
 *
 *     w_(i,m) = exp(a_(i,m)) / Σ_n exp(a_(i,n)),  q_(i,m) = v_(i,m) ⊙ w_(i,m)
 *
 * a: logits, v: values. Source: the edge block of SP-GAN's generator, Li et al. 2021. The largest logit is subtracted first, so no
 * exponential overflows. The gradient computes the weights again, which is less than reading them:
 *
 *     g_v = g_q ⊙ w,  g_a = w ⊙ (g_w − Σ_n w_n ⊙ g_w,n),  g_w = g_q ⊙ v
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Per edge and column a maximum, a difference, an exponential, a sum and two products; both operands are read once, the result written once. */
export const weighEdgesCost = (places: number, columns: number, k: number): { flops: number; bytes: number } => ({
  flops: 6 * places * k * columns,
  bytes: 4 * places * k * columns * 3,
});

/** Per edge and column the weight's five operations and six for the gradients; three operands are read once, two results written once. */
export const weighEdgesGradientCost = (
  places: number,
  columns: number,
  k: number,
): { flops: number; bytes: number } => ({ flops: 11 * places * k * columns, bytes: 4 * places * k * columns * 5 });

/** Both parts of the gradient, a row an edge. */
export interface WeighEdgesGradient extends Disposable {
  /** Gradient of the logits. */
  readonly logits: Rows;
  /** Gradient of the values. */
  readonly values: Rows;
}

/** Edges of a place at most: an invocation keeps them all. */
const MOST_EDGES = 16;

/** Quads of a launch, below 65,535 workgroups. */
const MOST_QUADS = 2 ** 21;

/** The softmax of a column's quad over the edges of a place, `first` being the place's first edge of it. */
const softmax = /* wgsl */ `
  fn weights(first: u32) -> array<vec4f, 16> { // MOST_EDGES
    var w: array<vec4f, 16>;
    var top = logits[first];
    for (var m = 0u; m < K; m++) {
      w[m] = logits[first + m * QUADS];
      top = max(top, w[m]);
    }
    var sum = vec4f();
    for (var m = 0u; m < K; m++) {
      w[m] = exp(w[m] - top);
      sum += w[m];
    }
    for (var m = 0u; m < K; m++) { w[m] /= sum; }
    return w;
  }
`;

const weigh = defineKernel({
  name: "weigh-edges",
  workgroup: 64,
  constants: ["QUADS", "K"],
  bindings: { logits: "read vec4f", values: "read vec4f", weighed: "read_write vec4f" },
  sizes: { base: "u32", count: "u32" },
  snippets: [softmax],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = sizes.base + thread.x;
      if (at >= sizes.count) { return; }
      let first = at / QUADS * K * QUADS + at % QUADS;
      var w = weights(first);
      for (var m = 0u; m < K; m++) { weighed[first + m * QUADS] = values[first + m * QUADS] * w[m]; }
    }`,
});

const gradient = defineKernel({
  name: "weigh-edges-gradient",
  workgroup: 64,
  constants: ["QUADS", "K"],
  bindings: {
    upstream: "read vec4f",
    logits: "read vec4f",
    values: "read vec4f",
    logitsGradient: "read_write vec4f",
    valuesGradient: "read_write vec4f",
  },
  sizes: { base: "u32", count: "u32" },
  snippets: [softmax],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = sizes.base + thread.x;
      if (at >= sizes.count) { return; }
      let first = at / QUADS * K * QUADS + at % QUADS;
      var w = weights(first);
      var ofWeights: array<vec4f, 16>; // MOST_EDGES
      var mean = vec4f();
      for (var m = 0u; m < K; m++) {
        let up = upstream[first + m * QUADS];
        valuesGradient[first + m * QUADS] = up * w[m];
        ofWeights[m] = up * values[first + m * QUADS];
        mean += w[m] * ofWeights[m];
      }
      for (var m = 0u; m < K; m++) { logitsGradient[first + m * QUADS] = w[m] * (ofWeights[m] - mean); }
    }`,
});

/** What is weighed. */
export interface EdgeWeighing {
  /** A row an edge: row i·k + m is edge m of place i. */
  readonly logits: Rows;
  /** In the shape of the logits. */
  readonly values: Rows;
  /** Edges of a place. */
  readonly k: number;
}

/**
 * The weighed values, a row of k · columns for each place: its edges behind each other. Reads nothing back.
 * @throws {ShapeMismatch} for logits and values of other shapes, columns that are no multiple of 4, a `k` outside 1 … 16
 */
export function weighEdges(gpu: Gpu, { logits, values, k }: EdgeWeighing): Rows {
  const { places, columns, quads, total } = sizesOf("weigh-edges", [logits, values], k);
  const weighed = gpu.buffer("f32", places * k * columns);
  for (let base = 0; base < total; base += MOST_QUADS) {
    weigh.dispatch(gpu, {
      buffers: { logits: logits.values, values: values.values, weighed },
      sizes: { base, count: Math.min(total, base + MOST_QUADS) },
      constants: { QUADS: quads, K: k },
      threads: Math.min(total - base, MOST_QUADS),
    });
  }
  return rowsOf(weighed, places, k * columns);
}

/**
 * Gradient of {@linkcode weighEdges} for the gradient `upstream` of its result, given in that one's shape. Reads nothing back.
 * @throws {ShapeMismatch} for operands that do not fit
 */
export function weighEdgesGradient(
  gpu: Gpu,
  { upstream, logits, values, k }: EdgeWeighing & { readonly upstream: Rows },
): WeighEdgesGradient {
  const { places, columns, quads, total } = sizesOf("weigh-edges-gradient", [logits, values], k);
  if (upstream.count !== places || upstream.columns !== k * columns) {
    throw new ShapeMismatch(
      "weigh-edges-gradient",
      `a gradient of ${places} × ${k * columns}`,
      `${upstream.count} × ${upstream.columns}`,
    );
  }
  using owned = new DisposableStack();
  const logitsGradient = owned.use(gpu.buffer("f32", places * k * columns));
  const valuesGradient = owned.use(gpu.buffer("f32", places * k * columns));
  for (let base = 0; base < total; base += MOST_QUADS) {
    gradient.dispatch(gpu, {
      buffers: {
        upstream: upstream.values,
        logits: logits.values,
        values: values.values,
        logitsGradient,
        valuesGradient,
      },
      sizes: { base, count: Math.min(total, base + MOST_QUADS) },
      constants: { QUADS: quads, K: k },
      threads: Math.min(total - base, MOST_QUADS),
    });
  }
  const kept = owned.move();
  return {
    logits: rowsOf(logitsGradient, places * k, columns),
    values: rowsOf(valuesGradient, places * k, columns),
    [Symbol.dispose]: () => kept.dispose(),
  };
}

function sizesOf(name: string, [logits, values]: readonly [Rows, Rows], k: number) {
  const { count, columns } = logits, places = count / k;
  const isEqual = values.count === count && values.columns === columns;
  if (!(isEqual && columns % 4 === 0 && Number.isInteger(k) && k >= 1 && k <= MOST_EDGES && Number.isInteger(places))) {
    throw new ShapeMismatch(
      name,
      `logits and values of one shape, k (1 to ${MOST_EDGES}) rows a place, columns in fours`,
      `${count} × ${columns} and ${values.count} × ${values.columns}, k = ${k}`,
    );
  }
  return { places, columns, quads: columns / 4, total: places * columns / 4 };
}

const rowsOf = (values: GpuBuffer<"f32">, count: number, columns: number): Rows => ({
  values,
  count,
  columns,
  stride: columns,
  [Symbol.dispose]: () => values[Symbol.dispose](),
});
