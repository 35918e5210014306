/**
 * The k nearest points around each query, in clouds that go by pairs, by brute force. @module
 *
 * For query q_i of cloud b: the k points p_j of cloud b that are least by (|q_i − p_j|², j), in three dimensions or in x and y alone. The squares
 * are float32 sums of squared differences, so equal points are at 0 exactly.
 *
 * Points go by in blocks of 32. The k nearest lie in the k blocks that are least by (their least square, their number): were a near point in
 * another block, those k blocks would have k points before it. So a pair costs its square and one minimum, whatever the order of the points, and
 * the few blocks that count are looked at once more.
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Nine operations a pair; 16 bytes a point, 8 a result. */
export const nearestPointsCost = (
  clouds: number,
  queries: number,
  points: number,
  k: number,
): { flops: number; bytes: number } => ({
  flops: 9 * clouds * queries * points,
  bytes: clouds * (16 * (queries + points) + 8 * k * queries),
});

/** Points of a block. */
const BLOCK = 32;

/** Queries of an invocation, which uses each point that it loads for all of them. */
const TILE = 12;

/** The most neighbours that are found. */
const MOST = 8;

/** WGSL: lists of four or eight, ascending, with the number of each entry; a new one goes behind those that it equals. */
const listSnippet = /* wgsl */ `
const NONE: u32 = 0xffffffffu;
const FAR: f32 = 0x1.fffffep+127f;
const NEAR: f32 = -1.0; // before every square

fn squareOf(d: vec3f) -> f32 { return fma(d.z, d.z, fma(d.y, d.y, d.x * d.x)); }

/** Four entries where a new one comes in: they make room from its place on; before are the last square and number of the four in front. */
fn putNumbers(squares: vec4f, numbers: vec4u, before: f32, numberBefore: u32, square: f32, number: u32) -> vec4u {
  let moved = vec4f(before, squares.xyz);
  let behind = select(vec4u(number), vec4u(numberBefore, numbers.xyz), vec4f(square) < moved);
  return select(numbers, behind, vec4f(square) < squares);
}
fn putSquares(squares: vec4f, before: f32, square: f32) -> vec4f {
  let moved = vec4f(before, squares.xyz);
  return select(squares, max(vec4f(square), moved), vec4f(square) < squares);
}
`;

const blocks = defineKernel({
  name: "nearest-points",
  workgroup: { gpu: 64, software: 8 },
  constants: ["LISTS", "DIMENSIONS"],
  snippets: [listSnippet],
  bindings: { queries: "read vec4f", points: "read vec4f", squares: "read_write vec4f", numbers: "read_write vec4u" },
  // invocation (x, y, z) goes over part firstPart + y of the points of cloud z
  sizes: { queryCount: "u32", pointCount: "u32", part: "u32", firstPart: "u32", parts: "u32" },
  wgsl: /* wgsl */ `
    const Q = 12u; // TILE
    const BLOCK = 32u;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let query = thread.x * Q;
      if (query >= sizes.queryCount) { return; }
      let flat = select(vec3f(1.0), vec3f(1.0, 1.0, 0.0), DIMENSIONS == 2u);
      var place: array<vec3f, Q>;
      var near: array<vec4f, Q>; // the first four squares of each query's list
      var nearAt: array<vec4u, Q>;
      var far: array<vec4f, Q>; // the other four
      var farAt: array<vec4u, Q>;
      for (var q = 0u; q < Q; q++) {
        let row = thread.z * sizes.queryCount + min(query + q, sizes.queryCount - 1u);
        place[q] = queries[row].xyz * flat;
        near[q] = vec4f(FAR);
        nearAt[q] = vec4u(NONE);
        far[q] = vec4f(FAR);
        farAt[q] = vec4u(NONE);
      }
      let part = sizes.firstPart + thread.y;
      let base = thread.z * sizes.pointCount;
      let end = min((part + 1u) * sizes.part, sizes.pointCount);
      for (var first = part * sizes.part; first < end; first += BLOCK) {
        var least: array<f32, Q>;
        for (var q = 0u; q < Q; q++) { least[q] = FAR; }
        let stop = min(first + BLOCK, end);
        for (var i = first; i < stop; i++) {
          let point = points[base + i].xyz * flat;
          for (var q = 0u; q < Q; q++) { least[q] = min(least[q], squareOf(place[q] - point)); }
        }
        for (var q = 0u; q < Q; q++) {
          let number = first / BLOCK;
          if (LISTS == 2u) {
            farAt[q] = putNumbers(far[q], farAt[q], near[q].w, nearAt[q].w, least[q], number);
            far[q] = putSquares(far[q], near[q].w, least[q]);
          }
          nearAt[q] = putNumbers(near[q], nearAt[q], NEAR, NONE, least[q], number);
          near[q] = putSquares(near[q], NEAR, least[q]);
        }
      }
      for (var q = 0u; q < Q; q++) {
        if (query + q < sizes.queryCount) {
          let at = ((thread.z * sizes.queryCount + query + q) * sizes.parts + part) * LISTS;
          squares[at] = near[q];
          numbers[at] = nearAt[q];
          if (LISTS == 2u) {
            squares[at + 1u] = far[q];
            numbers[at + 1u] = farAt[q];
          }
        }
      }
    }`,
});

