/**
 * Brings the keys of the greedy coreset up to date: of all rows, or of a round's candidates. @module
 *
 * All distances are sums of squared differences in float32 in one order of summation, so a distance has the same bits in each kernel.
 */
import { CANDIDATES, stateLayout } from "./greedy_coreset_select.ts";
import type { RowBlock } from "./row_blocks.ts";
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

/** Rows and picks of a refresh tile. */
const TILE_ROWS = 6, TILE_PICKS = 4;

/** WGSL that turns a squared distance into a key. */
export const keyOfDistance = /* wgsl */ `
/** Grows with the squared distance; 0 is left for picked rows. What is not a number counts as infinite. */
fn keyOf(squared: f32) -> u32 { return min(bitcast<u32>(squared) & 0x7fffffffu, 0x7f800000u) + 1u; }
`;

const gather = defineKernel({
  name: "coreset-gather",
  workgroup: 64,
  constants: ["QUADS"],
  bindings: { rows: "read vec4f", list: "read u32", state: "read u32", candidates: "read_write vec4f" },
  sizes: { base: "u32", count: "u32" },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= state[SELECTED]) { return; }
      let row = list[thread.x] - sizes.base; // of another block: wraps to a large number
      if (row < sizes.count) { candidates[thread.x * QUADS + thread.y] = rows[row * QUADS + thread.y]; }
    }`,
});

const rank = defineKernel({
  name: "coreset-rank",
  workgroup: 64,
  bindings: { listSeen: "read vec4u", state: "read u32", order: "read_write u32" },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    // Rows that miss equally many picks become neighbours, so that a tile of them does no needless work.
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let count = state[SELECTED];
      if (thread.x >= count) { return; }
      let mine = listSeen[thread.x / 4u][thread.x % 4u];
      let lanes = vec4u(0u, 1u, 2u, 3u);
      var before = vec4u();
      for (var i = 0u; i * 4u < count; i++) {
        let other = listSeen[i];
        let at = lanes + vec4u(4u * i);
        let isBefore = (other < vec4u(mine)) | ((other == vec4u(mine)) & (at < vec4u(thread.x)));
        before += select(vec4u(), vec4u(1u), isBefore & (at < vec4u(count)));
      }
      order[before.x + before.y + before.z + before.w] = thread.x;
    }`,
});

const refresh = defineKernel({
  name: "coreset-refresh",
  workgroup: { gpu: 64, software: 8 },
  constants: ["QUADS"],
  bindings: {
    rows: "read vec4f",
    order: "read u32",
    seen: "read u32",
    keys: "read_write atomic<u32>",
    bank: "read vec4f",
    state: "read u32",
  },
  // useOrder 1: count is SELECTED and rows are those of order; else rows first … count − 1, whose key and seen are at base + row
  sizes: { useOrder: "u32", first: "u32", count: "u32", base: "u32", slice: "u32", firstSlice: "u32" },
  snippets: [stateLayout, keyOfDistance],
  wgsl: /* wgsl */ `
    const R = 6u; // TILE_ROWS
    const P = 4u; // TILE_PICKS
    const RP = 24u;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let count = select(sizes.count, state[SELECTED], sizes.useOrder == 1u);
      let tile = sizes.first + thread.x * R;
      if (tile >= count) { return; }
      var at: array<u32, R>;
      var least = 0xffffffffu;
      for (var r = 0u; r < R; r++) {
        let row = min(tile + r, count - 1u);
        at[r] = row;
        if (sizes.useOrder == 1u) { at[r] = order[row]; }
        // a row at distance 0 comes no closer
        if (atomicLoad(&keys[sizes.base + at[r]]) > 1u) { least = min(least, seen[sizes.base + at[r]]); }
      }
      let begin = (sizes.firstSlice + thread.y) * sizes.slice;
      let end = min(begin + sizes.slice, state[PICKED]);
      var best: array<f32, R>;
      for (var r = 0u; r < R; r++) { best[r] = 0x1p+127f; }
      for (var pick = max(begin, least); pick < end; pick += P) {
        var sum: array<f32, RP>;
        for (var i = 0u; i < RP; i++) { sum[i] = 0.0; }
        for (var c = 0u; c < QUADS; c++) {
          var a: array<vec4f, R>;
          for (var r = 0u; r < R; r++) { a[r] = rows[at[r] * QUADS + c]; }
          for (var p = 0u; p < P; p++) {
            let b = bank[min(pick + p, end - 1u) * QUADS + c];
            for (var r = 0u; r < R; r++) {
              let d = a[r] - b;
              sum[r * P + p] += dot(d, d);
            }
          }
        }
        for (var r = 0u; r < R; r++) {
          for (var p = 0u; p < P; p++) {
            best[r] = min(best[r], sum[r * P + p]);
          }
        }
      }
      if (max(begin, least) >= end) { return; }
      for (var r = 0u; r < R; r++) { atomicMin(&keys[sizes.base + at[r]], keyOf(best[r])); }
    }`,
});

