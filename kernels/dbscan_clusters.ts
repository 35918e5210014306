/**
 * Core points and their connected components, on a cloud that is sorted into cells. @module
 *
 * Each core point has the number of a component, at first its own. In a round, every component looks for the smallest number m beside it.
 * Component r hooks onto m where m < r; where r is the smallest around, onto m's own smallest neighbour, where that is smaller still; then all
 * hooks are followed to their ends. Hooks go to smaller numbers only, so there are no circles, and the smallest point of a connected set is never
 * renamed. A component that does not hook is hooked onto, unless nothing is beside it: so a round leaves at most half of those that can still
 * join, and after ⌈log₂ n⌉ rounds there are none. A round in front of these is content with any smaller number: it looks at few points, and
 * leaves few components. Buckets all of whose core points are of one component are passed over by points of the same.
 *
 * In what order points are met may change what hooks onto what, but not what is connected, nor its smallest point.
 */
import { lookAroundSizes, lookAroundSnippets, looksAround, type SortedCells } from "./dbscan_cells.ts";
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

/** What makes a core point, of a cloud of one point at least; and where the core points are marked. */
export interface Density {
  /** How many points. */
  readonly count: number;
  /** Neighbours are at most so far away. */
  readonly radius: number;
  /** Neighbours of a core point, itself among them. */
  readonly leastPoints: number;
  /** `count`, written: 1 for a core point, else 0. */
  readonly core: GpuBuffer<"u32">;
}

const countNear = defineKernel({
  name: "dbscan-core",
  workgroup: { gpu: 64, software: 8 },
  snippets: lookAroundSnippets,
  bindings: {
    sorted: "read vec4u",
    buckets: "read u32",
    starts: "read u32",
    core: "read_write u32",
    roots: "read_write u32",
    least: "read_write u32",
  },
  sizes: { ...lookAroundSizes, count: "u32", leastPoints: "u32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;
    var<private> near: u32;

    fn looksInto(bucket: u32) -> bool { return true; }
    fn meet(other: u32) -> bool {
      near += 1u;
      return near >= sizes.leastPoints;
    }

    // "core" holds the neighbours so far until the last launch.
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = sizes.begin + thread.x;
      if (at >= sizes.end) { return; }
      let i = sorted[at].w;
      near = 0u;
      if (sizes.first > 0u) { near = core[i]; }
      if (near < sizes.leastPoints) { lookAround(at); }
      core[i] = near;
      if (sizes.last == sizes.count) {
        let isCore = near >= sizes.leastPoints;
        core[i] = select(0u, 1u, isCore);
        roots[i] = select(NONE, i, isCore);
        least[i] = NONE;
      }
    }`,
});

const lookBeside = defineKernel({
  name: "dbscan-beside",
  workgroup: { gpu: 64, software: 8 },
  snippets: lookAroundSnippets,
  bindings: {
    sorted: "read vec4u",
    buckets: "read u32",
    starts: "read u32",
    roots: "read u32",
    least: "read_write atomic<u32>",
    open: "read_write u32",
    mixed: "read u32",
    found: "read_write atomic<u32>",
  },
  sizes: { ...lookAroundSizes, round: "u32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;
    var<private> own: u32;
    var<private> smallest: u32;

    fn looksInto(bucket: u32) -> bool {
      if (sizes.round == 0u || mixed[bucket] == sizes.round) { return true; }
      let root = roots[sorted[starts[bucket]].w]; // that of all core points here
      return root != own && root < smallest;
    }
    fn meet(other: u32) -> bool {
      let root = roots[other]; // NONE where it is no core point
      if (root != own) { smallest = min(smallest, root); }
      return sizes.round == 0u && smallest < own;
    }

    // least: of each component, the smallest one beside it. open: one more than the last round in which a point saw another
    // component; a point that saw none in the round before will never see one again.
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = sizes.begin + thread.x;
      if (at >= sizes.end) { return; }
      if (sizes.round > 0u && (atomicLoad(&found[sizes.round - 1u]) == 0u || open[at] < sizes.round)) { return; }
      own = roots[sorted[at].w];
      if (own == NONE) { return; }
      smallest = NONE;
      lookAround(at);
      if (smallest != NONE) {
        atomicMin(&least[own], smallest);
        open[at] = sizes.round + 1u;
        atomicStore(&found[sizes.round], 1u);
      }
    }`,
});

