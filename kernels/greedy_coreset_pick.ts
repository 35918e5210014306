/** The picks of one round of the greedy coreset, among candidates that are up to date, for as long as they are exact. @module */
import { keyOfDistance } from "./greedy_coreset_refresh.ts";
import { CANDIDATES, stateLayout } from "./greedy_coreset_select.ts";
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

/** Picks that one launch of the batch kernel makes at most: 16 + 15 + 16 + 1 loop iterations each on a software adapter, below the limit. */
const PICKS_A_LAUNCH = 512;
const eligible = defineKernel({
  name: "coreset-eligible",
  workgroup: 64,
  constants: ["CANDIDATES"],
  bindings: {
    list: "read u32",
    listKeys: "read u32",
    batchOf: "read_write u32",
    batch: "read_write u32",
    batchKeys: "read_write u32",
    state: "read_write u32",
  },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    var<workgroup> counts: array<u32, WORKGROUP>;

    // Rows outside the list are behind its last row, so what is not before that row may not be picked yet.
    fn isEligible(i: u32) -> bool {
      let threshold = state[THRESHOLD];
      return listKeys[i] > threshold || (listKeys[i] == threshold && list[i] <= state[LIMIT]);
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(local_invocation_index) lane: u32) {
      let count = state[SELECTED];
      let share = (count + WORKGROUP - 1u) / WORKGROUP;
      let begin = min(lane * share, count);
      let end = min(begin + share, count);
      var mine = 0u;
      for (var i = begin; i < end; i++) { mine += select(0u, 1u, isEligible(i)); }
      counts[lane] = mine;
      workgroupBarrier();
      var at = 0u;
      for (var i = 0u; i < lane; i++) { at += counts[i]; }
      for (var i = begin; i < end; i++) {
        batchOf[i] = 0xffffffffu;
        if (isEligible(i)) {
          batch[at] = i;
          batchKeys[at] = listKeys[i];
          batchOf[i] = at;
          at++;
        }
      }
      if (lane == WORKGROUP - 1u) {
        state[ELIGIBLE] = at;
        let padded = (at + 3u) / 4u * 4u; // keys are read four at a time; 0 is never picked
        for (var i = at; i < padded; i++) { batchKeys[i] = 0u; }
      }
    }`,
});

const distances = defineKernel({
  name: "coreset-distances",
  workgroup: { gpu: 64, software: 8 },
  constants: ["QUADS", "CANDIDATES"],
  bindings: { candidates: "read vec4f", batch: "read u32", state: "read u32", squared: "read_write vec4f" },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    const T = 4u;
    const TT = 16u;

    // The tiles of the upper triangle; each is stored a second time, transposed.
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let count = state[ELIGIBLE];
      if (thread.x < thread.y || thread.x * T >= count) { return; }
      var rowAt: array<u32, T>;
      var columnAt: array<u32, T>;
      for (var i = 0u; i < T; i++) {
        rowAt[i] = batch[min(thread.y * T + i, count - 1u)] * QUADS;
        columnAt[i] = batch[min(thread.x * T + i, count - 1u)] * QUADS;
      }
      var sum: array<f32, TT>;
      for (var i = 0u; i < TT; i++) { sum[i] = 0.0; }
      for (var c = 0u; c < QUADS; c++) {
        var a: array<vec4f, T>;
        for (var i = 0u; i < T; i++) { a[i] = candidates[rowAt[i] + c]; }
        for (var j = 0u; j < T; j++) {
          let b = candidates[columnAt[j] + c];
          for (var i = 0u; i < T; i++) {
            let d = a[i] - b;
            sum[i * T + j] += dot(d, d);
          }
        }
      }
      let row = thread.y * T;
      let column = thread.x * T;
      for (var i = 0u; i < T; i++) {
        squared[((row + i) * CANDIDATES + column) / 4u] =
          vec4f(sum[i * T], sum[i * T + 1u], sum[i * T + 2u], sum[i * T + 3u]);
        squared[((column + i) * CANDIDATES + row) / 4u] =
          vec4f(sum[i], sum[T + i], sum[2u * T + i], sum[3u * T + i]);
      }
    }`,
});

