/**
 * The k nearest points of several sorted clouds around each moved query, exact within a reach. @module
 *
 * For query p_i and cloud t, with the rigid motion T_t: the k points q_j of the cloud that are least by (|T_t p_i − q_j|², j) among those
 * with |T_t p_i − q_j| ≤ reach, in float32. The columns around the moved query are visited from its own outwards,
 * row by row, and in each row only those that the ball of the k-th best distance so far reaches: nothing of the result is passed by.
 */
import { columnStarts, type ColumnTargets } from "./point_columns.ts";
import type { Cloud } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** The most neighbours a cloud that {@linkcode nearestInColumns} finds. */
export const MOST_IN_COLUMNS = 8;

/** What is found, as rows of `targets × k`: the k of the first cloud, of the second … */
export interface NearestInColumns extends Disposable {
  /** `queries × targets × k`: places in the clouds' common `points`, ascending by (distance, place); 0xffffffff where there is none. */
  readonly indices: GpuBuffer<"u32">;
  /** In the same form, in square metres; the largest float32 where there is none. */
  readonly squaredDistances: GpuBuffer<"f32">;
  /** Queries answered: one of every `step`. */
  readonly queries: number;
}

/** What to search. */
export interface ColumnQuery {
  /** Finite coordinates. */
  readonly queries: Cloud;
  /** Queries 0, step, 2 step … are answered; 1 unless given. */
  readonly step?: number;
  /** Where to search; a software adapter takes clouds of up to 51,000 points. */
  readonly targets: ColumnTargets;
  /** `targets × 16`: for each cloud the three rows of [R | t], from the queries' frame to the cloud's, and four floats that are not read. */
  readonly transforms: GpuBuffer<"f32">;
  /** Neighbours of each query in each cloud, 1 to {@linkcode MOST_IN_COLUMNS}. */
  readonly k: number;
  /** In metres; what lies further away is not found. */
  readonly reach: number;
}

/** Cost of one search near a surface: some 40 points of 8 flops a query and cloud; 16 bytes a point, 8 a result. */
export const nearestInColumnsCost = (
  queries: number,
  targets: number,
  total: number,
  k: number,
): { flops: number; bytes: number } => ({
  flops: queries * targets * 40 * 8,
  bytes: 16 * (queries + total) + 8 * queries * targets * k,
});

/** Points that an invocation looks at from its own column outwards; 16 that run together spend one loop limit. */
const OUTWARDS = 512;

/**
 * WGSL: the walk. A kernel adds `restart()`, which empties what is found, `consider(square, at)`, and `worst()`, the squared distance from
 * which on nothing is wanted any more.
 *
 * Invocations that run together on a software adapter spend one limit of loop steps: each step that one of them makes. Outwards they all go
 * over other rows, so that is cut short; the rare one that is cut short begins again, and then all go over the same rows together.
 */
