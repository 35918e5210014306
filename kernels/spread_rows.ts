/**
 * Rows of a sparse grid of places to all points of the dense one. @module
 *
 * A map is cut into cells; a cell has at most one sparse point, whose row stands for it. A point gets the mean of the rows around its own
 * cell, weighted by the Gaussian exp(−(Δrow² + Δcolumn²) / 2σ²) of the distance in cells, over those of the 5 × 5 cells that have a row.
 * Where none has, it gets the row of the nearest cell that does, by (distance, row, column); beyond 100 rings of cells, and without any
 * sparse point, zeros. Source: the normalised convolution of Knutsson and Westin, "Normalized and differential convolution", CVPR 1993.
 *
 * Points of one cell get the same row: the last of them computes it, the others copy it.
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode spreadRows} spreads, and where to. */
export interface SpreadRequest {
  /** One row a sparse point. */
  readonly rows: Rows;
  /** `cells²`, row-major: the sparse point of each cell, 0xffffffff where there is none. */
  readonly rowOf: GpuBuffer<"u32">;
  /** Cells a side. */
  readonly cells: number;
  /** The cell of each point, below `cells²`; one a row of the target. */
  readonly pointCells: GpuBuffer<"u32">;
  /** Deviation of the Gaussian, in cells. */
  readonly sigma: number;
  /** Rows to write into, and the first of their columns that is written, a multiple of 4: as many as `rows` has, padding included. */
  readonly into: { readonly rows: Rows; readonly column: number };
}

/** Cost for n points in m cells: a cell adds up to 25 rows, each point's row is written once and read once by the copy. */
export const spreadRowsCost = (n: number, m: number, stride: number): { flops: number; bytes: number } => ({
  flops: m * 25 * 2 * stride,
  bytes: 4 * (m * stride + n * (2 * stride + 2)),
});

/** Quads of a row that one invocation averages: the features of one size of `fpfh`. */
const CHUNK = 9;

/** The last point of each cell, plus one. */
const elect = defineKernel({
  name: "spread-elect",
  workgroup: { gpu: 64, software: 32 },
  bindings: { pointCells: "read u32", speakers: "read_write atomic<u32>" },
  sizes: { count: "u32", cellCount: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let cell = pointCells[thread.x];
      if (cell < sizes.cellCount) { atomicMax(&speakers[cell], thread.x + 1u); }
    }`,
});

/** Some columns of the row of each cell's elected point. */
const average = defineKernel({
  name: "spread-average",
  workgroup: { gpu: 64, software: 32 },
  bindings: {
    rows: "read vec4f",
    rowOf: "read u32",
    pointCells: "read u32",
    speakers: "read u32",
    spread: "read_write vec4f",
  },
  // the target's quads a row and the first one written; weights of one and of two steps along an axis
  sizes: {
    count: "u32",
    rowCount: "u32",
    cells: "u32",
    quads: "u32",
    stride: "u32",
    first: "u32",
    near: "f32",
    far: "f32",
  },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;
    const CHUNK: u32 = 9u; // the CHUNK of the launch; a private array's size cannot be an override
    const MOST_RINGS: i32 = 100; // 4 · 100 · 101 cells and 100 · 102 lines of them: below what a software adapter can loop

    /** The number of the row of a cell; NONE outside the map, too. */
    fn rowAt(cell: vec2i) -> u32 {
      let side = i32(sizes.cells);
      if (any(cell < vec2i()) || any(cell >= vec2i(side))) { return NONE; }
      let found = rowOf[cell.x * side + cell.y];
      return select(NONE, found, found < sizes.rowCount);
    }

    /** The row of the nearest cell with one: square ring after ring, until none further out can be as near. */
    fn nearestRow(cell: vec2i) -> u32 {
      var best = NONE;
      var bestAt = vec2i();
      var least = 0x7fffffff;
      for (var ring = 0; ring <= MOST_RINGS && ring < i32(sizes.cells) && ring * ring <= least; ring++) {
        for (var down = -ring; down <= ring; down++) {
          let step = select(2 * ring, 1, abs(down) == ring);
          for (var across = -ring; across <= ring; across += step) {
            let found = rowAt(cell + vec2i(down, across));
            let square = down * down + across * across;
            let earlier = down < bestAt.x || (down == bestAt.x && across < bestAt.y);
            if (found != NONE && (square < least || (square == least && earlier))) {
              best = found;
              bestAt = vec2i(down, across);
              least = square;
            }
          }
        }
      }
      return best;
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let place = pointCells[thread.x];
      if (place >= sizes.cells * sizes.cells || speakers[place] != thread.x + 1u) { return; }
      let cell = vec2i(vec2u(place / sizes.cells, place % sizes.cells));
      let weights = array<f32, 3>(1.0, sizes.near, sizes.far);
      let first = CHUNK * thread.y;
      let last = sizes.quads - 1u;
      var sums: array<vec4f, CHUNK>;
      for (var q = 0u; q < CHUNK; q++) { sums[q] = vec4f(); }
      var whole = 0.0;
      for (var down = -2; down <= 2; down++) {
        for (var across = -2; across <= 2; across++) {
          let row = rowAt(cell + vec2i(down, across));
          if (row != NONE) {
            let weight = weights[abs(down)] * weights[abs(across)];
            for (var q = 0u; q < CHUNK; q++) { sums[q] += weight * rows[row * sizes.quads + min(first + q, last)]; }
            whole += weight;
          }
        }
      }
      if (whole == 0.0) {
        let row = nearestRow(cell);
        if (row != NONE) {
          for (var q = 0u; q < CHUNK; q++) { sums[q] = rows[row * sizes.quads + min(first + q, last)]; }
        }
        whole = 1.0;
      }
      let to = thread.x * sizes.stride + sizes.first + first;
      for (var q = 0u; q < CHUNK; q++) {
        if (first + q <= last) { spread[to + q] = sums[q] / whole; }
      }
    }`,
});

