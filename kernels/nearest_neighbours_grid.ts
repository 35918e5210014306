/**
 * A hashed uniform grid over a cloud, with a cell side fitted to the density around the queries. @module
 *
 * Cells have unbounded integer coordinates. A cell's bucket is `(hash(y, z) + x) mod 2^b`, so that a run of cells along x is one run of
 * points in the sorted cloud. Cells that share a bucket are told apart by a key of y and z that is kept beside each point. The order of
 * points in a bucket varies from run to run; what is found with the grid must not depend on it.
 */
import type { Cloud } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

/** Queries whose density is looked at to choose the cell's side. */
const SAMPLES = 128;
/** Buckets that one invocation sums. */
const RUN = 64;

/** Where things lie in the `state` of a search: how many queries each list holds, then the grid's origin and scale as float bits. */
export const STATE_LENGTH = 16;

/** WGSL: the state's layout and the place of a point in the grid. */
export const gridSnippet = /* wgsl */ `
const SCALE: u32 = 8u; // state: 8..10 origin, 11 side of a cell, 12 its inverse
const FARTHEST: f32 = 262144.0; // cells; beyond it float32 does not place points well enough for a search
fn rowHash(y: i32, z: i32, shift: u32) -> u32 {
  return (bitcast<u32>(y) * 0x9E3779B1u + bitcast<u32>(z) * 0x85EBCA77u) >> shift;
}
fn rowKey(y: i32, z: i32) -> u32 { return (bitcast<u32>(y) & 0xffffu) | (bitcast<u32>(z) << 16u); }
fn cellOf(t: vec3f) -> vec3i { return vec3i(floor(clamp(t, vec3f(-4.0 * FARTHEST), vec3f(4.0 * FARTHEST)))); }
`;

/** WGSL: the squared length of a difference. Both searches must order alike, so no compiler may choose what is fused. */
export const squareSnippet = /* wgsl */ `
fn squareOf(d: vec3f) -> f32 { return fma(d.z, d.z, fma(d.y, d.y, d.x * d.x)); }
`;

/** How many sampled queries have how many of the sampled points at a distance of each power of two. */
const octaves = defineKernel({
  name: "neighbour-octaves",
  workgroup: { gpu: 64, software: 8 },
  bindings: { points: "read vec4f", lists: "read u32", state: "read u32", counts: "read_write u32" },
  sizes: { pointCount: "u32", step: "u32", slice: "u32", list: "u32", samples: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let queries = state[sizes.list];
      if (thread.x >= sizes.samples || queries == 0u) { return; }
      let q = lists[(sizes.list & 1u) * sizes.pointCount + thread.x * queries / sizes.samples];
      let p = points[q].xyz;
      var histogram: array<u32, 256>;
      for (var b = 0u; b < 256u; b++) { histogram[b] = 0u; }
      for (var i = thread.y * sizes.slice; i < (thread.y + 1u) * sizes.slice; i++) {
        // one point of every step, at a scattered place: a stride would meet the period of a pixel grid
        let at = i * sizes.step + ((i * 0x9E3779B1u) >> 8u) % sizes.step;
        if (at >= sizes.pointCount) { break; }
        let d = points[at].xyz - p;
        histogram[(bitcast<u32>(dot(d, d)) >> 23u) & 255u] += 1u;
      }
      for (var b = 0u; b < 256u; b++) { counts[(thread.y * 256u + b) * sizes.samples + thread.x] = histogram[b]; }
    }`,
});

/** The cell's side from a high quantile of the sampled queries' k-th distances. */
const scale = defineKernel({
  name: "neighbour-scale",
  workgroup: 128, // SAMPLES
  snippets: [gridSnippet],
  bindings: { points: "read vec4f", lists: "read u32", counts: "read u32", state: "read_write u32" },
  sizes: { pointCount: "u32", slices: "u32", list: "u32", rank: "f32", quantile: "u32", cellsPerRadius: "f32" },
  wgsl: /* wgsl */ `
    var<workgroup> squares: array<f32, WORKGROUP>;
    var<workgroup> sorted: array<f32, WORKGROUP>;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(local_invocation_index) lane: u32) {
      var before = 0.0;
      var square = 0x1p+100f;
      for (var b = 0u; b < 255u; b++) {
        var here = 0u;
        for (var s = 0u; s < sizes.slices; s++) { here += counts[(s * 256u + b) * WORKGROUP + lane]; }
        if (before + f32(here) >= sizes.rank) { // within the octave, counts are taken to grow evenly in log d²
          square = select(exp2(f32(b) - 127.0 + (sizes.rank - before) / f32(here)), 0.0, b == 0u);
          break;
        }
        before += f32(here);
      }
      squares[lane] = square;
      workgroupBarrier();
      var rank = 0u;
      for (var i = 0u; i < WORKGROUP; i++) {
        if (squares[i] < square || (squares[i] == square && i < lane)) { rank += 1u; }
      }
      sorted[rank] = square;
      workgroupBarrier();
      if (lane != 0u || state[sizes.list] == 0u) { return; }
      var at = sizes.quantile;
      while (at < WORKGROUP - 1u && sorted[at] == 0.0) { at += 1u; }
      let radius = select(1.0, sqrt(sorted[at]), sorted[at] > 0.0 && sorted[at] < 0x1p+100f); // 1: no scale can be seen
      let side = clamp(radius / sizes.cellsPerRadius, 0x1p-60f, 0x1p+60f);
      let origin = points[lists[(sizes.list & 1u) * sizes.pointCount]];
      state[SCALE] = bitcast<u32>(origin.x);
      state[SCALE + 1u] = bitcast<u32>(origin.y);
      state[SCALE + 2u] = bitcast<u32>(origin.z);
      state[SCALE + 3u] = bitcast<u32>(side);
      state[SCALE + 4u] = bitcast<u32>(1.0 / side);
    }`,
});

/** Each point's bucket and its rank in it. */
const count = defineKernel({
  name: "neighbour-count",
  workgroup: 64,
  snippets: [gridSnippet],
  bindings: {
    points: "read vec4f",
    state: "read u32",
    places: "read_write vec2u",
    buckets: "read_write atomic<u32>",
  },
  sizes: { pointCount: "u32", list: "u32", shift: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let i = thread.x;
      if (i >= sizes.pointCount || state[sizes.list] == 0u) { return; }
      let origin = bitcast<vec3f>(vec3u(state[SCALE], state[SCALE + 1u], state[SCALE + 2u]));
      let cell = cellOf((points[i].xyz - origin) * bitcast<f32>(state[SCALE + 4u]));
      let bucket = (rowHash(cell.y, cell.z, sizes.shift) + bitcast<u32>(cell.x)) & (0xffffffffu >> sizes.shift);
      places[i] = vec2u(bucket, atomicAdd(&buckets[bucket], 1u));
    }`,
});