const markSeen = defineKernel({
  name: "coreset-mark-seen",
  workgroup: 64,
  bindings: { state: "read u32", seen: "read_write vec4u" },
  sizes: { quads: "u32" },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let begin = thread.x * 16u;
      for (var i = begin; i < min(begin + 16u, sizes.quads); i++) { seen[i] = vec4u(state[PICKED]); }
    }`,
});

/** What is brought up to date, beside the rows. */
export interface RefreshBuffers {
  /** Keys of all rows and how many picks each takes account of; those of the candidates. */
  readonly keys: GpuBuffer<"u32">;
  readonly seen: GpuBuffer<"u32">;
  readonly list: GpuBuffer<"u32">;
  readonly listKeys: GpuBuffer<"u32">;
  readonly listSeen: GpuBuffer<"u32">;
  readonly state: GpuBuffer<"u32">;
  /** CANDIDATES rows, gathered. */
  readonly candidates: GpuBuffer<"f32">;
  /** CANDIDATES places of the list, by how many picks they miss. */
  readonly order: GpuBuffer<"u32">;
  /** The picked rows so far, picks × stride. */
  readonly bank: GpuBuffer<"f32">;
}

/** Slices of the picks, so that an invocation stays within the loop limit. */
const slicePicks = (quads: number) => TILE_PICKS * Math.max(1, Math.min(32, Math.floor(40_000 / (quads + 4))));

/** Launches the refresh over slices 0 … sliceCount − 1, no launch longer than a watchdog survives. */
function refreshSlices(
  gpu: Gpu,
  buffers: RefreshBuffers,
  rows: GpuBuffer<"f32">,
  quads: number,
  mostPicks: number,
  range: { useOrder: 0 | 1; first: number; count: number; base: number },
): void {
  const { keys, listKeys, seen, listSeen, bank, state, order } = buffers, slice = slicePicks(quads);
  const slices = Math.ceil(mostPicks / slice), flops = 12 * (range.count - range.first) * slice * quads;
  const slicesALaunch = Math.min(65_535, Math.max(1, Math.floor(gpu.limits.stepFlops / flops)));
  for (let firstSlice = 0; firstSlice < slices; firstSlice += slicesALaunch) {
    refresh.dispatch(gpu, {
      buffers: range.useOrder === 1
        ? { rows, order, seen: listSeen, keys: listKeys, bank, state }
        : { rows, order, seen, keys, bank, state },
      sizes: { ...range, slice, firstSlice },
      constants: { QUADS: quads },
      threads: [Math.ceil((range.count - range.first) / TILE_ROWS), Math.min(slicesALaunch, slices - firstSlice)],
    });
  }
}

/** Brings the keys of all rows up to date with all picks, of which there are at most `mostPicks`. */
export function refreshAll(
  gpu: Gpu,
  buffers: RefreshBuffers,
  blocks: readonly RowBlock[],
  quads: number,
  mostPicks: number,
): void {
  const step = TILE_ROWS *
    Math.max(1, Math.min(2 ** 18, Math.floor(gpu.limits.stepFlops / (12 * slicePicks(quads) * quads * TILE_ROWS))));
  for (const { rows: { values, count }, base } of blocks) {
    for (let first = 0; first < count; first += step) {
      refreshSlices(gpu, buffers, values, quads, mostPicks, {
        useOrder: 0,
        first,
        count: Math.min(first + step, count),
        base,
      });
    }
  }
  const { state, seen } = buffers;
  markSeen.dispatch(gpu, {
    buffers: { state, seen },
    sizes: { quads: seen.length / 4 },
    constants: {},
    threads: seen.length / 64,
  });
}

/** Gathers the listed candidates and brings their keys up to date with all picks, of which there are at most `mostPicks`. */
export function refreshCandidates(
  gpu: Gpu,
  buffers: RefreshBuffers,
  blocks: readonly RowBlock[],
  quads: number,
  mostPicks: number,
): void {
  const { state, list, listSeen, candidates, order } = buffers;
  for (const { rows: { values, count }, base } of blocks) {
    gather.dispatch(gpu, {
      buffers: { rows: values, list, state, candidates },
      sizes: { base, count },
      constants: { QUADS: quads },
      threads: [CANDIDATES, quads],
    });
  }
  rank.dispatch(gpu, { buffers: { listSeen, state, order }, sizes: {}, constants: {}, threads: CANDIDATES });
  refreshSlices(gpu, buffers, candidates, quads, mostPicks, { useOrder: 1, first: 0, count: CANDIDATES, base: 0 });
}
