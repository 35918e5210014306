/**
 * Nearest bank row of each query row, exact. @module
 *
 * For query q_i:  j* = argmin_j Σ_c (q_ic − b_jc)² in float32, by differences, ties to the smallest j; so equal rows are at 0 exactly.
 * Source: the nearest-neighbour distance of PatchCore, Roth et al. 2022, §3.3, unweighted. The matrix of distances is never stored.
 *
 * Pruning: the sum over the first 12 columns is never more than the whole, also when rounded, so bank rows whose first columns alone are farther than
 * the best so far are passed over. Rows projected onto their principal axes have most of their distance there. Where too many rows are left, all columns
 * are looked at, and the next try waits; so rows without such an order are searched as fast as without pruning.
 */
import { type RowBlocks, rowBlocks } from "./row_blocks.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What is searched for, and where. */
export interface RowSearch {
  /** Rows to find neighbours of. */
  readonly queries: Rows;
  /** Rows to find, in one block or several of equal columns. */
  readonly bank: Rows | readonly Rows[];
  /** Bank rows that are not looked at, such as those of the queries' own scan; numbered through all blocks. */
  readonly skip?: { readonly first: number; readonly count: number };
}

/** The nearest bank row of each query. */
export interface NearestRow extends Disposable {
  /** Euclidean, in the rows' units. */
  readonly distances: GpuBuffer<"f32">;
  /** Row numbers, counted through all blocks of the bank. */
  readonly indices: GpuBuffer<"u32">;
}

/** Cost of one search that prunes nothing; bytes: both operands once, 8 a result. */
export const nearestRowCost = (queries: number, bank: number, columns: number): { flops: number; bytes: number } => ({
  flops: 3 * queries * bank * columns,
  bytes: 4 * (queries + bank) * columns + 8 * queries,
});

/** Queries and bank rows of an invocation's tile, whose 24 sums a processor's compiler unrolls (32 it does not). */
const TILE_QUERIES = 6, TILE_ROWS = 4;

/** Bank rows that are pruned together, a bit each; of their 192 pairs with the queries, as many are looked at one by one as cost about what tiles do. */
const CHUNK_ROWS = 32, MOST_LEFT = 40;

