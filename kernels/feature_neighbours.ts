/**
 * The k nearest other rows of each row within its own cloud, exact: the graph of an edge convolution. @module
 *
 * Order: ascending by (Σ_c (x_ic − x_jc)², j), the sum in float32 by differences, so equal rows are at 0 exactly and ties have one answer.
 * The row itself is left out by its number, not as the first of the list, so doubles are found. Source: the graphs of SP-GAN's generator,
 * Li et al. 2021, after Wang et al., "Dynamic Graph CNN for Learning on Point Clouds", 2019. The matrix of distances is never stored.
 *
 * Pruning: sums only grow, also when rounded, so a tile whose sums over the first columns are all beyond the lists' last entries is left.
 * The search begins at the rows around the query's own number. Where rows with near numbers are near each other, as bands of a Fibonacci
 * sphere are, most tiles are left early; elsewhere all columns are summed.
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Cost of a search that prunes nothing; bytes: the rows once, 4 a neighbour. */
export const featureNeighboursCost = (
  clouds: number,
  rowsPerCloud: number,
  columns: number,
  k: number,
): { flops: number; bytes: number } => ({
  flops: 3 * clouds * rowsPerCloud ** 2 * columns,
  bytes: 4 * clouds * rowsPerCloud * (columns + k),
});

/** Queries and candidates of an invocation's tile. Its sums stand one by one in the code: a loop over so many is not unrolled. */
const TILE = 8;

/** Entries of a list in an invocation's memory. */
const MOST_LISTED = 16;

/** Columns up to which a launch of the search surely ends within the limit of loops. */
const MOST_COLUMNS = 128;

/** A list of 16 rows by (distance, number), of which the first `k` count. */
const lists = /* wgsl */ `
  const DEPTH = 16u; // MOST_LISTED
  const FAR = 0x1p+127f;
  const NONE = 0xffffffffu;

  // puts a row into the list that begins at list, behind those that are nearer; the last one falls out
  fn put(list: u32, squared: f32, row: u32) {
    var d = squared;
    var r = row;
    for (var m = 0u; m < DEPTH; m++) { // from 0, so that drivers see how often, and unroll it
      let other = nearD[list + m];
      let otherRow = nearRow[list + m];
      let isBefore = d < other || (d == other && r < otherRow);
      nearD[list + m] = select(other, d, isBefore);
      nearRow[list + m] = select(otherRow, r, isBefore);
      d = select(d, other, isBefore);
      r = select(r, otherRow, isBefore);
    }
  }
`;

