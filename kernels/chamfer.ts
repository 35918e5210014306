/**
 * One side of a Chamfer distance, and its gradients at both clouds. @module
 *
 * L = w · Σ_i d(a_i, b_n(i)) over the points a_i that are kept, n(i) the number of the point of b that belongs to a_i, such as its nearest.
 * d is the squared distance, or the distance; in three dimensions, or in x and y alone. n is taken as given: it carries no gradient.
 * Squared: dL/da_i = 2·w·(a_i − b_n(i)). Distance: w·(a_i − b_n(i))/d, and 0 where d is 0. dL/db_j = −Σ of those with n(i) = j.
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Some twelve operations a pair; two points and a number are read, a point written. */
export const chamferTermCost = (count: number): { flops: number; bytes: number } => ({
  flops: 12 * count,
  bytes: 52 * count,
});

/** Three additions a gradient; each is read once with its number, and a row of four floats and a start is used a point. */
export const gatherPullCost = (gradients: number, points: number): { flops: number; bytes: number } => ({
  flops: 3 * gradients,
  bytes: 20 * gradients + 20 * points,
});

/** What a term is made of. */
export interface ChamferRequest {
  /** `A × 3`. */
  readonly a: Rows;
  /** `B × 3`. */
  readonly b: Rows;
  /** `A × k`: the first of each k is the row of b that belongs to the row of a. */
  readonly indices: GpuBuffer<"u32">;
  /** A flag a row of a: 1 kept, 0 left out. All are kept unless given. */
  readonly kept?: GpuBuffer<"u32">;
  /** What is added: squared distances, or distances. */
  readonly form: "squared" | "norm";
  /** 2 leaves the third coordinate out. */
  readonly dimensions: 2 | 3;
  /** w. */
  readonly weight: number;
  /** True: w is divided by how many are kept; the term is 0 where none is. */
  readonly mean?: boolean;
  /** Losses; the term is added to element `at`. */
  readonly into: GpuBuffer<"f32">;
  /** The element of `into`. */
  readonly at: number;
}

const countKept = defineKernel({
  name: "chamfer-count",
  workgroup: 64,
  bindings: { kept: "read u32", counts: "read_write u32" },
  sizes: { count: "u32", run: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let first = thread.x * sizes.run;
      if (first >= sizes.count) { return; }
      var sum = 0u;
      for (var i = first; i < min(first + sizes.run, sizes.count); i++) { sum += select(0u, 1u, kept[i] != 0u); }
      counts[thread.x] = sum;
    }`,
});

const shareOf = defineKernel({
  name: "chamfer-share",
  workgroup: 1,
  bindings: { counts: "read u32", share: "read_write f32" },
  sizes: { runs: "u32", weight: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main() {
      var sum = 0u;
      for (var i = 0u; i < sizes.runs; i++) { sum += counts[i]; }
      share[0] = select(sizes.weight / f32(max(sum, 1u)), 0.0, sum == 0u);
    }`,
});

const pairs = defineKernel({
  name: "chamfer-pairs",
  workgroup: 64,
  constants: ["IS_NORM", "DIMENSIONS", "HAS_KEPT", "HAS_SHARE"],
  bindings: {
    a: "read vec4f",
    b: "read vec4f",
    indices: "read u32",
    kept: "read u32", // not read unless HAS_KEPT
    share: "read f32", // not read unless HAS_SHARE
    gradient: "read_write vec4f",
    sums: "read_write f32",
  },
  sizes: { count: "u32", run: "u32", width: "u32", bCount: "u32", weight: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let first = thread.x * sizes.run;
      if (first >= sizes.count) { return; }
      let flat = select(vec3f(1.0), vec3f(1.0, 1.0, 0.0), DIMENSIONS == 2u);
      var weight = sizes.weight;
      if (HAS_SHARE == 1u) { weight = share[0]; }
      var sum = 0.0;
      for (var i = first; i < min(first + sizes.run, sizes.count); i++) {
        let at = indices[i * sizes.width];
        var isIn = at < sizes.bCount;
        if (HAS_KEPT == 1u) { isIn = isIn && kept[i] != 0u; }
        let d = (a[i].xyz - b[min(at, sizes.bCount - 1u)].xyz) * flat;
        let square = fma(d.z, d.z, fma(d.y, d.y, d.x * d.x));
        var value = square;
        var pull = 2.0 * d;
        if (IS_NORM == 1u) {
          value = sqrt(square);
          pull = select(d / value, vec3f(), value == 0.0); // a distance has no slope at 0
        }
        sum += select(0.0, value, isIn);
        gradient[i] = select(vec4f(), vec4f(weight * pull, 0.0), isIn);
      }
      sums[thread.x] = weight * sum;
    }`,
});

const total = defineKernel({
  name: "chamfer-total",
  workgroup: 1,
  bindings: { sums: "read f32", losses: "read_write f32" },
  sizes: { runs: "u32", place: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main() {
      var sum = 0.0;
      for (var i = 0u; i < sizes.runs; i++) { sum += sums[i]; }
      losses[sizes.place] += sum;
    }`,
});

