/**
 * The k nearest points of each point of a cloud, exact, itself among them. @module
 *
 * Distances are Euclidean; the squared ones are sums of squared float32 differences, and all order is by those: ascending by (squared
 * distance, index), so duplicates and ties have one answer, the same at every run.
 *
 * Two rounds of a hashed grid, each fitted to the density around the queries that are left, answer a query when the ball that the cells
 * around it cover holds k points; the few that remain (outliers, crowds) are compared with every point. Nothing is read back: launches
 * are made for all queries, and those with nothing to do end at once. Time is about linear in n for scans; a cloud in which many points
 * share one place, or whose density varies by orders of magnitude everywhere, falls back towards n².
 */
import { neighbourGrid, STATE_LENGTH } from "./nearest_neighbours_grid.ts";
import { makeBallSearch, makeScan, SCAN_SLICE } from "./nearest_neighbours_search.ts";
import type { Cloud } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Stands for "no neighbour" in {@linkcode Neighbours.indices}: clouds of fewer than k points have such places at each list's end. */
export const NO_NEIGHBOUR = 0xffffffff;

/** The most neighbours that can be asked for. */
export const MOST_NEIGHBOURS = 256;

/** Clouds up to this size are searched point by point. */
const SMALL_CLOUD = 1024;

/** The neighbours of the points `first … first + count − 1` of a cloud. */
export interface Neighbours extends Disposable {
  /** `count × k`, ascending by (distance, index), the point itself included; {@linkcode NO_NEIGHBOUR} where the cloud has no more points. */
  readonly indices: GpuBuffer<"u32">;
  /** `count × k`, in the cloud's unit squared; the largest float32 where there is no neighbour. */
  readonly squaredDistances: GpuBuffer<"f32">;
  /** Length of each list. */
  readonly k: number;
  /** How many points were asked about. */
  readonly count: number;
  /** Which point of the cloud the first list belongs to. */
  readonly first: number;
}

/** What to search. */
export interface NeighbourQuery {
  /** Finite coordinates. */
  readonly cloud: Cloud;
  /** Neighbours of each point, the point included; 1 to {@linkcode MOST_NEIGHBOURS}. */
  readonly k: number;
  /** The first point asked about; 0 unless said. */
  readonly first?: number;
  /** How many points are asked about; all from `first` unless said. */
  readonly count?: number;
}

/** Cost of one search of an evenly dense cloud: two looks at about two points for each neighbour; 8 bytes a result, 16 a point. */
export const nearestNeighboursCost = (n: number, k: number): { flops: number; bytes: number } => ({
  flops: 2 * 2 * k * n * 8,
  bytes: 16 * n + 8 * n * k,
});

/** Queries in the order given; list 0. */
const listAll = defineKernel({
  name: "neighbour-list-all",
  workgroup: 64,
  bindings: { lists: "read_write u32", state: "read_write u32" },
  sizes: { first: "u32", count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x < sizes.count) { lists[thread.x] = sizes.first + thread.x; }
      if (thread.x == 0u) { state[0] = sizes.count; }
    }`,
});

/** Sorted points that one invocation of the next kernel goes through. */
const LIST_RUN = 64;

/** The same queries in the grid's order, run by run, so that neighbouring invocations look at the same cells; list 1. */
const listSorted = defineKernel({
  name: "neighbour-list-sorted",
  workgroup: { gpu: 64, software: 8 },
  bindings: { order: "read u32", lists: "read_write u32", state: "read_write atomic<u32>" },
  sizes: { first: "u32", count: "u32", pointCount: "u32", run: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let begin = thread.x * sizes.run;
      let end = min(begin + sizes.run, sizes.pointCount);
      var mine = 0u;
      for (var i = begin; i < end; i++) {
        let query = order[i];
        if (query >= sizes.first && query - sizes.first < sizes.count) { mine += 1u; }
      }
      if (mine == 0u) { return; }
      var at = sizes.pointCount + atomicAdd(&state[1], mine);
      for (var i = begin; i < end; i++) {
        let query = order[i];
        if (query >= sizes.first && query - sizes.first < sizes.count) {
          lists[at] = query;
          at += 1u;
        }
      }
    }`,
});

