/**
 * Nearest bank row of each query row, exact. @module
 *
 * For query q_i:  j* = argmin_j Σ_c (q_ic − b_jc)² in float32, by differences, ties to the smallest j; so equal rows are at 0 exactly.
 * Source: the nearest-neighbour distance of PatchCore, Roth et al. 2022, §3.3, unweighted. The matrix of distances is never stored.
 */
import { rowBlocks } from "./row_blocks.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** The nearest bank row of each query. */
export interface NearestRow extends Disposable {
  /** Euclidean, in the rows' units. */
  readonly distances: GpuBuffer<"f32">;
  /** Row numbers, counted through all blocks of the bank. */
  readonly indices: GpuBuffer<"u32">;
}

/** Cost of one search; bytes: both operands once, 8 a result. */
export const nearestRowCost = (queries: number, bank: number, columns: number): { flops: number; bytes: number } => ({
  flops: 3 * queries * bank * columns,
  bytes: 4 * (queries + bank) * columns + 8 * queries,
});

/** Queries and bank rows of an invocation's tile, whose 24 sums a processor's compiler unrolls (32 it does not). */
const TILE_QUERIES = 6, TILE_ROWS = 4;

const search = defineKernel({
  name: "nearest-row",
  workgroup: { gpu: 64, software: 8 },
  constants: ["QUADS"],
  bindings: { queries: "read vec4f", bank: "read vec4f", squared: "read_write f32", indices: "read_write u32" },
  // invocation y looks at bank rows y·share + first …, at most `step` of them; `base` is the number of the block's first row
  sizes: { queryCount: "u32", bankCount: "u32", base: "u32", share: "u32", first: "u32", step: "u32", isFresh: "u32" },
  wgsl: /* wgsl */ `
    const Q = 6u; // TILE_QUERIES
    const B = 4u; // TILE_ROWS
    const QB = 24u;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let query = thread.x * Q;
      if (query >= sizes.queryCount) { return; }
      let begin = thread.y * sizes.share + sizes.first;
      let end = min(min(begin + sizes.step, (thread.y + 1u) * sizes.share), sizes.bankCount);
      let result = thread.y * sizes.queryCount;
      var queryAt: array<u32, Q>;
      var best: array<f32, Q>;
      var at: array<u32, Q>;
      for (var q = 0u; q < Q; q++) {
        queryAt[q] = min(query + q, sizes.queryCount - 1u);
        best[q] = 0x1p+127f;
        at[q] = 0u;
        if (sizes.isFresh == 0u) { // goes on from the best so far
          best[q] = squared[result + queryAt[q]];
          at[q] = indices[result + queryAt[q]];
        }
      }
      for (var row = begin; row < end; row += B) {
        var sum: array<vec4f, QB>;
        for (var i = 0u; i < QB; i++) { sum[i] = vec4f(); }
        for (var c = 0u; c < QUADS; c++) {
          var a: array<vec4f, Q>;
          for (var q = 0u; q < Q; q++) { a[q] = queries[queryAt[q] * QUADS + c]; }
          for (var b = 0u; b < B; b++) {
            let v = bank[min(row + b, end - 1u) * QUADS + c];
            for (var q = 0u; q < Q; q++) {
              let d = a[q] - v;
              sum[q * B + b] += d * d;
            }
          }
        }
        for (var b = 0u; b < B; b++) {
          for (var q = 0u; q < Q; q++) {
            let s = sum[q * B + b];
            let d = (s.x + s.y) + (s.z + s.w);
            if (d < best[q]) { // strict: the smaller index stays, also where the tile's last row stands in for rows past the end
              best[q] = d;
              at[q] = sizes.base + min(row + b, end - 1u);
            }
          }
        }
      }
      for (var q = 0u; q < Q; q++) {
        if (query + q < sizes.queryCount) {
          squared[result + query + q] = best[q];
          indices[result + query + q] = at[q];
        }
      }
    }`,
});

const merge = defineKernel({
  name: "nearest-row-merge",
  workgroup: 64,
  bindings: { squared: "read f32", candidates: "read u32", distances: "read_write f32", indices: "read_write u32" },
  sizes: { queryCount: "u32", shares: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.queryCount) { return; }
      var best = squared[thread.x];
      var at = candidates[thread.x];
      for (var i = 1u; i < sizes.shares; i++) {
        let d = squared[i * sizes.queryCount + thread.x];
        let index = candidates[i * sizes.queryCount + thread.x];
        if (d < best || (d == best && index < at)) {
          best = d;
          at = index;
        }
      }
      distances[thread.x] = sqrt(best);
      indices[thread.x] = at;
    }`,
});

/**
 * Distance and number of each query's nearest bank row. Reads nothing back.
 * @throws {ShapeMismatch} for an empty bank or unequal columns
 */
export function nearestRow(
  gpu: Gpu,
  { queries, bank }: { readonly queries: Rows; readonly bank: Rows | readonly Rows[] },
): NearestRow {
  const { blocks, count, columns, stride } = rowBlocks("nearest-row", bank), quads = stride / 4;
  if (queries.columns !== columns || queries.stride !== stride || count === 0) {
    throw new ShapeMismatch("nearest-row", `a bank with rows of ${queries.columns} columns`, `${count} × ${columns}`);
  }
  using owned = new DisposableStack();
  const distances = owned.use(gpu.buffer("f32", queries.count)), indices = owned.use(gpu.buffer("u32", queries.count));
  const tiles = Math.ceil(queries.count / TILE_QUERIES);
  // enough invocations for every lane of the device, few enough for the memory of their results
  const shares = Math.max(
    1,
    Math.min(Math.ceil((gpu.adapter.software ? 2_000 : 60_000) / Math.max(1, tiles)), Math.ceil(count / 64)),
  );
  using squared = gpu.buffer("f32", shares * queries.count), candidates = gpu.buffer("u32", shares * queries.count);
  const loopRows = Math.floor(50_000 / (quads + 1)) * TILE_ROWS; // keeps an invocation within the loop limit
  const flopRows = Math.floor(gpu.limits.stepFlops / (12 * quads * Math.max(1, queries.count) * shares)); // and a launch within the watchdog's
  const step = Math.max(TILE_ROWS, Math.floor(Math.min(loopRows, flopRows) / TILE_ROWS) * TILE_ROWS);
  let isFresh = 1;
  for (const { rows, base } of blocks) {
    const share = Math.ceil(rows.count / shares / TILE_ROWS) * TILE_ROWS;
    for (let first = 0; first < share; first += step) {
      search.dispatch(gpu, {
        buffers: { queries: queries.values, bank: rows.values, squared, indices: candidates },
        sizes: { queryCount: queries.count, bankCount: rows.count, base, share, first, step, isFresh },
        constants: { QUADS: quads },
        threads: [tiles, shares],
      });
      isFresh = 0;
    }
  }
  merge.dispatch(gpu, {
    buffers: { squared, candidates, distances, indices },
    sizes: { queryCount: queries.count, shares },
    constants: {},
    threads: queries.count,
  });
  const kept = owned.move();
  return { distances, indices, [Symbol.dispose]: () => kept.dispose() };
}