/** Copies the row of a cell's elected point to the cell's other points. */
const share = defineKernel({
  name: "spread-share",
  workgroup: { gpu: 64, software: 32 },
  bindings: { pointCells: "read u32", speakers: "read u32", spread: "read_write vec4f" },
  sizes: { count: "u32", cellCount: "u32", stride: "u32", first: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let cell = pointCells[thread.x];
      let at = sizes.first + thread.y;
      var row = vec4f();
      if (cell < sizes.cellCount) {
        let speaker = speakers[cell] - 1u;
        if (speaker == thread.x) { return; }
        row = spread[speaker * sizes.stride + at];
      }
      spread[thread.x * sizes.stride + at] = row;
    }`,
});

/**
 * Writes each point's row into its columns of the target; other columns stay. A cell past the map gives zeros. Nothing is read back.
 * @throws {ShapeMismatch} for maps, points and columns that do not fit
 * @throws {GpuOutOfMemory}
 */
export function spreadRows(gpu: Gpu, { rows, rowOf, cells, pointCells, sigma, into }: SpreadRequest): void {
  const { rows: { values: spread, count, stride }, column } = into, quads = rows.stride / 4, cellCount = cells * cells;
  if (!(cells >= 1 && rowOf.length >= cellCount && pointCells.length >= count && sigma > 0)) {
    throw new ShapeMismatch(
      "spread-rows",
      "a map of one cell or more, a cell for each point, and a deviation above 0",
      `${cells} × ${cells} cells (${rowOf.length} given), ${pointCells.length} of ${count} points' cells, ${sigma}`,
    );
  }
  if (!(column >= 0 && column % 4 === 0 && column + rows.stride <= stride)) {
    throw new ShapeMismatch(
      "spread-rows",
      `room for ${rows.stride} columns in rows of ${stride}, from a multiple of 4`,
      `column ${column}`,
    );
  }
  if (count === 0) return;
  using speakers = gpu.zeros("u32", cellCount);
  elect.dispatch(gpu, {
    buffers: { pointCells, speakers },
    sizes: { count, cellCount },
    constants: {},
    threads: count,
  });
  const first = column / 4, weight = (steps: number) => Math.exp(-(steps ** 2) / (2 * sigma ** 2));
  average.dispatch(gpu, {
    buffers: { rows: rows.values, rowOf, pointCells, speakers, spread },
    sizes: {
      count,
      rowCount: rows.count,
      cells,
      quads,
      stride: stride / 4,
      first,
      near: weight(1),
      far: weight(2),
    },
    constants: {},
    threads: [count, Math.ceil(quads / CHUNK)],
  });
  share.dispatch(gpu, {
    buffers: { pointCells, speakers, spread },
    sizes: { count, cellCount, stride: stride / 4, first },
    constants: {},
    threads: [count, quads],
  });
}