const search = defineKernel({
  name: "feature-neighbours",
  workgroup: { gpu: 64, software: 8 },
  constants: ["QUADS", "PART"], // PART: quads that are summed before a tile may be left; divides QUADS
  bindings: { rows: "read vec4f", squared: "read_write f32", found: "read_write u32" },
  // invocation y looks at the candidate tiles y·share + first …, at most `step` of them, counted from the query's own band on
  sizes: {
    clouds: "u32",
    perCloud: "u32",
    k: "u32",
    share: "u32",
    first: "u32",
    step: "u32",
    isFresh: "u32",
  },
  snippets: [lists],
  wgsl: /* wgsl */ `
    const T = 8u; // TILE
    const BAND = 64u; // queries that begin at the same tile, so that they look at the same rows
    var<private> nearD: array<f32, 128>; // T lists
    var<private> nearRow: array<u32, 128>;

    fn squares(x: vec4f, a: vec4f, b: vec4f, c: vec4f, d: vec4f) -> vec4f {
      let p = x - a;
      let q = x - b;
      let r = x - c;
      let s = x - d;
      return vec4f(dot(p, p), dot(q, q), dot(r, r), dot(s, s));
    }

    // a bit for each of eight sums that is not beyond the last
    fn near(low: vec4f, high: vec4f, last: f32) -> u32 {
      let bits = select(vec4u(), vec4u(1u, 2u, 4u, 8u), low <= vec4f(last)) |
        select(vec4u(), vec4u(16u, 32u, 64u, 128u), high <= vec4f(last));
      return bits.x | bits.y | bits.z | bits.w;
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let n = sizes.perCloud;
      let tiles = (n + T - 1u) / T;
      let cloud = thread.x / tiles;
      if (cloud >= sizes.clouds) { return; }
      let base = cloud * n;
      let query = (thread.x - cloud * tiles) * T;
      let result = (thread.y * sizes.clouds * n + base + query) * sizes.k;
      let queries = min(n - query, T);
      for (var m = 0u; m < T * DEPTH; m++) {
        nearD[m] = FAR;
        nearRow[m] = NONE;
      }
      if (sizes.isFresh == 0u) { // goes on from the lists so far
        for (var q = 0u; q < queries; q++) {
          for (var m = 0u; m < sizes.k; m++) {
            nearD[q * DEPTH + m] = squared[result + q * sizes.k + m];
            nearRow[q * DEPTH + m] = found[result + q * sizes.k + m];
          }
        }
      }
      var at: array<u32, T>;
      var last: array<f32, T>;
      for (var q = 0u; q < T; q++) {
        at[q] = (base + query + min(q, queries - 1u)) * QUADS;
        last[q] = nearD[q * DEPTH + sizes.k - 1u];
      }
      let begin = thread.y * sizes.share + sizes.first;
      let end = min(min(begin + sizes.step, (thread.y + 1u) * sizes.share), tiles);
      for (var t = begin; t < end; t++) {
        let tile = t + query / BAND * (BAND / T);
        let row = select(tile, tile - tiles, tile >= tiles) * T;
        let rows8 = min(n - row, T);
        var from8: array<u32, T>;
        for (var b = 0u; b < T; b++) { from8[b] = (base + row + min(b, rows8 - 1u)) * QUADS; }
        var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
        var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
        var r0 = vec4f(); var r1 = vec4f(); var r2 = vec4f(); var r3 = vec4f();
        var r4 = vec4f(); var r5 = vec4f(); var r6 = vec4f(); var r7 = vec4f();
        var low = 1u; // pairs that may be near: queries 0 to 3
        var high = 0u; // queries 4 to 7
        for (var part = 0u; part < QUADS && (low | high) != 0u; part += PART) {
          for (var c = part; c < part + PART; c++) {
            let b0 = rows[from8[0] + c]; let b1 = rows[from8[1] + c]; let b2 = rows[from8[2] + c]; let b3 = rows[from8[3] + c];
            let b4 = rows[from8[4] + c]; let b5 = rows[from8[5] + c]; let b6 = rows[from8[6] + c]; let b7 = rows[from8[7] + c];
            let x0 = rows[at[0] + c]; s0 += squares(x0, b0, b1, b2, b3); r0 += squares(x0, b4, b5, b6, b7);
            let x1 = rows[at[1] + c]; s1 += squares(x1, b0, b1, b2, b3); r1 += squares(x1, b4, b5, b6, b7);
            let x2 = rows[at[2] + c]; s2 += squares(x2, b0, b1, b2, b3); r2 += squares(x2, b4, b5, b6, b7);
            let x3 = rows[at[3] + c]; s3 += squares(x3, b0, b1, b2, b3); r3 += squares(x3, b4, b5, b6, b7);
            let x4 = rows[at[4] + c]; s4 += squares(x4, b0, b1, b2, b3); r4 += squares(x4, b4, b5, b6, b7);
            let x5 = rows[at[5] + c]; s5 += squares(x5, b0, b1, b2, b3); r5 += squares(x5, b4, b5, b6, b7);
            let x6 = rows[at[6] + c]; s6 += squares(x6, b0, b1, b2, b3); r6 += squares(x6, b4, b5, b6, b7);
            let x7 = rows[at[7] + c]; s7 += squares(x7, b0, b1, b2, b3); r7 += squares(x7, b4, b5, b6, b7);
          }
          low = near(s0, r0, last[0]) | (near(s1, r1, last[1]) << 8u) | (near(s2, r2, last[2]) << 16u) | (near(s3, r3, last[3]) << 24u);
          high = near(s4, r4, last[4]) | (near(s5, r5, last[5]) << 8u) | (near(s6, r6, last[6]) << 16u) | (near(s7, r7, last[7]) << 24u);
        }
        if ((low | high) == 0u) { continue; }
        // neither rows past the cloud's end nor the row itself
        let isIn = 0x01010101u * ((1u << rows8) - 1u);
        low &= isIn;
        high &= isIn;
        if (row == query) {
          low &= ~0x08040201u;
          high &= ~0x80402010u;
        }
        var sums: array<vec4f, 16>; // those above stay in registers, as they are not indexed
        sums[0] = s0; sums[1] = r0; sums[2] = s1; sums[3] = r1; sums[4] = s2; sums[5] = r2; sums[6] = s3; sums[7] = r3;
        sums[8] = s4; sums[9] = r4; sums[10] = s5; sums[11] = r5; sums[12] = s6; sums[13] = r6; sums[14] = s7; sums[15] = r7;
        while ((low | high) != 0u) { // one pair a turn, so that lanes wait little for each other
          let isLow = low != 0u;
          let bits = select(high, low, isLow);
          let pair = firstTrailingBit(bits) + select(32u, 0u, isLow);
          low = select(low, bits & (bits - 1u), isLow);
          high = select(bits & (bits - 1u), high, isLow);
          put(pair / T * DEPTH, sums[pair / 4u][pair % 4u], base + row + pair % T);
        }
        for (var q = 0u; q < T; q++) { last[q] = nearD[q * DEPTH + sizes.k - 1u]; }
      }
      for (var q = 0u; q < queries; q++) {
        for (var m = 0u; m < sizes.k; m++) {
          squared[result + q * sizes.k + m] = nearD[q * DEPTH + m];
          found[result + q * sizes.k + m] = nearRow[q * DEPTH + m];
        }
      }
    }`,
});