/** The number of points in each run of buckets. */
const runs = defineKernel({
  name: "neighbour-runs",
  workgroup: 64,
  bindings: { buckets: "read u32", sums: "read_write u32" },
  sizes: { run: "u32", runs: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.runs) { return; }
      var sum = 0u;
      for (var b = thread.x * sizes.run; b < (thread.x + 1u) * sizes.run; b++) { sum += buckets[b]; }
      sums[thread.x] = sum;
    }`,
});

/** The runs' sums into the number of points before each run. */
const offsets = defineKernel({
  name: "neighbour-offsets",
  workgroup: 256,
  bindings: { sums: "read_write u32" },
  sizes: { runs: "u32" },
  wgsl: /* wgsl */ `
    var<workgroup> totals: array<u32, WORKGROUP>;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(local_invocation_index) lane: u32) {
      let each = (sizes.runs + WORKGROUP - 1u) / WORKGROUP;
      let first = min(lane * each, sizes.runs);
      let last = min(first + each, sizes.runs);
      var total = 0u;
      for (var i = first; i < last; i++) { total += sums[i]; }
      totals[lane] = total;
      workgroupBarrier();
      var before = 0u;
      for (var i = 0u; i < lane; i++) { before += totals[i]; }
      for (var i = first; i < last; i++) {
        let here = sums[i];
        sums[i] = before;
        before += here;
      }
    }`,
});

/** The number of points before each bucket, and behind the last. */
const starts = defineKernel({
  name: "neighbour-starts",
  workgroup: 64,
  bindings: { buckets: "read u32", sums: "read u32", starts: "read_write u32" },
  sizes: { run: "u32", runs: "u32", pointCount: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.runs) { return; }
      var before = sums[thread.x];
      for (var b = thread.x * sizes.run; b < (thread.x + 1u) * sizes.run; b++) {
        starts[b] = before;
        before += buckets[b];
      }
      if (thread.x == 0u) { starts[sizes.runs * sizes.run] = sizes.pointCount; }
    }`,
});

