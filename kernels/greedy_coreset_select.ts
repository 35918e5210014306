/**
 * The rows that a round of the greedy coreset looks at: the CANDIDATES rows that may be farthest from the picks. @module
 *
 * Each row has a key: the bits of its squared distance + 1, or 0 once it is picked; bits of floats ≥ 0 grow with the float. Order: larger
 * key first, then smaller index. A radix select finds the threshold key (11 + 11 + 10 bits), a compaction lists the rows at and above it by index.
 */
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

/** Most rows a round looks at; the WGSL of the round counts on it. */
export const CANDIDATES = 1024;

/** Keys are read four at a time by runs of 16 quads, so their number is rounded up to that. */
export const paddedRows = (count: number): number => Math.ceil(count / 64) * 64;

/** Where the numbers lie in the state buffer, for all kernels of the coreset. */
export const stateLayout = /* wgsl */ `
const PICKED = 0u;    // picks so far
const BEFORE = 1u;    // picks when the round began
const PREFIX = 2u;    // leading bits of the threshold found so far
const NEED = 3u;      // how many rows with the threshold's own key are taken
const THRESHOLD = 4u; // key of the last row taken
const LIMIT = 5u;     // index of the last row taken with that key
const SELECTED = 6u;  // rows taken
const ELIGIBLE = 7u;  // of these, rows that are before the last one taken still after their refresh
`;
/** Length of the state buffer. */
export const STATE_LENGTH = 8;

const histogram = defineKernel({
  name: "coreset-histogram",
  workgroup: 64,
  bindings: { keys: "read vec4u", bins: "read_write atomic<u32>", state: "read u32" },
  sizes: { quads: "u32", prefixShift: "u32", shift: "u32", mask: "u32", picks: "u32" },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    var<private> bin: u32;
    var<private> run: u32;

    fn add(key: u32) { // neighbours often share a bin, so a run of them costs one atomic
      if (key == 0u || (key >> sizes.prefixShift) != state[PREFIX]) { return; }
      let b = (key >> sizes.shift) & sizes.mask;
      if (b != bin) {
        if (run > 0u) { atomicAdd(&bins[bin], run); }
        bin = b;
        run = 0u;
      }
      run++;
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let begin = thread.x * 16u;
      if (begin >= sizes.quads || state[PICKED] >= sizes.picks) { return; }
      bin = 0u;
      run = 0u;
      for (var i = begin; i < begin + 16u; i++) {
        let key = keys[i];
        add(key.x);
        add(key.y);
        add(key.z);
        add(key.w);
      }
      if (run > 0u) { atomicAdd(&bins[bin], run); }
    }`,
});

const choose = defineKernel({
  name: "coreset-choose-bin",
  workgroup: 1,
  constants: ["CANDIDATES"],
  bindings: { bins: "read_write u32", state: "read_write u32" },
  sizes: { bits: "u32", isFirst: "u32", isLast: "u32", picks: "u32" },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main() {
      if (sizes.isFirst == 1u) { state[BEFORE] = state[PICKED]; }
      if (state[PICKED] >= sizes.picks) { return; }
      var need = select(state[NEED], CANDIDATES, sizes.isFirst == 1u);
      let prefix = state[PREFIX];
      let lowest = select(0u, 1u, sizes.isLast == 1u && prefix == 0u); // key 0 is a picked row, never taken
      var chosen = lowest;
      var found = false;
      let count = 1u << sizes.bits;
      for (var i = 0u; i < count; i++) {
        let b = count - 1u - i;
        let rows = bins[b];
        bins[b] = 0u;
        if (!found && b >= lowest) {
          if (rows >= need || b == lowest) {
            found = true;
            chosen = b;
          } else {
            need -= rows;
          }
        }
      }
      let key = (prefix << sizes.bits) | chosen;
      state[NEED] = need;
      state[PREFIX] = select(key, 0u, sizes.isLast == 1u);
      state[THRESHOLD] = key;
      state[LIMIT] = 0xffffffffu;
    }`,
});

const count = defineKernel({
  name: "coreset-count",
  workgroup: 8,
  bindings: { keys: "read vec4u", counts: "read_write vec2u", state: "read u32" },
  sizes: { quads: "u32", chunk: "u32", picks: "u32" },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let begin = thread.x * sizes.chunk;
      if (begin >= sizes.quads || state[PICKED] >= sizes.picks) { return; }
      let threshold = vec4u(state[THRESHOLD]);
      var above = vec4u();
      var equal = vec4u();
      for (var i = begin; i < min(begin + sizes.chunk, sizes.quads); i++) {
        let key = keys[i];
        above += select(vec4u(), vec4u(1u), key > threshold);
        equal += select(vec4u(), vec4u(1u), key == threshold);
      }
      counts[thread.x] = vec2u(above.x + above.y + above.z + above.w, equal.x + equal.y + equal.z + equal.w);
    }`,
});

const offsets = defineKernel({
  name: "coreset-offsets",
  workgroup: 1,
  bindings: { counts: "read_write vec2u", state: "read_write u32" },
  sizes: { chunks: "u32", picks: "u32" },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main() {
      if (state[PICKED] >= sizes.picks) {
        state[SELECTED] = 0u;
        return;
      }
      var before = vec2u();
      for (var i = 0u; i < sizes.chunks; i++) {
        let here = counts[i];
        counts[i] = before;
        before += here;
      }
      state[SELECTED] = before.x + min(before.y, state[NEED]);
    }`,
});