const walkSnippet = /* wgsl */ `
const NONE: u32 = 0xffffffffu;
const FAR: f32 = 0x1.fffffep+127f;
const OUTWARDS: u32 = 512u; // OUTWARDS
var<private> place: vec3f; // of the moved query
var<private> along: vec2f; // the same in columns
var<private> own: vec2i; // its column
var<private> left: u32; // points that may still be looked at
var<private> isCut: bool;

fn look(row: u32, first: i32, last: i32) {
  if (first > last) { return; }
  let begin = starts[row + u32(first)];
  let end = starts[row + u32(last) + 1u];
  if (end - begin > left) {
    isCut = true;
    return;
  }
  left -= end - begin;
  for (var at = begin; at < end; at++) {
    let d = points[at].xyz - place;
    consider(fma(d.z, d.z, fma(d.y, d.y, d.x * d.x)), at);
  }
}

/** In columns; the slack: no rounding, of the columns' edges or of the distances, may hide a column. */
fn ball() -> f32 { return sqrt(worst()) * sizes.perSide * (1.0 + 0x1p-20f) + sizes.slack; }

/** From the query to a row's near edge; where the query lies outside, its border row has no far edge. */
fn gapTo(y: i32) -> f32 {
  return select(select(along.y - f32(y + 1), f32(y) - along.y, y > own.y), 0.0, y == own.y);
}

/** What the ball reaches of a row, but for the query's own column where that has been seen. */
fn lookAlong(y: i32, base: u32, isSeen: bool) {
  let radius = ball();
  let gap = gapTo(y);
  let rest = radius * radius - gap * gap;
  if (y < 0 || y >= i32(sizes.across) || rest < 0.0) { return; }
  let last = f32(sizes.across - 1u);
  let half = sqrt(rest) + sizes.slack;
  let first = i32(clamp(floor(along.x - half), 0.0, last));
  let end = i32(clamp(floor(along.x + half), 0.0, last));
  let row = base + u32(y) * sizes.across;
  look(row, first, select(end, own.x - 1, isSeen));
  if (isSeen) { look(row, own.x + 1, end); }
}

fn walk(query: vec3f, cloud: u32) {
  let p = vec4f(query, 1.0);
  place = vec3f(
    dot(transforms[4u * cloud], p),
    dot(transforms[4u * cloud + 1u], p),
    dot(transforms[4u * cloud + 2u], p),
  );
  let last = i32(sizes.across) - 1;
  along = (place.xy - vec2f(sizes.leastX, sizes.leastY)) * sizes.perSide;
  own = vec2i(clamp(floor(along), vec2f(), vec2f(f32(last))));
  let base = cloud * sizes.each;
  left = OUTWARDS;
  isCut = false;
  restart();
  look(base + u32(own.y) * sizes.across, own.x, own.x); // first, so that the ball is small from then on
  lookAlong(own.y, base, true);
  for (var away = 1; away <= last; away++) {
    if (isCut || min(gapTo(own.y - away), gapTo(own.y + away)) > ball()) { break; }
    lookAlong(own.y - away, base, false);
    lookAlong(own.y + away, base, false);
  }
  if (isCut) {
    left = NONE;
    restart();
    for (var y = 0; y <= last; y++) { lookAlong(y, base, false); }
  }
}
`;

const bindings = {
  queries: "read vec4f",
  transforms: "read vec4f",
  points: "read vec4f",
  starts: "read u32",
  indices: "read_write u32",
  distances: "read_write f32",
} as const;

const sizes = {
  queryCount: "u32",
  step: "u32",
  targets: "u32",
  across: "u32",
  each: "u32",
  leastX: "f32",
  leastY: "f32",
  perSide: "f32",
  reachSquare: "f32",
  slack: "f32",
} as const;

const searchOne = defineKernel({
  name: "nearest-in-columns",
  workgroup: { gpu: 64, software: 32 },
  snippets: [walkSnippet],
  bindings,
  sizes,
  wgsl: /* wgsl */ `
    var<private> best: f32;
    var<private> bestAt: u32;

    fn restart() {
      best = sizes.reachSquare;
      bestAt = NONE;
    }
    fn worst() -> f32 { return best; }
    fn consider(square: f32, at: u32) {
      let isBetter = square < best || (square == best && at < bestAt);
      best = select(best, square, isBetter);
      bestAt = select(bestAt, at, isBetter);
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.queryCount) { return; }
      walk(queries[thread.x * sizes.step].xyz, thread.y);
      let result = thread.x * sizes.targets + thread.y;
      indices[result] = bestAt;
      distances[result] = select(best, FAR, bestAt == NONE);
    }`,
});

