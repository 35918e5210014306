/**
 * Which edges end at each row: the inverse of lists of neighbours. @module
 *
 * A stable counting sort of the edges by the row they end at. The edges are cut into slices, and each slice counts for itself, so that an
 * edge's place follows from numbers alone: no two invocations write to one place, and the result is the same at every run. With it a
 * gradient is gathered along the edges instead of scattered by atomics.
 */
import { prefixSums } from "./prefix_sums.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Edges by the row they end at. */
export interface InverseNeighbours extends Disposable {
  /** `rows + 1`: the edges of row j are those from `starts[j]` to before `starts[j + 1]`. */
  readonly starts: GpuBuffer<"u32">;
  /** As many as `neighbours` has: numbers of edges, ascending for each row. What is past the last row's edges is undefined. */
  readonly edges: GpuBuffer<"u32">;
}

/** No arithmetic; the neighbours are read twice, the edges and the starts written once. */
export const inverseNeighboursCost = (edges: number, rows: number): { flops: number; bytes: number } => ({
  flops: 0,
  bytes: 4 * (3 * edges + rows + 1),
});

/** Counts of all slices together, 16 MiB. */
const MOST_COUNTS = 2 ** 22;

/** Edges of a slice at most, for the limit of loops. */
const MOST_IN_SLICE = 50_000;

const count = defineKernel({
  name: "inverse-neighbours-count",
  workgroup: { gpu: 64, software: 8 },
  bindings: { neighbours: "read u32", counts: "read_write u32" },
  sizes: { edges: "u32", rows: "u32", slices: "u32", run: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let begin = thread.x * sizes.run;
      if (thread.x >= sizes.slices) { return; }
      for (var e = begin; e < min(begin + sizes.run, sizes.edges); e++) {
        let row = neighbours[e];
        if (row < sizes.rows) { counts[row * sizes.slices + thread.x] += 1u; }
      }
    }`,
});

const pickStarts = defineKernel({
  name: "inverse-neighbours-starts",
  workgroup: 64,
  bindings: { before: "read u32", starts: "read_write u32" },
  sizes: { rows: "u32", slices: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x <= sizes.rows) { starts[thread.x] = before[thread.x * sizes.slices]; }
    }`,
});

const place = defineKernel({
  name: "inverse-neighbours-place",
  workgroup: { gpu: 64, software: 8 },
  bindings: { neighbours: "read u32", next: "read_write u32", placed: "read_write u32" },
  sizes: { edges: "u32", rows: "u32", slices: "u32", run: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let begin = thread.x * sizes.run;
      if (thread.x >= sizes.slices) { return; }
      for (var e = begin; e < min(begin + sizes.run, sizes.edges); e++) {
        let row = neighbours[e];
        if (row < sizes.rows) {
          let at = row * sizes.slices + thread.x;
          placed[next[at]] = e;
          next[at] += 1u;
        }
      }
    }`,
});

/**
 * The edges that end at each of `rows` rows, where edge e ends at row `neighbours[e]`; one that ends at no row, such as 0xffffffff, is in no
 * list. Where edges begin does not matter: they may go between two different sets. Reads nothing back.
 * @throws {ShapeMismatch} for no rows, or more of them and edges than slices are for: 50,000 edges for each of 2²² / rows slices
 */
export function inverseNeighbours(
  gpu: Gpu,
  { neighbours, rows }: { readonly neighbours: GpuBuffer<"u32">; readonly rows: number },
): InverseNeighbours {
  const edges = neighbours.length, mostSlices = Math.floor(MOST_COUNTS / rows);
  if (!(Number.isInteger(rows) && rows >= 1 && edges <= mostSlices * MOST_IN_SLICE)) {
    throw new ShapeMismatch(
      "inverse-neighbours",
      `one or more rows and at most ${MOST_IN_SLICE} edges for each of 2²² / rows slices`,
      `${edges} edges to ${rows} rows`,
    );
  }
  // a slice costs a count a row, and on a GPU is one of few lanes
  const wanted = gpu.adapter.software ? Math.max(16, Math.ceil(edges / 40_000)) : Math.ceil(edges / 256);
  const slices = Math.max(1, Math.min(wanted, mostSlices, edges)), run = Math.ceil(edges / slices);
  using owned = new DisposableStack();
  const starts = owned.use(gpu.buffer("u32", rows + 1)), placed = owned.use(gpu.buffer("u32", edges));
  using counts = gpu.zeros("u32", rows * slices);
  const sizes = { edges, rows, slices, run };
  count.dispatch(gpu, { buffers: { neighbours, counts }, sizes, constants: {}, threads: slices });
  using before = prefixSums(gpu, counts);
  pickStarts.dispatch(gpu, { buffers: { before, starts }, sizes: { rows, slices }, constants: {}, threads: rows + 1 });
  place.dispatch(gpu, { buffers: { neighbours, next: before, placed }, sizes, constants: {}, threads: slices });
  const kept = owned.move();
  return { starts, edges: placed, [Symbol.dispose]: () => kept.dispose() };
}