const merge = defineKernel({
  name: "feature-neighbours-merge",
  workgroup: 64,
  bindings: { squared: "read f32", found: "read u32", neighbours: "read_write u32" },
  sizes: { count: "u32", k: "u32", shares: "u32" },
  snippets: [lists],
  wgsl: /* wgsl */ `
    var<private> nearD: array<f32, 16>;
    var<private> nearRow: array<u32, 16>;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      for (var m = 0u; m < DEPTH; m++) {
        nearD[m] = FAR;
        nearRow[m] = NONE;
      }
      for (var i = 0u; i < sizes.shares; i++) {
        let at = (i * sizes.count + thread.x) * sizes.k;
        for (var m = 0u; m < sizes.k; m++) { put(0u, squared[at + m], found[at + m]); }
      }
      for (var m = 0u; m < sizes.k; m++) { neighbours[thread.x * sizes.k + m] = nearRow[m]; }
    }`,
});

/**
 * The numbers of each row's `k` nearest other rows of its cloud, `rows.count × k`, ascending by (squared distance, number). Clouds follow
 * each other and have equally many rows; numbers count through all of them. Rows are finite: where a distance is not, or not below 2¹²⁷,
 * the number is 0xffffffff. Reads nothing back.
 * @throws {ShapeMismatch} for clouds of unequal size or of no more than `k` rows, a `k` outside 1 … 16 and more than 128 columns
 */
export function featureNeighbours(
  gpu: Gpu,
  { rows, clouds, k }: { readonly rows: Rows; readonly clouds: number; readonly k: number },
): GpuBuffer<"u32"> {
  const { count, columns, stride } = rows, quads = stride / 4;
  const perCloud = count / clouds, tiles = Math.ceil(perCloud / TILE);
  if (!(Number.isInteger(perCloud) && Number.isInteger(k) && k >= 1 && k <= MOST_LISTED && perCloud > k)) {
    throw new ShapeMismatch(
      "feature-neighbours",
      `equal clouds of more rows than k, which is 1 to ${MOST_LISTED}`,
      `${count} rows in ${clouds} clouds, k = ${k}`,
    );
  }
  if (columns > MOST_COLUMNS) {
    throw new ShapeMismatch("feature-neighbours", `at most ${MOST_COLUMNS} columns`, `${columns}`);
  }
  // enough invocations for every lane of the device, and shares of 64 rows at least so that lists are soon full of near ones
  const shares = Math.min(Math.ceil((gpu.adapter.software ? 256 : 32_768) / (clouds * tiles)), Math.ceil(tiles / 8));
  const share = Math.ceil(tiles / shares), step = stepTiles(gpu, clouds * tiles * shares, quads);
  using owned = new DisposableStack();
  const neighbours = owned.use(gpu.buffer("u32", count * k));
  using squared = gpu.buffer("f32", shares * count * k), lists = gpu.buffer("u32", shares * count * k);
  const found = shares === 1 ? neighbours : lists;
  for (let first = 0; first < share; first += step) {
    search.dispatch(gpu, {
      buffers: { rows: rows.values, squared, found },
      sizes: { clouds, perCloud, k, share, first, step, isFresh: first === 0 ? 1 : 0 },
      constants: { QUADS: quads, PART: quads % 4 === 0 ? 4 : 1 },
      threads: [clouds * tiles, shares],
    });
  }
  if (shares > 1) {
    merge.dispatch(gpu, {
      buffers: { squared, found, neighbours },
      sizes: { count, k, shares },
      constants: {},
      threads: count,
    });
  }
  owned.move(); // from here the caller owns the result
  return neighbours;
}

/** Candidate tiles of a launch, within the limit of loops where every pair is put into a list, and the watchdog's. */
function stepTiles(gpu: Gpu, invocations: number, quads: number): number {
  const turns = TILE * TILE + 2 * quads + 2, setUp = 2 * TILE * (MOST_LISTED + 1);
  const byLoops = Math.floor((gpu.limits.loopIterations - 4 * setUp) / turns);
  const byFlops = Math.floor(gpu.limits.stepFlops / (12 * quads * TILE * TILE * invocations));
  return Math.max(1, Math.min(byLoops, byFlops));
}
