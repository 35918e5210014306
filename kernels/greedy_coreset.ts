/**
 * Greedy k-centre: each pick is the row farthest from all picks before it. @module
 *
 * m_i = min over picks p of ‖x_i − x_p‖, by differences in float32. The next pick is the row with the largest m (of the squares); ties go to the
 * smallest index. A picked row is never picked again; other rows equal to a pick (m = 0) come only after all rows with m > 0, lowest index first.
 * Source: the coreset of PatchCore, Roth et al. 2022, algorithm 1, without random projection; Sener and Savarese 2018.
 *
 * The plain loop looks at every row for every pick. Here m is kept lazily: a value that takes account of some picks only is an upper bound. A round takes
 * the 1024 rows with the largest bounds, brings them up to date, and picks among them for as long as the best is not behind the last
 * of the 1024: no row outside can then win, so the picks are those of the plain loop, exactly. Rows whose bound never comes up cost nothing.
 */
import { pickAmongCandidates, type PickBuffers } from "./greedy_coreset_pick.ts";
import { refreshAll, type RefreshBuffers, refreshCandidates } from "./greedy_coreset_refresh.ts";
import {
  CANDIDATES,
  chunkCount,
  paddedRows,
  selectCandidates,
  type Selection,
  STATE_LENGTH,
} from "./greedy_coreset_select.ts";
import { rowBlocks } from "./row_blocks.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** The picked rows, in the order they were picked. */
export interface Coreset extends Disposable {
  /** Row numbers, counted through all blocks. */
  readonly indices: GpuBuffer<"u32">;
  /** Distance of each pick to the picks before it; the first is 0. */
  readonly distances: GpuBuffer<"f32">;
  /** The picked rows themselves. */
  readonly rows: Rows;
}

/** What {@linkcode greedyCoreset} is asked for. */
export interface CoresetRequest {
  /** The rows, or blocks of them where they are more than one binding holds; numbered through. All of the same columns. */
  readonly rows: Rows | readonly Rows[];
  /** How many rows to pick, 1 … their number. */
  readonly picks: number;
  /** The row to start with. */
  readonly first: number;
  /** Told the number of picks made, about once a tenth of a second; what it throws ends the search and frees its memory. */
  readonly onStep?: (picked: number) => void;
}

/** Most distances a search can need: the plain loop's. Laziness saves most of them, so a fraction of the bound above 1 is meant. */
export const greedyCoresetCost = (rows: number, picks: number, columns: number): { flops: number; bytes: number } => ({
  flops: 3 * rows * picks * columns,
  bytes: 4 * (rows + picks) * columns + 8 * picks,
});

const prepare = defineKernel({
  name: "coreset-prepare",
  workgroup: 64,
  bindings: { keys: "read_write u32", seen: "read_write u32" },
  sizes: { count: "u32", padded: "u32", first: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let begin = thread.x * 64u;
      for (var i = begin; i < min(begin + 64u, sizes.padded); i++) {
        keys[i] = select(0xffffffffu, 0u, i == sizes.first || i >= sizes.count);
        seen[i] = 0u;
      }
    }`,
});

/** Up to so many picks, all rows are brought up to date before each round: early on each pick moves many rows. */
const PICKS_WITH_SWEEPS = 1024;

/**
 * Picks rows greedily. Waits for the GPU every few rounds, to read one number, the picks so far.
 * @throws {ShapeMismatch} for no rows, unequal blocks, or `picks` and `first` out of range
 */
export async function greedyCoreset(gpu: Gpu, { rows, picks, first, onStep }: CoresetRequest): Promise<Coreset> {
  const { blocks, count, columns, stride } = rowBlocks("greedy-coreset", rows);
  if (
    !(Number.isInteger(picks) && picks >= 1 && picks <= count && Number.isInteger(first) && first >= 0 && first < count)
  ) {
    throw new ShapeMismatch(
      "greedy-coreset",
      `1 to ${count} picks and a first row below ${count}`,
      `${picks} picks from row ${first}`,
    );
  }
  const quads = stride / 4, padded = paddedRows(count);
  using owned = new DisposableStack(), temporary = new DisposableStack();
  const u32 = (length: number) => temporary.use(gpu.buffer("u32", length));
  const indices = owned.use(gpu.zeros("u32", picks)), distances = owned.use(gpu.zeros("f32", picks));
  const bank = owned.use(gpu.buffer("f32", picks * stride));
  const state = temporary.use(gpu.upload("u32", Uint32Array.from({ length: STATE_LENGTH }, (_, i) => i === 0 ? 1 : 0)));
  const candidates = Math.min(CANDIDATES, paddedRows(count));
  const buffers: Selection & RefreshBuffers & PickBuffers = {
    keys: u32(padded),
    seen: u32(padded),
    state,
    bins: temporary.use(gpu.zeros("u32", 2048)),
    counts: u32(2 * chunkCount(padded)),
    list: u32(CANDIDATES),
    listKeys: u32(CANDIDATES),
    listSeen: u32(CANDIDATES),
    candidates: temporary.use(gpu.buffer("f32", candidates * stride)),
    order: u32(CANDIDATES),
    batch: u32(CANDIDATES),
    batchKeys: u32(CANDIDATES),
    batchOf: u32(CANDIDATES),
    squared: temporary.use(gpu.buffer("f32", CANDIDATES * candidates)),
    pickedAt: u32(CANDIDATES),
    bank,
    indices,
    distances,
  };
  prepare.dispatch(gpu, {
    buffers: { keys: buffers.keys, seen: buffers.seen },
    sizes: { count, padded, first },
    constants: {},
    threads: padded / 64,
  });
  const start = blocks.find((block) => first < block.base + block.rows.count)!;
  gpu.copy(start.rows.values, bank, { from: (first - start.base) * stride, length: stride });
  using firstIndex = gpu.upload("u32", Uint32Array.of(first));
  gpu.copy(firstIndex, indices);

  let picked = 1, swept = 0, rounds = 1;
  while (picked < picks) {
    if (picked <= PICKS_WITH_SWEEPS && picked > swept) {
      refreshAll(gpu, buffers, blocks, quads, picked);
      swept = picked;
    }
    const began = performance.now();
    let mostPicks = picked;
    for (let round = 0; round < rounds; round++) {
      selectCandidates(gpu, buffers, picks);
      refreshCandidates(gpu, buffers, blocks, quads, mostPicks);
      pickAmongCandidates(gpu, buffers, quads, picks);
      mostPicks = Math.min(picks, mostPicks + CANDIDATES);
    }
    [picked] = await gpu.read(state, 1);
    onStep?.(picked);
    // a read costs a wait of 10 ms: about a tenth of a second between two of them, one round while every round may call for a sweep
    const wanted = rounds * 100 / (performance.now() - began);
    rounds = picked <= PICKS_WITH_SWEEPS ? 1 : Math.max(1, Math.min(16, Math.round(wanted)));
  }
  const kept = owned.move();
  const own = (values: GpuBuffer<"f32">): Rows => ({
    values,
    count: picks,
    columns,
    stride,
    [Symbol.dispose]: () => values[Symbol.dispose](),
  });
  return { indices, distances, rows: own(bank), [Symbol.dispose]: () => kept.dispose() };
}