/** Kernels by the largest k they serve; private arrays need sizes that are known when the shader is written. */
const searches = [
  {
    k: 32,
    ball: makeBallSearch("const CAPACITY: u32 = 64u; const BINS: u32 = 32u;"),
    scan: makeScan("const CAPACITY: u32 = 32u;"),
  },
  {
    k: 128,
    ball: makeBallSearch("const CAPACITY: u32 = 192u; const BINS: u32 = 96u;"),
    scan: makeScan("const CAPACITY: u32 = 128u;"),
  },
  {
    k: MOST_NEIGHBOURS,
    ball: makeBallSearch("const CAPACITY: u32 = 320u; const BINS: u32 = 160u;"),
    scan: makeScan("const CAPACITY: u32 = 256u;"),
  },
];

/**
 * The k nearest points of points `first … first + count − 1` among all of the cloud. Nothing is read back.
 * @throws {ShapeMismatch} for a k or a range that cannot be, and where the result is too long for one binding: then go in pieces
 * @throws {GpuOutOfMemory}
 */
export function nearestNeighbours(
  gpu: Gpu,
  { cloud, k, first = 0, count = cloud.count - first }: NeighbourQuery,
): Neighbours {
  const pointCount = cloud.count, points = cloud.values;
  if (!Number.isInteger(k) || k < 1 || k > MOST_NEIGHBOURS) {
    throw new ShapeMismatch("nearest-neighbours", `a k of 1 to ${MOST_NEIGHBOURS}`, `${k}`);
  }
  if (first < 0 || count < 1 || first + count > pointCount) {
    throw new ShapeMismatch("nearest-neighbours", `queries within the ${pointCount} points`, `${count} from ${first}`);
  }
  if (count * k * 8 > gpu.limits.bindingBytes) {
    const most = Math.floor(gpu.limits.bindingBytes / (8 * k));
    throw new ShapeMismatch(
      "nearest-neighbours",
      `at most ${most} queries of ${k} neighbours at once: go in pieces by \`first\` and \`count\``,
      `${count}`,
    );
  }
  const { ball, scan } = searches.find((s) => k <= s.k)!;
  using owned = new DisposableStack();
  const indices = owned.use(gpu.buffer("u32", count * k));
  const squaredDistances = owned.use(gpu.buffer("f32", count * k));
  using lists = gpu.buffer("u32", 2 * pointCount), state = gpu.zeros("u32", STATE_LENGTH);
  listAll.dispatch(gpu, { buffers: { lists, state }, sizes: { first, count }, constants: {}, threads: count });
  let list = 0;
  for (let round = 0; round < 2 && pointCount > SMALL_CLOUD; round++) {
    using grid = neighbourGrid(gpu, { cloud, k, lists, state, list, cellsPerRadius: 1.1 });
    const { sorted, order, starts, shift } = grid;
    if (round === 0) {
      const sizes = { first, count, pointCount, run: LIST_RUN }, threads = Math.ceil(pointCount / LIST_RUN);
      listSorted.dispatch(gpu, { buffers: { order, lists, state }, sizes, constants: {}, threads });
      list = 1;
    }
    for (const reach of [1, 2]) {
      ball.dispatch(gpu, {
        buffers: { points, sorted, order, starts, lists, state, indices, distances: squaredDistances },
        sizes: { pointCount, list, first, k, reach, shift },
        constants: {},
        threads: count,
      });
      list++;
    }
  }
  for (let begin = 0; begin < pointCount; begin += SCAN_SLICE) {
    scan.dispatch(gpu, {
      buffers: { points, lists, state, indices, distances: squaredDistances },
      sizes: { pointCount, list, first, k, begin, end: Math.min(begin + SCAN_SLICE, pointCount) },
      constants: {},
      threads: count,
    });
  }
  const kept = owned.move();
  return { indices, squaredDistances, k, count, first, [Symbol.dispose]: () => kept.dispose() };
}