const pickBatch = defineKernel({
  name: "coreset-pick",
  workgroup: { gpu: 64, software: 16 },
  constants: ["CANDIDATES", "PICKS_A_LAUNCH"],
  bindings: {
    squared: "read vec4f",
    batch: "read u32",
    batchKeys: "read_write vec4u",
    list: "read u32",
    indices: "read_write u32",
    distances: "read_write f32",
    pickedAt: "read_write u32",
    state: "read_write u32",
  },
  sizes: { picks: "u32" },
  snippets: [stateLayout, keyOfDistance],
  wgsl: /* wgsl */ `
    const NONE = 0xffffffffu;
    const LANES = vec4u(0u, 1u, 2u, 3u);
    const MOST = 16u; // CANDIDATES / 4 quads over at least 16 lanes
    var<workgroup> laneKey: array<u32, WORKGROUP>;
    var<workgroup> laneAt: array<u32, WORKGROUP>;
    var<workgroup> chosen: u32;

    /** The larger key, then the smaller place, of two pairs of key and place. */
    fn first(a: vec2u, b: vec2u) -> vec2u { return select(a, b, b.x > a.x || (b.x == a.x && b.y < a.y)); }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(local_invocation_index) lane: u32) {
      let count = state[ELIGIBLE];
      let quads = (count + 3u) / 4u;
      var keys: array<vec4u, MOST>;
      for (var t = 0u; lane + t * WORKGROUP < quads; t++) { keys[t] = batchKeys[lane + t * WORKGROUP]; }
      let threshold = state[THRESHOLD];
      let limit = state[LIMIT];
      var picked = state[PICKED];
      for (var launchPicks = 0u; launchPicks < PICKS_A_LAUNCH; launchPicks++) {
        var best = vec2u(0u, NONE);
        for (var t = 0u; lane + t * WORKGROUP < quads; t++) {
          let key = keys[t];
          let at = 4u * (lane + t * WORKGROUP);
          best = first(best, first(first(vec2u(key.x, at), vec2u(key.y, at + 1u)), first(vec2u(key.z, at + 2u), vec2u(key.w, at + 3u))));
        }
        laneKey[lane] = best.x;
        laneAt[lane] = best.y;
        workgroupBarrier();
        if (lane == 0u) {
          for (var i = 1u; i < WORKGROUP; i++) { best = first(best, vec2u(laneKey[i], laneAt[i])); }
          chosen = NONE;
          if (picked < sizes.picks && best.x > 0u) {
            let at = batch[best.y];
            if (best.x > threshold || (best.x == threshold && list[at] <= limit)) {
              chosen = best.y;
              indices[picked] = list[at];
              distances[picked] = sqrt(bitcast<f32>(best.x - 1u));
              pickedAt[picked - state[BEFORE]] = at;
            }
          }
        }
        let pick = workgroupUniformLoad(&chosen);
        if (pick == NONE) { break; }
        picked++;
        for (var t = 0u; lane + t * WORKGROUP < quads; t++) {
          let quad = lane + t * WORKGROUP;
          let d = squared[pick * (CANDIDATES / 4u) + quad];
          let closer = min(keys[t], vec4u(keyOf(d.x), keyOf(d.y), keyOf(d.z), keyOf(d.w)));
          keys[t] = select(closer, vec4u(), LANES + vec4u(4u * quad) == vec4u(pick));
        }
      }
      for (var t = 0u; lane + t * WORKGROUP < quads; t++) { batchKeys[lane + t * WORKGROUP] = keys[t]; }
      storageBarrier();
      if (lane == 0u) { state[PICKED] = picked; }
    }`,
});

