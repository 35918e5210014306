/**
 * Distance of each row to the nearest of a few others that are listed for it. @module
 *
 * d_i = min over j in list_i of √(Σ_c (x_ic − y_jc)²) in float32, by differences, ties to the smallest j; so equal rows are at 0 exactly.
 */
import type { NearestRow } from "./nearest_row.ts";
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Which rows are compared with which. */
export interface RowLists {
  /** Rows whose distance is wanted. */
  readonly rows: Rows;
  /** Rows that the lists number, of the same columns. */
  readonly others: Rows;
  /** `rows.count × width` numbers of others, in any order; 0xffffffff, and any other past the last row, is none. */
  readonly indices: GpuBuffer<"u32">;
  /** Places of each list. */
  readonly width: number;
}

/** Cost with full lists; bytes: each row, its list and its others read once, 8 a result. */
export const leastRowDistanceCost = (
  count: number,
  width: number,
  columns: number,
): { flops: number; bytes: number } => ({
  flops: 3 * count * width * columns,
  bytes: 4 * count * ((width + 1) * columns + width + 2),
});

const kernel = defineKernel({
  name: "row-distances",
  workgroup: { gpu: 64, software: 8 },
  constants: ["QUADS"],
  bindings: {
    rows: "read vec4f",
    others: "read vec4f",
    lists: "read u32",
    distances: "read_write f32",
    nearest: "read_write u32",
  },
  sizes: { count: "u32", otherCount: "u32", width: "u32", first: "u32", step: "u32" },
  wgsl: /* wgsl */ `
    const FAR = 0x1.fffffep+127f;
    const NO_ROW = 0xffffffffu;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let row = thread.x;
      if (row >= sizes.count) { return; }
      var best = FAR; // squared, until the last launch
      var at = NO_ROW;
      if (sizes.first > 0u) {
        best = distances[row];
        at = nearest[row];
      }
      for (var i = sizes.first; i < min(sizes.first + sizes.step, sizes.width); i++) {
        let other = lists[row * sizes.width + i];
        if (other >= sizes.otherCount) { continue; }
        var sum = vec4f();
        for (var c = 0u; c < QUADS; c++) {
          let d = rows[row * QUADS + c] - others[other * QUADS + c];
          sum += d * d;
        }
        let d = (sum.x + sum.y) + (sum.z + sum.w);
        if (d < best || (d == best && other < at)) {
          best = d;
          at = other;
        }
      }
      let isLast = sizes.first + sizes.step >= sizes.width;
      distances[row] = select(best, sqrt(best), isLast && at != NO_ROW);
      nearest[row] = at;
    }`,
});

/**
 * Distance and number of the nearest row of each row's list; where it has none, the largest
 * float32 and 0xffffffff. Reads nothing back.
 * @throws {ShapeMismatch} for unequal columns, or lists of another length than `rows.count × width`
 */
export function leastRowDistance(gpu: Gpu, { rows, others, indices, width }: RowLists): NearestRow {
  const { count, columns, stride } = rows, quads = stride / 4;
  if (others.columns !== columns || others.stride !== stride || indices.length !== count * width || !(width >= 1)) {
    throw new ShapeMismatch(
      "row-distances",
      `others of ${columns} columns, and ${count} lists of ${width}`,
      `${others.columns} columns, and ${indices.length} numbers`,
    );
  }
  using owned = new DisposableStack();
  const distances = owned.use(gpu.buffer("f32", count)), nearest = owned.use(gpu.buffer("u32", count));
  const loopPlaces = Math.floor(50_000 / (quads + 1)); // keeps an invocation within the loop limit
  const flopPlaces = Math.floor(gpu.limits.stepFlops / (3 * stride * Math.max(1, count))); // and a launch within the watchdog's
  const step = Math.max(1, Math.min(loopPlaces, flopPlaces));
  for (let first = 0; first < width; first += step) {
    kernel.dispatch(gpu, {
      buffers: { rows: rows.values, others: others.values, lists: indices, distances, nearest },
      sizes: { count, otherCount: others.count, width, first, step },
      constants: { QUADS: quads },
      threads: count,
    });
  }
  const kept = owned.move();
  return { distances, indices: nearest, [Symbol.dispose]: () => kept.dispose() };
}