const refine = defineKernel({
  name: "nearest-points-refine",
  workgroup: { gpu: 64, software: 8 },
  constants: ["DIMENSIONS"],
  snippets: [listSnippet],
  bindings: {
    queries: "read vec4f",
    points: "read vec4f",
    blockSquares: "read f32",
    blockNumbers: "read u32",
    indices: "read_write u32",
    squared: "read_write f32",
  },
  sizes: { queryCount: "u32", pointCount: "u32", clouds: "u32", entries: "u32", k: "u32" },
  wgsl: /* wgsl */ `
    const BLOCK = 32u;
    var<private> near: vec4f;
    var<private> nearAt: vec4u;
    var<private> far: vec4f;
    var<private> farAt: vec4u;

    fn restart() {
      near = vec4f(FAR);
      nearAt = vec4u(NONE);
      far = vec4f(FAR);
      farAt = vec4u(NONE);
    }
    fn put(square: f32, number: u32) {
      farAt = putNumbers(far, farAt, near.w, nearAt.w, square, number);
      far = putSquares(far, near.w, square);
      nearAt = putNumbers(near, nearAt, NEAR, NONE, square, number);
      near = putSquares(near, NEAR, square);
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.queryCount * sizes.clouds) { return; }
      let flat = select(vec3f(1.0), vec3f(1.0, 1.0, 0.0), DIMENSIONS == 2u);
      restart();
      for (var i = 0u; i < sizes.entries; i++) { // parts in order, so the smaller block stays in front of an equal one
        let at = thread.x * sizes.entries + i;
        put(blockSquares[at], blockNumbers[at]);
      }
      var chosen = array<u32, 8>(nearAt.x, nearAt.y, nearAt.z, nearAt.w, farAt.x, farAt.y, farAt.z, farAt.w);
      for (var i = sizes.k; i < 8u; i++) { chosen[i] = NONE; }
      // ascending, so that of equal points the one with the smaller number comes first
      for (var turn = 0u; turn < 7u; turn++) {
        for (var i = 0u; i < 7u; i++) {
          let a = chosen[i];
          let b = chosen[i + 1u];
          chosen[i] = min(a, b);
          chosen[i + 1u] = max(a, b);
        }
      }
      restart();
      let place = queries[thread.x].xyz * flat;
      let base = (thread.x / sizes.queryCount) * sizes.pointCount;
      for (var c = 0u; c < sizes.k; c++) {
        if (chosen[c] == NONE) { break; }
        let first = chosen[c] * BLOCK;
        for (var i = first; i < min(first + BLOCK, sizes.pointCount); i++) {
          put(squareOf(place - points[base + i].xyz * flat), base + i);
        }
      }
      for (var i = 0u; i < sizes.k; i++) {
        let at = thread.x * sizes.k + i;
        indices[at] = select(farAt[i & 3u], nearAt[i & 3u], i < 4u);
        squared[at] = select(far[i & 3u], near[i & 3u], i < 4u);
      }
    }`,
});