const search = defineKernel({
  name: "nearest-row",
  workgroup: { gpu: 64, software: 8 },
  constants: ["QUADS", "PRUNES"],
  bindings: { queries: "read vec4f", bank: "read vec4f", squared: "read_write f32", indices: "read_write u32" },
  // invocation y looks at the bank rows lower + y·share + first …, at most `step` of them and none from `upper` on; `base` is the number of the block's first row
  sizes: {
    queryCount: "u32",
    lower: "u32",
    upper: "u32",
    base: "u32",
    share: "u32",
    first: "u32",
    step: "u32",
    isFresh: "u32",
  },
  wgsl: /* wgsl */ `
    const Q = 6u; // TILE_QUERIES
    const B = 4u; // TILE_ROWS
    const QB = 24u;
    const HEAD = 3u; // quads that are looked at first
    const QH = 18u;
    const CHUNK = 32u; // CHUNK_ROWS
    const MOST_LEFT = 40u;
    const WAIT = 3u; // chunks before pruning is tried, and tried again
    const BELOW = 0.99999; // so that a row is never lost where a compiler rounds one of the two sums otherwise

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let query = thread.x * Q;
      if (query >= sizes.queryCount) { return; }
      let begin = sizes.lower + thread.y * sizes.share + sizes.first;
      let end = min(min(begin + sizes.step, sizes.lower + (thread.y + 1u) * sizes.share), sizes.upper);
      let result = thread.y * sizes.queryCount;
      var queryAt: array<u32, Q>;
      var head: array<vec4f, QH>;
      var best: array<f32, Q>;
      var at: array<u32, Q>;
      for (var q = 0u; q < Q; q++) {
        queryAt[q] = min(query + q, sizes.queryCount - 1u);
        if (PRUNES == 1u) {
          for (var c = 0u; c < HEAD; c++) { head[q * HEAD + c] = queries[queryAt[q] * QUADS + c]; }
        }
        best[q] = 0x1p+127f;
        at[q] = 0u;
        if (sizes.isFresh == 0u) { // goes on from the best so far
          best[q] = squared[result + queryAt[q]];
          at[q] = indices[result + queryAt[q]];
        }
      }
      var wait = WAIT * sizes.isFresh;
      for (var row = begin; row < end; row += CHUNK) {
        let stop = min(row + CHUNK, end);
        var left: array<u32, Q>; // a bit for each row that may be nearer
        for (var q = 0u; q < Q; q++) { left[q] = 0u; }
        if (PRUNES == 1u && wait == 0u) {
          for (var r = row; r < stop; r++) {
            var sum: array<vec4f, Q>;
            for (var q = 0u; q < Q; q++) { sum[q] = vec4f(); }
            for (var c = 0u; c < HEAD; c++) {
              let v = bank[r * QUADS + c];
              for (var q = 0u; q < Q; q++) {
                let d = head[q * HEAD + c] - v;
                sum[q] += d * d;
              }
            }
            for (var q = 0u; q < Q; q++) {
              let s = sum[q];
              left[q] |= select(0u, 1u << (r - row), BELOW * ((s.x + s.y) + (s.z + s.w)) < best[q]);
            }
          }
          var many = 0u;
          for (var q = 0u; q < Q; q++) { many += countOneBits(left[q]); }
          if (many > MOST_LEFT) {
            wait = WAIT + 1u; // this chunk is one of them
            for (var q = 0u; q < Q; q++) { left[q] = 0u; }
          }
        }
        if (PRUNES == 0u || wait > 0u) {
          wait = max(wait, 1u) - 1u;
          for (var r = row; r < stop; r += B) {
            var sum: array<vec4f, QB>;
            for (var i = 0u; i < QB; i++) { sum[i] = vec4f(); }
            for (var c = 0u; c < QUADS; c++) {
              var a: array<vec4f, Q>;
              for (var q = 0u; q < Q; q++) { a[q] = queries[queryAt[q] * QUADS + c]; }
              for (var b = 0u; b < B; b++) {
                let v = bank[min(r + b, stop - 1u) * QUADS + c];
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
                  at[q] = sizes.base + min(r + b, stop - 1u);
                }
              }
            }
          }
        }
        while ((left[0] | left[1] | left[2] | left[3] | left[4] | left[5]) != 0u) { // one pair a turn, so that lanes wait little for each other
          var pick = 0u;
          var bits = left[0];
          for (var q = 1u; q < Q; q++) {
            if (bits == 0u) {
              pick = q;
              bits = left[q];
            }
          }
          let r = row + firstTrailingBit(bits); // a query's rows ascend, so the smaller index stays here too
          let a = min(query + pick, sizes.queryCount - 1u) * QUADS;
          var sum = vec4f();
          for (var c = 0u; c < QUADS; c++) {
            let d = queries[a + c] - bank[r * QUADS + c];
            sum += d * d;
          }
          let d = (sum.x + sum.y) + (sum.z + sum.w);
          for (var q = 0u; q < Q; q++) {
            if (q == pick) {
              left[q] = bits & (bits - 1u);
              if (d < best[q]) {
                best[q] = d;
                at[q] = sizes.base + r;
              }
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
 * Distance and number of each query's nearest bank row. Reads nothing back. Fastest on rows whose first columns vary most.
 * @throws {ShapeMismatch} for unequal columns, or a bank that is empty or all skipped
 */
export function nearestRow(gpu: Gpu, { queries, bank, skip }: RowSearch): NearestRow {
  const operand = rowBlocks("nearest-row", bank), ranges = searchedRanges(operand, skip);
  const { columns, stride } = operand, quads = stride / 4;
  const count = ranges.reduce((sum, { lower, upper }) => sum + upper - lower, 0);
  if (queries.columns !== columns || queries.stride !== stride || count === 0) {
    throw new ShapeMismatch("nearest-row", `a bank with rows of ${queries.columns} columns`, `${count} × ${columns}`);
  }
  using owned = new DisposableStack();
  const distances = owned.use(gpu.buffer("f32", queries.count)), indices = owned.use(gpu.buffer("u32", queries.count));
  const tiles = Math.ceil(queries.count / TILE_QUERIES);
  // enough invocations for every lane of the device, few enough for the memory of their results and so that each soon has a near row
  const shares = Math.max(
    1,
    Math.min(Math.ceil((gpu.adapter.software ? 1_000 : 60_000) / Math.max(1, tiles)), Math.ceil(count / 64)),
  );
  using squared = gpu.buffer("f32", shares * queries.count), candidates = gpu.buffer("u32", shares * queries.count);
  const isPruned = quads >= 6 && quads <= 256; // below that the first columns are most of the row, above it a chunk is too long a loop
  const step = stepRows(gpu, queries.count * shares, quads, isPruned);
  let isFresh = 1;
  for (const { rows, base, lower, upper } of ranges) {
    const share = Math.ceil((upper - lower) / shares / TILE_ROWS) * TILE_ROWS;
    for (let first = 0; first < share; first += step) {
      search.dispatch(gpu, {
        buffers: { queries: queries.values, bank: rows.values, squared, indices: candidates },
        sizes: { queryCount: queries.count, lower, upper, base, share, first, step, isFresh },
        constants: { QUADS: quads, PRUNES: isPruned ? 1 : 0 },
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

/** The rows of each block that are looked at: all, or those before and those after the skipped ones. */
function searchedRanges({ blocks }: RowBlocks, skip: RowSearch["skip"] = { first: 0, count: 0 }) {
  return blocks.flatMap(({ rows, base }) => {
    const inside = (row: number) => Math.min(Math.max(row - base, 0), rows.count);
    const first = inside(skip.first), after = inside(skip.first + skip.count);
    const ranges = first < after ? [[0, first], [after, rows.count]] : [[0, rows.count]];
    return ranges.filter(([lower, upper]) => lower < upper).map(([lower, upper]) => ({ rows, base, lower, upper }));
  });
}

/** Bank rows an invocation looks at in one launch, within the limit of loops and the watchdog's. */
function stepRows(gpu: Gpu, results: number, quads: number, isPruned: boolean): number {
  const turns = quads + 1, tiles = CHUNK_ROWS / TILE_ROWS; // lanes of one processor may take both ways through a chunk
  const loopRows = isPruned
    ? Math.floor(50_000 / (CHUNK_ROWS + 2 + (tiles + MOST_LEFT) * turns)) * CHUNK_ROWS
    : Math.floor(50_000 / (turns + 1)) * TILE_ROWS;
  const flopRows = Math.floor(gpu.limits.stepFlops / (12 * quads * Math.max(1, results)));
  return Math.max(TILE_ROWS, Math.floor(Math.min(loopRows, flopRows) / TILE_ROWS) * TILE_ROWS);
}