/** Points in bucket order, as bits, with the key of their cell's row; and which point each is. */
const scatter = defineKernel({
  name: "neighbour-scatter",
  workgroup: 64,
  snippets: [gridSnippet],
  bindings: {
    points: "read vec4f",
    state: "read u32",
    places: "read vec2u",
    starts: "read u32",
    sorted: "read_write vec4u",
    order: "read_write u32",
  },
  sizes: { pointCount: "u32", list: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let i = thread.x;
      if (i >= sizes.pointCount || state[sizes.list] == 0u) { return; }
      let origin = bitcast<vec3f>(vec3u(state[SCALE], state[SCALE + 1u], state[SCALE + 2u]));
      let p = points[i].xyz;
      let cell = cellOf((p - origin) * bitcast<f32>(state[SCALE + 4u]));
      let at = starts[places[i].x] + places[i].y;
      sorted[at] = vec4u(bitcast<vec3u>(p), rowKey(cell.y, cell.z));
      order[at] = i;
    }`,
});

/** A cloud in bucket order. */
export interface NeighbourGrid extends Disposable {
  /** `count × 4`: bits of x, y, z, and the row key. */
  readonly sorted: GpuBuffer<"u32">;
  /** Which point each sorted one is. */
  readonly order: GpuBuffer<"u32">;
  /** Points before each bucket, and behind the last. */
  readonly starts: GpuBuffer<"u32">;
  /** 32 − log2 of the number of buckets. */
  readonly shift: number;
}

/** What a grid is made for. */
export interface GridOptions {
  readonly cloud: Cloud;
  /** Neighbours wanted of each query. */
  readonly k: number;
  /** Two lists of queries, `2 × count`; list number `list` is in half `list mod 2`. */
  readonly lists: GpuBuffer<"u32">;
  /** {@linkcode STATE_LENGTH} words; the grid's origin and scale are written into it. */
  readonly state: GpuBuffer<"u32">;
  /** The list whose queries the cell's side is fitted to; when it is empty nothing is done. */
  readonly list: number;
  /** Cells in the distance within which most queries have their k neighbours. */
  readonly cellsPerRadius: number;
}

/** Makes the grid of a cloud for the queries of a list. Nothing is read back. @throws {GpuOutOfMemory} */
export function neighbourGrid(
  gpu: Gpu,
  { cloud, k, lists, state, list, cellsPerRadius }: GridOptions,
): NeighbourGrid {
  const pointCount = cloud.count, points = cloud.values;
  const bits = Math.max(12, Math.ceil(Math.log2(2 * pointCount))), size = 2 ** bits, shift = 32 - bits;
  using owned = new DisposableStack();
  const sorted = owned.use(gpu.buffer("u32", 4 * pointCount));
  const order = owned.use(gpu.buffer("u32", pointCount));
  const startsBuffer = owned.use(gpu.buffer("u32", size + 1));
  {
    // a sample of the points is enough: among one in `step` of them the k-th distance is the (k/step)-th
    const step = Math.min(16, Math.max(1, Math.floor(k / 6))), sampled = Math.ceil(pointCount / step);
    const slice = Math.max(2048, Math.ceil(sampled / 64)), slices = Math.ceil(sampled / slice);
    using counts = gpu.buffer("u32", slices * 256 * SAMPLES);
    octaves.dispatch(gpu, {
      buffers: { points, lists, state, counts },
      sizes: { pointCount, step, slice, list, samples: SAMPLES },
      constants: {},
      threads: [SAMPLES, slices],
    });
    scale.dispatch(gpu, {
      buffers: { points, lists, counts, state },
      sizes: { pointCount, slices, list, rank: k / step, quantile: Math.floor(0.8 * SAMPLES), cellsPerRadius },
      constants: {},
      threads: SAMPLES,
    });
  }
  const run = Math.max(RUN, size / 2 ** 16), runCount = size / run;
  using places = gpu.buffer("u32", 2 * pointCount),
    buckets = gpu.zeros("u32", size),
    sums = gpu.buffer("u32", runCount);
  count.dispatch(gpu, {
    buffers: { points, state, places, buckets },
    sizes: { pointCount, list, shift },
    constants: {},
    threads: pointCount,
  });
  runs.dispatch(gpu, { buffers: { buckets, sums }, sizes: { run, runs: runCount }, constants: {}, threads: runCount });
  offsets.dispatch(gpu, { buffers: { sums }, sizes: { runs: runCount }, constants: {}, threads: 256 });
  starts.dispatch(gpu, {
    buffers: { buckets, sums, starts: startsBuffer },
    sizes: { run, runs: runCount, pointCount },
    constants: {},
    threads: runCount,
  });
  scatter.dispatch(gpu, {
    buffers: { points, state, places, starts: startsBuffer, sorted, order },
    sizes: { pointCount, list },
    constants: {},
    threads: pointCount,
  });
  const kept = owned.move();
  return { sorted, order, starts: startsBuffer, shift, [Symbol.dispose]: () => kept.dispose() };
}
