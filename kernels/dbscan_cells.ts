/**
 * Points sorted by cells whose side is a little more than a radius, so that all points within the radius of one lie in the 27 cells around it. @module
 *
 * Cells have unbounded integer coordinates, counted from the first point. A cell's bucket is (x + A·y + B·z) mod 2^b. A and B are 3 and 9
 * mod 32, and there are 32 buckets at least: so the 27 cells around one lie in 27 different buckets, and a search that looks into those meets no
 * point twice. Points of far cells that share a bucket are met too; their distance tells them apart. The order of points in a bucket varies from run to
 * run; what is found with the cells must not depend on it.
 */
import { squareSnippet } from "./nearest_neighbours_grid.ts";
import { prefixSums } from "./prefix_sums.ts";
import type { Cloud } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

/** A cloud in the order of its cells' buckets. */
export interface SortedCells extends Disposable {
  /** `count × 4`: the bits of x, y, z, and the point's number. */
  readonly sorted: GpuBuffer<"u32">;
  /** `count`: the bucket of each sorted point. */
  readonly buckets: GpuBuffer<"u32">;
  /** Buckets and one behind the last: the first sorted point of each. */
  readonly starts: GpuBuffer<"u32">;
}

const bucketSnippet = /* wgsl */ `
const A: u32 = 0x9E3779A3u;
const B: u32 = 0x85EBCA69u;
fn bucketOf(cell: vec3u) -> u32 { return cell.x + A * cell.y + B * cell.z; } // whole; its lowest bits count
`;

/**
 * WGSL: `lookAround(at)` calls `meet(other)` with the number of each point, itself included, within the radius of the sorted point `at`
 * that lies among the sorted points `first … last − 1` and in a bucket that `looksInto(bucket)` does not pass over, until `meet` says that it has
 * seen enough. For kernels that bind `sorted`, `buckets` and `starts`. At most last − first + 27 loop iterations.
 */
export const lookAroundSnippets: readonly string[] = [
  squareSnippet,
  bucketSnippet,
  /* wgsl */ `
fn lookAround(at: u32) {
  let p = bitcast<vec3f>(sorted[at].xyz);
  let home = buckets[at];
  for (var n = 0u; n < 27u; n++) {
    let turn = (n + 13u) % 27u; // its own cell first, where most is near
    let bucket = (home + bucketOf(vec3u(turn, turn / 3u, turn / 9u) % 3u) - bucketOf(vec3u(1u))) & sizes.mask;
    let begin = max(starts[bucket], sizes.first);
    let end = min(starts[bucket + 1u], sizes.last);
    if (begin >= end || !looksInto(bucket)) { continue; }
    for (var k = begin; k < end; k++) {
      let other = sorted[k];
      if (squareOf(bitcast<vec3f>(other.xyz) - p) <= sizes.limit) {
        if (meet(other.w)) { return; }
      }
    }
  }
}
`,
];

/** Sizes of a kernel that looks around: whose points, at which others, and how far (the radius squared). */
export const lookAroundSizes = {
  begin: "u32",
  end: "u32",
  first: "u32",
  last: "u32",
  mask: "u32",
  limit: "f32",
} as const;

/** Buckets of a cloud's cells, less 1: at least as many as points, and 32. */
const bucketMask = (count: number): number => 2 ** Math.max(5, Math.ceil(Math.log2(count))) - 1;

/**
 * The launches in which all points look at all others that are near, by their sizes: short enough for the limit of loops and the watchdog even where
 * all points lie in one place. For the same points, `first` ascends.
 */
export function looksAround(gpu: Gpu, count: number, radius: number): Record<keyof typeof lookAroundSizes, number>[] {
  const { loopIterations, stepFlops } = gpu.limits, mask = bucketMask(count), limit = Math.fround(radius) ** 2;
  const others = Math.min(count, loopIterations - 64), points = Math.ceil(stepFlops / (8 * others));
  const starts = (step: number) => Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
  return starts(others).flatMap((first) =>
    starts(points).map((begin) => {
      const end = Math.min(begin + points, count), last = Math.min(first + others, count);
      return { begin, end, first, last, mask, limit };
    })
  );
}

const count = defineKernel({
  name: "dbscan-cells",
  workgroup: { gpu: 64, software: 32 },
  snippets: [bucketSnippet],
  bindings: { points: "read vec4f", places: "read_write vec2u", counts: "read_write atomic<u32>" },
  sizes: { count: "u32", mask: "u32", scale: "f32" },
  wgsl: /* wgsl */ `
    // Each point's bucket and its rank in it. Cells farther away than this share the outermost one: float32 would not place their points well enough.
    const FARTHEST: f32 = 65536.0;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let t = (points[thread.x].xyz - points[0].xyz) * sizes.scale;
      let cell = bitcast<vec3u>(vec3i(floor(clamp(t, vec3f(-FARTHEST), vec3f(FARTHEST)))));
      let bucket = bucketOf(cell) & sizes.mask;
      places[thread.x] = vec2u(bucket, atomicAdd(&counts[bucket], 1u));
    }`,
});

const sort = defineKernel({
  name: "dbscan-sort",
  workgroup: { gpu: 64, software: 32 },
  bindings: {
    points: "read vec4f",
    places: "read vec2u",
    starts: "read u32",
    sorted: "read_write vec4u",
    buckets: "read_write u32",
  },
  sizes: { count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let place = places[thread.x];
      let at = starts[place.x] + place.y;
      sorted[at] = vec4u(bitcast<vec3u>(points[thread.x].xyz), thread.x);
      buckets[at] = place.x;
    }`,
});

/** Sorts a cloud of one point at least. Reads nothing back. @throws {GpuOutOfMemory} */
export function sortedCells(gpu: Gpu, { values: points, count: length }: Cloud, radius: number): SortedCells {
  using owned = new DisposableStack();
  const mask = bucketMask(length);
  const sorted = owned.use(gpu.buffer("u32", 4 * length)), buckets = owned.use(gpu.buffer("u32", length));
  using counts = gpu.zeros("u32", mask + 1), places = gpu.buffer("u32", 2 * length);
  // within 2^16 cells, roundings move a point by less than 2^-7 cells; a radius is 32/33 of a side
  count.dispatch(gpu, {
    buffers: { points, places, counts },
    sizes: { count: length, mask, scale: 32 / 33 / radius },
    constants: {},
    threads: length,
  });
  const starts = owned.use(prefixSums(gpu, counts));
  sort.dispatch(gpu, {
    buffers: { points, places, starts, sorted, buckets },
    sizes: { count: length },
    constants: {},
    threads: length,
  });
  const kept = owned.move();
  return { sorted, buckets, starts, [Symbol.dispose]: () => kept.dispose() };
}