const searchMore = defineKernel({
  name: "nearest-more-in-columns",
  workgroup: { gpu: 64, software: 32 },
  constants: ["K"],
  snippets: [walkSnippet],
  bindings,
  sizes,
  wgsl: /* wgsl */ `
    const MOST: u32 = 8u; // MOST_IN_COLUMNS
    var<private> square: array<f32, MOST>; // ascending, the first K
    var<private> index: array<u32, MOST>;

    fn restart() {
      for (var i = 0u; i < K; i++) {
        square[i] = sizes.reachSquare;
        index[i] = NONE;
      }
    }
    fn worst() -> f32 { return square[K - 1u]; }
    fn settle(i: u32) { // the i-th and the one before it in order
      if (i >= K) { return; }
      let a = square[i - 1u];
      let b = square[i];
      let atA = index[i - 1u];
      let atB = index[i];
      let isOrdered = a < b || (a == b && atA < atB);
      square[i - 1u] = select(b, a, isOrdered);
      index[i - 1u] = select(atB, atA, isOrdered);
      square[i] = select(a, b, isOrdered);
      index[i] = select(atA, atB, isOrdered);
    }
    fn consider(d: f32, at: u32) {
      if (d > square[K - 1u] || (d == square[K - 1u] && at > index[K - 1u])) { return; }
      square[K - 1u] = d;
      index[K - 1u] = at;
      settle(7u); // one by one: the steps of a loop would count
      settle(6u);
      settle(5u);
      settle(4u);
      settle(3u);
      settle(2u);
      settle(1u);
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.queryCount) { return; }
      walk(queries[thread.x * sizes.step].xyz, thread.y);
      let result = (thread.x * sizes.targets + thread.y) * K;
      for (var i = 0u; i < K; i++) {
        indices[result + i] = index[i];
        distances[result + i] = select(square[i], FAR, index[i] == NONE);
      }
    }`,
});

/**
 * The nearest points of every cloud around every query. Reads nothing back.
 * @throws {ShapeMismatch} for a k, step or reach that cannot be, transforms of fewer clouds, and clouds too large for a software adapter
 * @throws {GpuOutOfMemory}
 */
export function nearestInColumns(
  gpu: Gpu,
  { queries, step = 1, targets: clouds, transforms, k, reach }: ColumnQuery,
): NearestInColumns {
  const { points, starts, targets, shape, most } = clouds, [leastX, leastY] = shape.least;
  const refuse = (wanted: string, got: unknown) => {
    throw new ShapeMismatch("nearest-in-columns", wanted, `${got}`);
  };
  if (!(Number.isInteger(k) && k >= 1 && k <= MOST_IN_COLUMNS)) refuse(`a k of 1 to ${MOST_IN_COLUMNS}`, k);
  if (!(Number.isInteger(step) && step >= 1)) refuse("a whole step of at least 1", step);
  if (!(reach > 0 && Number.isFinite(reach))) refuse("a reach above 0", reach);
  if (transforms.length < 16 * targets) refuse(`${targets} transforms of 16 floats`, `${transforms.length} floats`);
  // 16 invocations outwards, each point and each row once more, and then some
  const limit = gpu.limits.loopIterations - 16 * OUTWARDS - 4 * shape.across;
  if (most > limit) refuse(`clouds of at most ${limit} points on this adapter`, most);
  const queryCount = Math.ceil(queries.count / step), results = queryCount * targets * k;
  using owned = new DisposableStack();
  const indices = owned.use(gpu.buffer("u32", results)), squaredDistances = owned.use(gpu.buffer("f32", results));
  const launch = {
    buffers: { queries: queries.values, transforms, points, starts, indices, distances: squaredDistances },
    sizes: {
      queryCount,
      step,
      targets,
      across: shape.across,
      each: columnStarts(shape),
      leastX,
      leastY,
      perSide: 1 / shape.side,
      reachSquare: reach ** 2,
      slack: 2 ** -20 * (shape.across + Math.max(Math.abs(leastX), Math.abs(leastY)) / shape.side),
    },
    threads: [queryCount, targets] as const,
  };
  if (k === 1) searchOne.dispatch(gpu, { ...launch, constants: {} });
  else searchMore.dispatch(gpu, { ...launch, constants: { K: k } });
  const kept = owned.move();
  return { indices, squaredDistances, queries: queryCount, [Symbol.dispose]: () => kept.dispose() };
}