const follow = defineKernel({
  name: "dbscan-follow",
  workgroup: { gpu: 64, software: 32 },
  bindings: { roots: "read_write atomic<u32>", least: "read_write u32", found: "read u32" },
  sizes: { count: "u32", round: "u32", hops: "u32", isFirst: "u32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;

    fn hookOf(root: u32) -> u32 {
      let beside = least[root];
      if (beside == NONE) { return root; }
      if (beside < root) { return beside; }
      return min(least[beside], root);
    }

    // What others have stored already lies farther along the same way, so two launches of √n hops get to the end of any.
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count || found[sizes.round] == 0u) { return; }
      if (sizes.isFirst == 0u) { least[thread.x] = NONE; } // for the next round
      var root = atomicLoad(&roots[thread.x]);
      if (root == NONE) { return; }
      for (var hop = 0u; hop < sizes.hops; hop++) {
        var next = atomicLoad(&roots[root]);
        if (next == root && sizes.isFirst == 1u) { next = hookOf(root); }
        if (next == root) { break; }
        root = next;
      }
      atomicStore(&roots[thread.x], root);
    }`,
});

/** mixed: the next round, for buckets whose core points are of several components, or behind one that is no core point. */
const markMixed = defineKernel({
  name: "dbscan-mixed",
  workgroup: { gpu: 64, software: 32 },
  bindings: {
    sorted: "read vec4u",
    buckets: "read u32",
    starts: "read u32",
    roots: "read u32",
    found: "read u32",
    mixed: "read_write atomic<u32>",
  },
  sizes: { count: "u32", round: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count || found[sizes.round] == 0u) { return; }
      let root = roots[sorted[thread.x].w];
      let bucket = buckets[thread.x];
      if (root != 0xffffffffu && root != roots[sorted[starts[bucket]].w]) { atomicStore(&mixed[bucket], sizes.round + 1u); }
    }`,
});

const joinBorder = defineKernel({
  name: "dbscan-border",
  workgroup: { gpu: 64, software: 8 },
  snippets: lookAroundSnippets,
  bindings: {
    sorted: "read vec4u",
    buckets: "read u32",
    starts: "read u32",
    core: "read u32",
    roots: "read u32",
    joined: "read_write u32",
  },
  sizes: lookAroundSizes,
  wgsl: /* wgsl */ `
    var<private> smallest: u32;

    fn looksInto(bucket: u32) -> bool { return true; }
    fn meet(other: u32) -> bool {
      smallest = min(smallest, roots[other]);
      return false;
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = sizes.begin + thread.x;
      if (at >= sizes.end) { return; }
      let i = sorted[at].w;
      smallest = roots[i];
      if (core[i] == 0u) {
        if (sizes.first > 0u) { smallest = joined[i]; }
        lookAround(at);
      }
      joined[i] = smallest;
    }`,
});

/**
 * The smallest core point of each point's component, for a border point of the smallest component next to it; 0xffffffff for noise.
 * Reads nothing back. @throws {GpuOutOfMemory}
 */
export function components(
  gpu: Gpu,
  cells: SortedCells,
  { count, radius, leastPoints, core }: Density,
): GpuBuffer<"u32"> {
  const { sorted, buckets, starts } = cells, constants = {};
  const looks = looksAround(gpu, count, radius);
  using owned = new DisposableStack();
  const joined = owned.use(gpu.buffer("u32", count));
  using roots = gpu.buffer("u32", count), least = gpu.buffer("u32", count);
  const rounds = Math.ceil(Math.log2(count)) + 2; // the first is the one in front, the last finds nothing
  using open = gpu.zeros("u32", count), mixed = gpu.zeros("u32", starts.length - 1), found = gpu.zeros("u32", rounds);
  for (const look of looks) {
    const buffers = { sorted, buckets, starts, core, roots, least }, threads = look.end - look.begin;
    countNear.dispatch(gpu, { buffers, sizes: { ...look, count, leastPoints }, constants, threads });
  }
  const hops = Math.ceil(Math.sqrt(count)) + 1;
  for (let round = 0; round < rounds; round++) {
    for (const look of looks) {
      const buffers = { sorted, buckets, starts, roots, least, open, mixed, found }, threads = look.end - look.begin;
      lookBeside.dispatch(gpu, { buffers, sizes: { ...look, round }, constants, threads });
    }
    for (const isFirst of [1, 0]) {
      const buffers = { roots, least, found }, sizes = { count, round, hops, isFirst };
      follow.dispatch(gpu, { buffers, sizes, constants, threads: count });
    }
    const buffers = { sorted, buckets, starts, roots, found, mixed }, sizes = { count, round };
    markMixed.dispatch(gpu, { buffers, sizes, constants, threads: count });
  }
  for (const look of looks) {
    const buffers = { sorted, buckets, starts, core, roots, joined }, threads = look.end - look.begin;
    joinBorder.dispatch(gpu, { buffers, sizes: look, constants, threads });
  }
  owned.move(); // from here the caller owns the result
  return joined;
}
