/**
 * Clusters by density: DBSCAN, exact. @module
 *
 * Neighbours of a point are all points within the radius, itself and those at exactly the radius among them. A core point has `leastPoints` neighbours
 * or more. Core points that are neighbours are of one cluster; clusters are numbered by their smallest core point. Another point belongs to the
 * lowest-numbered cluster among its core neighbours, or is noise. Squared distances are sums of squared float32 differences.
 * Source: Ester, Kriegel, Sander, Xu, "A density-based algorithm for discovering clusters in large spatial databases with noise", KDD 1996.
 *
 * Neighbours are found by cells; time is about linear in the points and in the neighbours of each. The components are found in rounds,
 * about log₂ of the points at most; launches are made for all of them, and those behind the last that is needed end at once. Same bits at
 * every run.
 */
import { components } from "./dbscan_clusters.ts";
import { sortedCells } from "./dbscan_cells.ts";
import { prefixSums } from "./prefix_sums.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What to cluster. */
export interface DbscanRequest {
  /** `count × 4`, finite; the fourth is not looked at. A cloud of the plane has z = 0. */
  readonly points: GpuBuffer<"f32">;
  /** How many points, 0 to 2¹⁸. */
  readonly count: number;
  /** In the points' unit, 10⁻¹⁵ to 10¹⁵. */
  readonly radius: number;
  /** Neighbours that make a core point, the point itself among them; 1 at least. */
  readonly leastPoints: number;
}

/** Clusters of points. */
export interface Clusters extends Disposable {
  /** `count`: the cluster of each point, from 0; −1 for noise. */
  readonly labels: GpuBuffer<"i32">;
  /** `count`: 1 for a core point, else 0. */
  readonly core: GpuBuffer<"u32">;
}

/**
 * Cost for points with so many others in the 27 cells around each: about one look at all of these, as other looks end early or pass over most.
 * Bytes: the points thrice, cells and results.
 */
export const dbscanCost = (count: number, around: number): { flops: number; bytes: number } => ({
  flops: 8 * count * around,
  bytes: (3 * 16 + 8 + 8) * count,
});

/** Where all points are in one crowd, a launch may look at few of them, and every round takes a launch for each slice. */
const MOST_POINTS = 2 ** 18;

const markRoots = defineKernel({
  name: "dbscan-roots",
  workgroup: { gpu: 64, software: 32 },
  bindings: { roots: "read u32", isRoot: "read_write u32" },
  sizes: { count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x < sizes.count) { isRoot[thread.x] = select(0u, 1u, roots[thread.x] == thread.x); }
    }`,
});

const label = defineKernel({
  name: "dbscan-labels",
  workgroup: { gpu: 64, software: 32 },
  bindings: { roots: "read u32", numbers: "read u32", labels: "read_write i32" },
  sizes: { count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let root = roots[thread.x];
      var number = -1;
      if (root != 0xffffffffu) { number = i32(numbers[root]); }
      labels[thread.x] = number;
    }`,
});

/**
 * Clusters and core points. Reads nothing back.
 * @throws {ShapeMismatch} for a count, a radius or a number of neighbours that cannot be
 * @throws {GpuOutOfMemory}
 */
export function dbscan(gpu: Gpu, { points, count, radius, leastPoints }: DbscanRequest): Clusters {
  const isCount = Number.isInteger(count) && count >= 0 && count <= MOST_POINTS && 4 * count <= points.length;
  const isDensity = radius >= 1e-15 && radius <= 1e15 && Number.isInteger(leastPoints) && leastPoints >= 1 &&
    leastPoints < 2 ** 32;
  if (!isCount || !isDensity) {
    throw new ShapeMismatch(
      "dbscan",
      `up to ${MOST_POINTS} points of 4 floats, a radius of 1e-15 to 1e15 and at least 1 neighbour`,
      `${count} in ${points.length} floats, ${radius} and ${leastPoints}`,
    );
  }
  using owned = new DisposableStack();
  const labels = owned.use(gpu.buffer("i32", count)), core = owned.use(gpu.buffer("u32", count));
  if (count > 0) {
    using cells = sortedCells(gpu, { values: points, count }, radius);
    using roots = components(gpu, cells, { count, radius, leastPoints, core });
    using isRoot = gpu.buffer("u32", count);
    const sizes = { count }, constants = {}, threads = count;
    markRoots.dispatch(gpu, { buffers: { roots, isRoot }, sizes, constants, threads });
    using numbers = prefixSums(gpu, isRoot);
    label.dispatch(gpu, { buffers: { roots, numbers, labels }, sizes, constants, threads });
  }
  const kept = owned.move();
  return { labels, core, [Symbol.dispose]: () => kept.dispose() };
}
