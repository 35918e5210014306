/**
 * The k nearest bank rows of few queries, exact. @module
 *
 * Squared distances by differences in float32, ascending, ties by the smaller index. For the image score of PatchCore (Roth et al.
 * 2022, §3.3), which needs the bank rows around one row; one query an invocation, so use {@linkcode nearestRow} for many queries and k = 1.
 */
import { rowBlocks } from "./row_blocks.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** `k` neighbours of each query. */
export interface NearestRows extends Disposable {
  /** Places of each list. */
  readonly k: number;
  /** `queries × k`, Euclidean, ascending; past the bank's end 2^63.5. */
  readonly distances: GpuBuffer<"f32">;
  /** `queries × k`, numbers counted through all blocks of the bank; 0xffffffff past the bank's end. */
  readonly indices: GpuBuffer<"u32">;
}

/** Cost of one search; bytes: both operands once, 8 a result. */
export const nearestRowsCost = (
  queries: number,
  bank: number,
  columns: number,
  k: number,
): { flops: number; bytes: number } => ({
  flops: 3 * queries * bank * columns,
  bytes: 4 * (queries + bank) * columns + 8 * queries * k,
});

const sortedList = /* wgsl */ `
const MOST = 8u;
var<private> distance: array<f32, MOST>;
var<private> index: array<u32, MOST>;

fn clearList() {
  for (var i = 0u; i < MOST; i++) {
    distance[i] = 0x1p+127f;
    index[i] = 0xffffffffu;
  }
}

/** Inserts a pair, so that the list stays ascending by distance, then index. */
fn insert(d: f32, at: u32, k: u32) {
  if (!(d < distance[k - 1u] || (d == distance[k - 1u] && at < index[k - 1u]))) { return; }
  var i = k - 1u;
  while (i > 0u && (d < distance[i - 1u] || (d == distance[i - 1u] && at < index[i - 1u]))) {
    distance[i] = distance[i - 1u];
    index[i] = index[i - 1u];
    i--;
  }
  distance[i] = d;
  index[i] = at;
}
`;

const search = defineKernel({
  name: "nearest-rows",
  workgroup: { gpu: 64, software: 8 },
  constants: ["QUADS"],
  bindings: { queries: "read vec4f", bank: "read vec4f", squared: "read_write f32", indices: "read_write u32" },
  sizes: { bankCount: "u32", base: "u32", slice: "u32", slices: "u32", firstList: "u32", k: "u32" },
  snippets: [sortedList],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.slices) { return; }
      clearList();
      let begin = thread.x * sizes.slice;
      for (var row = begin; row < min(begin + sizes.slice, sizes.bankCount); row++) {
        var sum = vec4f();
        for (var c = 0u; c < QUADS; c++) {
          let d = queries[thread.y * QUADS + c] - bank[row * QUADS + c];
          sum += d * d;
        }
        insert((sum.x + sum.y) + (sum.z + sum.w), sizes.base + row, sizes.k);
      }
      let result = (thread.y * sizes.slices + thread.x) * sizes.k; // lists of this launch: query by query
      for (var i = 0u; i < sizes.k; i++) {
        squared[sizes.firstList + result + i] = distance[i];
        indices[sizes.firstList + result + i] = index[i];
      }
    }`,
});

const merge = defineKernel({
  name: "nearest-rows-merge",
  workgroup: 64,
  bindings: { squared: "read f32", candidates: "read u32", distances: "read_write f32", indices: "read_write u32" },
  // of each query: lists first … first + count − 1 of this part, merged into the results so far
  sizes: {
    queryCount: "u32",
    slices: "u32",
    first: "u32",
    count: "u32",
    firstList: "u32",
    k: "u32",
    isFresh: "u32",
    isLast: "u32",
  },
  snippets: [sortedList],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.queryCount) { return; }
      clearList();
      let result = thread.x * sizes.k;
      if (sizes.isFresh == 0u) {
        for (var i = 0u; i < sizes.k; i++) { insert(distances[result + i], indices[result + i], sizes.k); }
      }
      let begin = sizes.firstList + (thread.x * sizes.slices + sizes.first) * sizes.k;
      for (var i = begin; i < begin + sizes.count * sizes.k; i++) { insert(squared[i], candidates[i], sizes.k); }
      for (var i = 0u; i < sizes.k; i++) {
        distances[result + i] = select(distance[i], sqrt(distance[i]), sizes.isLast == 1u);
        indices[result + i] = index[i];
      }
    }`,
});

/** Lists that one merge takes: with 8 entries and 8 shifts each, 32,768 loop iterations. */
const LISTS_A_MERGE = 512;

/**
 * Distances and numbers of each query's `k` nearest bank rows, k = 1 … 8. Reads nothing back.
 * @throws {ShapeMismatch} for unequal columns or k out of range
 */
export function nearestRows(
  gpu: Gpu,
  { queries, bank, k }: { readonly queries: Rows; readonly bank: Rows | readonly Rows[]; readonly k: number },
): NearestRows {
  const { blocks, columns, stride } = rowBlocks("nearest-rows", bank), quads = stride / 4, queryCount = queries.count;
  if (queries.columns !== columns || queries.stride !== stride || !(Number.isInteger(k) && k >= 1 && k <= 8)) {
    throw new ShapeMismatch(
      "nearest-rows",
      `k of 1 to 8 and a bank of ${queries.columns} columns`,
      `k ${k}, ${columns} columns`,
    );
  }
  using owned = new DisposableStack();
  const distances = owned.use(gpu.buffer("f32", queryCount * k)),
    indices = owned.use(gpu.buffer("u32", queryCount * k));
  const slice = Math.max(1, Math.min(256, Math.floor(50_000 / (quads + k))));
  const parts = blocks.filter(({ rows }) => rows.count > 0).map(({ rows, base }) => ({
    rows,
    base,
    slices: Math.ceil(rows.count / slice),
  }));
  const lists = parts.reduce((sum, { slices }) => sum + slices, 0) * queryCount;
  using squared = gpu.buffer("f32", lists * k), candidates = gpu.buffer("u32", lists * k);
  let firstList = 0, isFresh = 1;
  parts.forEach(({ rows, base, slices }, part) => {
    search.dispatch(gpu, {
      buffers: { queries: queries.values, bank: rows.values, squared, indices: candidates },
      sizes: { bankCount: rows.count, base, slice, slices, firstList, k },
      constants: { QUADS: quads },
      threads: [slices, queryCount],
    });
    for (let first = 0; first < slices; first += LISTS_A_MERGE) {
      const count = Math.min(LISTS_A_MERGE, slices - first),
        isLast = part === parts.length - 1 && first + count === slices ? 1 : 0;
      merge.dispatch(gpu, {
        buffers: { squared, candidates, distances, indices },
        sizes: { queryCount, slices, first, count, firstList, k, isFresh, isLast },
        constants: {},
        threads: queryCount,
      });
      isFresh = 0;
    }
    firstList += slices * queryCount * k;
  });
  const kept = owned.move();
  return { k, distances, indices, [Symbol.dispose]: () => kept.dispose() };
}