const compact = defineKernel({
  name: "coreset-compact",
  workgroup: 8,
  bindings: {
    keys: "read vec4u",
    seen: "read u32",
    counts: "read vec2u",
    state: "read_write u32",
    list: "read_write u32",
    listKeys: "read_write u32",
    listSeen: "read_write u32",
  },
  sizes: { quads: "u32", chunk: "u32", picks: "u32" },
  snippets: [stateLayout],
  wgsl: /* wgsl */ `
    var<private> before: vec2u; // rows above the threshold and at it, so far

    fn visit(row: u32, key: u32, threshold: u32, need: u32) {
      if (key < threshold) { return; }
      let isEqual = key == threshold;
      if (!isEqual || before.y < need) {
        let at = before.x + min(before.y, need);
        list[at] = row;
        listKeys[at] = key;
        listSeen[at] = seen[row];
        if (isEqual && before.y == need - 1u) { state[LIMIT] = row; }
      }
      before += select(vec2u(1u, 0u), vec2u(0u, 1u), isEqual);
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let begin = thread.x * sizes.chunk;
      if (begin >= sizes.quads || state[PICKED] >= sizes.picks) { return; }
      let threshold = state[THRESHOLD];
      let need = state[NEED];
      before = counts[thread.x];
      for (var i = begin; i < min(begin + sizes.chunk, sizes.quads); i++) {
        let key = keys[i];
        if (!any(key >= vec4u(threshold))) { continue; }
        visit(4u * i, key.x, threshold, need);
        visit(4u * i + 1u, key.y, threshold, need);
        visit(4u * i + 2u, key.z, threshold, need);
        visit(4u * i + 3u, key.w, threshold, need);
      }
    }`,
});

/** What the selection reads and writes. */
export interface Selection {
  /** A key a row, padded with zeros to {@linkcode paddedRows}. */
  readonly keys: GpuBuffer<"u32">;
  /** How many picks each key takes account of. */
  readonly seen: GpuBuffer<"u32">;
  readonly state: GpuBuffer<"u32">;
  /** 2048 zeros, zeros again afterwards. */
  readonly bins: GpuBuffer<"u32">;
  /** `2 × chunkCount`. */
  readonly counts: GpuBuffer<"u32">;
  /** CANDIDATES row numbers, ascending, with their keys and seen. */
  readonly list: GpuBuffer<"u32">;
  readonly listKeys: GpuBuffer<"u32">;
  readonly listSeen: GpuBuffer<"u32">;
}

const chunkQuads = (rows: number) => Math.max(128, Math.ceil(rows / 4 / 4096)); // at most 4096 chunks
/** Chunks that the rows are counted in. */
export const chunkCount = (rows: number): number => Math.ceil(rows / 4 / chunkQuads(rows));

/** Lists the first CANDIDATES unpicked rows (all, where there are fewer) of the order of keys. Does nothing once `picks` rows are picked. */
export function selectCandidates(gpu: Gpu, selection: Selection, picks: number): void {
  const { keys, seen, state, bins, counts, list, listKeys, listSeen } = selection;
  const quads = keys.length / 4, chunk = chunkQuads(keys.length), chunks = chunkCount(keys.length);
  const digits = [{ shift: 21, bits: 11, prefixShift: 31 }, { shift: 10, bits: 11, prefixShift: 21 }, {
    shift: 0,
    bits: 10,
    prefixShift: 10,
  }];
  digits.forEach(({ shift, bits, prefixShift }, i) => {
    histogram.dispatch(gpu, {
      buffers: { keys, bins, state },
      sizes: { quads, prefixShift, shift, mask: 2 ** bits - 1, picks },
      constants: {},
      threads: quads / 16,
    });
    choose.dispatch(gpu, {
      buffers: { bins, state },
      sizes: { bits, isFirst: i === 0 ? 1 : 0, isLast: i === 2 ? 1 : 0, picks },
      constants: { CANDIDATES },
      threads: 1,
    });
  });
  count.dispatch(gpu, {
    buffers: { keys, counts, state },
    sizes: { quads, chunk, picks },
    constants: {},
    threads: chunks,
  });
  offsets.dispatch(gpu, { buffers: { counts, state }, sizes: { chunks, picks }, constants: {}, threads: 1 });
  compact.dispatch(gpu, {
    buffers: { keys, seen, counts, state, list, listKeys, listSeen },
    sizes: { quads, chunk, picks },
    constants: {},
    threads: chunks,
  });
}