/** What to search. */
export interface PointSearch {
  /** `clouds · Q × 3`, finite, clouds one after the other. */
  readonly queries: Rows;
  /** `clouds · T × 3`, finite. The queries themselves, too: then each point is the nearest to itself, or one that it equals. */
  readonly points: Rows;
  /** 1 unless given: cloud i's queries look among cloud i's points. */
  readonly clouds?: number;
  /** Neighbours of each query, 1 to 8, at most T. */
  readonly k: number;
  /** 3 unless given; 2 leaves the third out. */
  readonly dimensions?: 2 | 3;
}

/** What is found. */
export interface NearestPoints extends Disposable {
  /** `queries × k`: numbers of rows of `points`, ascending by (square, number). */
  readonly indices: GpuBuffer<"u32">;
  /** In the same form: squared distances, in the square of the points' unit. */
  readonly squared: GpuBuffer<"f32">;
}

/**
 * The nearest points. Reads nothing back.
 * @throws {ShapeMismatch} for rows that are not clouds of points, a k that cannot be, and more points than can be looked at
 * @throws {GpuOutOfMemory}
 */
export function nearestPoints(
  gpu: Gpu,
  { queries, points, clouds = 1, k, dimensions = 3 }: PointSearch,
): NearestPoints {
  const queryCount = queries.count / clouds, pointCount = points.count / clouds;
  if ([queries, points].some(({ columns, stride }) => columns !== 3 || stride !== 4)) {
    throw new ShapeMismatch("nearest-points", "rows of 3 columns", `${queries.columns} and ${points.columns}`);
  }
  if (!(Number.isInteger(clouds) && clouds >= 1 && Number.isInteger(queryCount) && Number.isInteger(pointCount))) {
    throw new ShapeMismatch(
      "nearest-points",
      `${clouds} clouds of as many points each`,
      `${queries.count} and ${points.count}`,
    );
  }
  if (!(Number.isInteger(k) && k >= 1 && k <= MOST && k <= pointCount)) {
    throw new ShapeMismatch("nearest-points", `a k of 1 to ${Math.min(MOST, pointCount)}`, `${k}`);
  }
  const lists = k <= 4 ? 1 : 2, tiles = Math.ceil(queryCount / TILE);
  // parts of the points: enough invocations for every lane of the device, and no invocation beyond its limit of loop steps
  const wanted = Math.ceil((gpu.adapter.software ? 256 : 32_768) / Math.max(1, tiles * clouds));
  const longest = Math.floor(gpu.limits.loopIterations / 2 / BLOCK) * BLOCK;
  const part = Math.min(longest, Math.max(8, Math.ceil(pointCount / wanted / BLOCK)) * BLOCK);
  const parts = Math.ceil(pointCount / part);
  using owned = new DisposableStack();
  const indices = owned.use(gpu.buffer("u32", queries.count * k)),
    squared = owned.use(gpu.buffer("f32", queries.count * k));
  using squares = gpu.buffer("f32", queries.count * parts * lists * 4);
  using numbers = gpu.buffer("u32", queries.count * parts * lists * 4);
  const step = Math.max(1, Math.floor(gpu.limits.stepFlops / (9 * Math.max(1, queries.count) * part)));
  for (let firstPart = 0; firstPart < parts; firstPart += step) {
    blocks.dispatch(gpu, {
      buffers: { queries: queries.values, points: points.values, squares, numbers },
      sizes: { queryCount, pointCount, part, firstPart, parts },
      constants: { LISTS: lists, DIMENSIONS: dimensions },
      threads: [tiles, Math.min(step, parts - firstPart), clouds],
    });
  }
  refine.dispatch(gpu, {
    buffers: {
      queries: queries.values,
      points: points.values,
      blockSquares: squares,
      blockNumbers: numbers,
      indices,
      squared,
    },
    sizes: { queryCount, pointCount, clouds, entries: parts * lists * 4, k },
    constants: { DIMENSIONS: dimensions },
    threads: queries.count,
  });
  const kept = owned.move();
  return { indices, squared, [Symbol.dispose]: () => kept.dispose() };
}