const settle = defineKernel({
  name: "coreset-settle",
  workgroup: 64,
  bindings: {
    list: "read u32",
    listKeys: "read u32",
    batchOf: "read u32",
    batchKeys: "read u32",
    state: "read u32",
    keys: "read_write u32",
    seen: "read_write u32",
  },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= state[SELECTED]) { return; }
      let row = list[thread.x];
      let at = batchOf[thread.x];
      if (at == 0xffffffffu) { // was not in the batch: knows the picks made before it
        keys[row] = listKeys[thread.x];
        seen[row] = state[BEFORE];
      } else {
        keys[row] = batchKeys[at];
        seen[row] = state[PICKED];
      }
    }`,
});

const append = defineKernel({
  name: "coreset-append",
  workgroup: 64,
  constants: ["QUADS"],
  bindings: { candidates: "read vec4f", pickedAt: "read u32", state: "read u32", bank: "read_write vec4f" },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let before = state[BEFORE];
      if (thread.x >= state[PICKED] - before) { return; }
      bank[(before + thread.x) * QUADS + thread.y] = candidates[pickedAt[thread.x] * QUADS + thread.y];
    }`,
});

/** What the picks are made with. */
export interface PickBuffers {
  /** Keys of all rows and how many picks each takes account of; those of the candidates. */
  readonly keys: GpuBuffer<"u32">;
  readonly seen: GpuBuffer<"u32">;
  readonly list: GpuBuffer<"u32">;
  readonly listKeys: GpuBuffer<"u32">;
  readonly state: GpuBuffer<"u32">;
  /** CANDIDATES rows, gathered. */
  readonly candidates: GpuBuffer<"f32">;
  /** CANDIDATES places of the list that may be picked, their keys, and the way back. */
  readonly batch: GpuBuffer<"u32">;
  readonly batchKeys: GpuBuffer<"u32">;
  readonly batchOf: GpuBuffer<"u32">;
  /** CANDIDATES² squared distances between rows of the batch. */
  readonly squared: GpuBuffer<"f32">;
  /** CANDIDATES places of the list picked in this round. */
  readonly pickedAt: GpuBuffer<"u32">;
  /** Results: picks × stride, picks, picks. */
  readonly bank: GpuBuffer<"f32">;
  readonly indices: GpuBuffer<"u32">;
  readonly distances: GpuBuffer<"f32">;
}

/** Picks among the candidates until `picks` are made or the next might lie outside. */
export function pickAmongCandidates(gpu: Gpu, buffers: PickBuffers, quads: number, picks: number): void {
  const { keys, seen, state, list, listKeys, candidates, batch, batchKeys, batchOf, squared, pickedAt, bank, indices } =
    buffers;
  eligible.dispatch(gpu, {
    buffers: { list, listKeys, batchOf, batch, batchKeys, state },
    sizes: {},
    constants: { CANDIDATES },
    threads: 1,
  });
  distances.dispatch(gpu, {
    buffers: { candidates, batch, state, squared },
    sizes: {},
    constants: { QUADS: quads, CANDIDATES },
    threads: [CANDIDATES / 4, CANDIDATES / 4],
  });
  for (let made = 0; made < CANDIDATES; made += PICKS_A_LAUNCH) {
    pickBatch.dispatch(gpu, {
      buffers: { squared, batch, batchKeys, list, indices, distances: buffers.distances, pickedAt, state },
      sizes: { picks },
      constants: { CANDIDATES, PICKS_A_LAUNCH },
      threads: 1,
    });
  }
  settle.dispatch(gpu, {
    buffers: { list, listKeys, batchOf, batchKeys, state, keys, seen },
    sizes: {},
    constants: {},
    threads: CANDIDATES,
  });
  append.dispatch(gpu, {
    buffers: { candidates, pickedAt, state, bank },
    sizes: {},
    constants: { QUADS: quads },
    threads: [CANDIDATES, quads],
  });
}