/**
 * Gradient at a; the term itself is added to `into`. A row whose number is none of b's is left out. The sum goes by runs of fixed length, in
 * order. Reads nothing back.
 * @throws {ShapeMismatch} for rows that are no points, no b, indices or flags of another number than a's rows, or no element `at`
 * @throws {GpuOutOfMemory}
 */
export function chamferTerm(
  gpu: Gpu,
  { a, b, indices, kept, form, dimensions, weight, mean = false, into, at }: ChamferRequest,
): Rows {
  const { count, columns, stride } = a, width = count > 0 ? indices.length / count : 1;
  if ([a, b].some((rows) => rows.columns !== 3 || rows.stride !== 4) || b.count === 0) {
    throw new ShapeMismatch(
      "chamfer",
      "points of 3 columns, one or more in b",
      `${columns} and ${b.count} × ${b.columns}`,
    );
  }
  if (!(Number.isInteger(width) && width >= 1) || (kept && kept.length !== count)) {
    throw new ShapeMismatch(
      "chamfer",
      `whole lists of numbers and flags for ${count} points`,
      `${indices.length} numbers and ${kept?.length ?? "no"} flags`,
    );
  }
  if (!(Number.isInteger(at) && at >= 0 && at < into.length)) {
    throw new ShapeMismatch("chamfer", `an element of ${into.length} losses`, `element ${at}`);
  }
  // as many runs as points of a run: the fewest steps of the two launches, and of roundings of a sum
  const run = Math.max(16, Math.ceil(Math.sqrt(count))), runs = Math.ceil(count / run);
  using owned = new DisposableStack();
  const gradient = owned.use(gpu.buffer("f32", count * stride));
  using sums = gpu.buffer("f32", runs), share = gpu.buffer("f32", 1);
  const hasShare = mean && kept !== undefined;
  if (hasShare) {
    using counts = gpu.buffer("u32", runs);
    countKept.dispatch(gpu, { buffers: { kept, counts }, sizes: { count, run }, constants: {}, threads: runs });
    shareOf.dispatch(gpu, { buffers: { counts, share }, sizes: { runs, weight }, constants: {}, threads: 1 });
  }
  pairs.dispatch(gpu, {
    buffers: { a: a.values, b: b.values, indices, kept: kept ?? indices, share, gradient, sums },
    sizes: { count, run, width, bCount: b.count, weight: mean ? weight / Math.max(1, count) : weight },
    constants: {
      IS_NORM: form === "norm" ? 1 : 0,
      DIMENSIONS: dimensions,
      HAS_KEPT: kept ? 1 : 0,
      HAS_SHARE: hasShare ? 1 : 0,
    },
    threads: runs,
  });
  total.dispatch(gpu, { buffers: { sums, losses: into }, sizes: { runs, place: at }, constants: {}, threads: 1 });
  const moved = owned.move();
  return { values: gradient, count, columns, stride, [Symbol.dispose]: () => moved.dispose() };
}

const gather = defineKernel({
  name: "gather-pull",
  workgroup: 64,
  bindings: { gradients: "read vec4f", starts: "read u32", edges: "read u32", pull: "read_write vec4f" },
  sizes: { count: "u32", width: "u32", first: "u32", step: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      var sum = vec4f();
      if (sizes.first > 0u) { sum = pull[thread.x]; }
      let begin = starts[thread.x] + sizes.first;
      let end = min(begin + sizes.step, starts[thread.x + 1u]);
      for (var i = begin; i < end; i++) {
        let edge = edges[i];
        sum -= select(vec4f(), gradients[edge / sizes.width], edge % sizes.width == 0u);
      }
      pull[thread.x] = sum;
    }`,
});

/**
 * Gradient at b of a term whose gradient at a is given: each b_j gets minus the sum over the a_i that it belongs to, in the order of its list.
 * Where the indices were `A × k`, the first of each k counts here too. Reads nothing back.
 * @throws {ShapeMismatch} for lists of another number of points @throws {GpuOutOfMemory}
 */
export function gatherPull(
  gpu: Gpu,
  { gradients, inverse, count }: {
    /** `A × 3`, of {@linkcode chamferTerm}. */
    readonly gradients: Rows;
    /** The inverse of its indices: the places in them of each row of b, ascending, from `starts[j]` to before `starts[j + 1]`. */
    readonly inverse: { readonly starts: GpuBuffer<"u32">; readonly edges: GpuBuffer<"u32"> };
    /** Rows of b. */
    readonly count: number;
  },
): Rows {
  const { starts, edges } = inverse, { columns, stride } = gradients;
  const width = gradients.count > 0 ? edges.length / gradients.count : 1;
  if (starts.length !== count + 1 || !(Number.isInteger(width) && width >= 1)) {
    throw new ShapeMismatch(
      "gather-pull",
      `${count + 1} starts, and edges of ${gradients.count} points`,
      `${starts.length} and ${edges.length}`,
    );
  }
  const pull = gpu.buffer("f32", count * stride), step = gpu.limits.loopIterations;
  for (let first = 0; first === 0 || first < edges.length; first += step) { // one point may have all in its list
    gather.dispatch(gpu, {
      buffers: { gradients: gradients.values, starts, edges, pull },
      sizes: { count, width, first, step },
      constants: {},
      threads: count,
    });
  }
  return { values: pull, count, columns, stride, [Symbol.dispose]: () => pull[Symbol.dispose]() };
}
