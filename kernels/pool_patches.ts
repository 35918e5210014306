/**
 * Features of points to a coarse grid of patches. @module
 *
 * The map M of size × size pixels holds each point's row at its pixel, 0 elsewhere. It is averaged 3×3 (stride 1, no padding) to s = size − 2 pixels
 * a side, then adaptively to cells × cells: window i = [⌊s·i/cells⌋, ⌈s·(i+1)/cells⌉). Both are linear and separable, so a cell is one
 * weighted sum over its pixels: pixel r weighs (times the window [a, b) sees it) / (3·(b − a)) along each axis. M itself is never stored.
 * Source: `zeros` as in the published code of BTF, Horwitz and Hoshen 2023 (zeros counted); `masked` divides by the weight of the pixels with a point.
 */
import type { Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode poolPatches} pools. */
export interface PoolRequest {
  /** One row a point. */
  readonly rows: Rows;
  /** `size²`, row-major: the row of each pixel's point, 0xffffffff where there is none. */
  readonly pointOf: GpuBuffer<"u32">;
  /** Pixels a side. */
  readonly size: number;
  /** Cells a side. */
  readonly cells: number;
  /** `zeros`: pixels without a point count as 0; `masked`: they do not count, and a cell of such pixels alone gives a row of 0. */
  readonly form: "zeros" | "masked";
}

/** Cost of one call with every pixel filled: a pixel's row is added to the 1.2 (more for many cells) cells that see it. */
export function poolPatchesCost(size: number, cells: number, columns: number): { flops: number; bytes: number } {
  const window = (size - 2) / cells + 3, seen = cells ** 2 * window ** 2;
  return { flops: 2 * seen * columns, bytes: 4 * (size ** 2 * (columns + 1) + cells ** 2 * columns) };
}

const kernel = defineKernel({
  name: "pool-patches",
  workgroup: 64,
  constants: ["QUADS", "MASKED"],
  bindings: { rows: "read vec4f", pointOf: "read u32", pooled: "read_write vec4f", weights: "read_write f32" },
  // this launch adds pixel rows first … first + count − 1 of each cell's
  sizes: { size: "u32", cells: "u32", rowCount: "u32", first: "u32", count: "u32", isLast: "u32" },
  wgsl: /* wgsl */ `
    fn windowOf(cell: u32) -> vec2u {
      let s = sizes.size - 2u;
      return vec2u(s * cell / sizes.cells, (s * (cell + 1u) + sizes.cells - 1u) / sizes.cells);
    }

    /** How many of the windows' 3-pixel means hold pixel p: 1, 2 or 3. */
    fn times(p: u32, window: vec2u) -> f32 {
      let least = max(p, window.x + 2u) - 2u;
      return f32(min(p, window.y - 1u) + 1u - least);
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let cell = thread.x;
      if (cell >= sizes.cells * sizes.cells) { return; }
      let down = windowOf(cell / sizes.cells);
      let across = windowOf(cell % sizes.cells);
      var sum = vec4f();
      var seen = 0.0;
      for (var r = down.x + sizes.first; r < min(down.x + sizes.first + sizes.count, down.y + 2u); r++) {
        let rowWeight = times(r, down);
        for (var c = across.x; c < across.y + 2u; c++) {
          let point = pointOf[r * sizes.size + c];
          if (point < sizes.rowCount) {
            let weight = rowWeight * times(c, across);
            seen += weight;
            sum += weight * rows[point * QUADS + thread.y];
          }
        }
      }
      let at = cell * QUADS + thread.y;
      if (sizes.first > 0u) {
        sum += pooled[at];
        seen += weights[at];
      }
      if (sizes.isLast == 1u) {
        if (MASKED == 0u) { seen = 9.0 * f32((down.y - down.x) * (across.y - across.x)); }
        sum = select(vec4f(), sum / seen, seen > 0.0);
      }
      pooled[at] = sum;
      weights[at] = seen;
    }`,
});

/**
 * `cells²` rows, cells in row-major order. Reads nothing back.
 * @throws {ShapeMismatch} for a map below 3 × 3, no cell, or more pixels than `pointOf` has
 */
export function poolPatches(gpu: Gpu, { rows, pointOf, size, cells, form }: PoolRequest): Rows {
  if (!(size >= 3 && cells >= 1 && pointOf.length >= size * size)) {
    throw new ShapeMismatch(
      "pool-patches",
      "a map of 3 × 3 pixels or more and one cell or more",
      `${size} × ${size} pixels (${pointOf.length} given), ${cells} cells`,
    );
  }
  const { columns, stride } = rows, quads = stride / 4, count = cells * cells;
  using owned = new DisposableStack();
  const pooled = owned.use(gpu.buffer("f32", count * stride));
  using weights = gpu.buffer("f32", count * quads);
  const window = Math.ceil((size - 2) / cells) + 3; // pixels a side that a cell can see
  const step = Math.max(1, Math.floor(50_000 / (window + 1))); // keeps an invocation within the loop limit
  for (let first = 0; first < window; first += step) {
    kernel.dispatch(gpu, {
      buffers: { rows: rows.values, pointOf, pooled, weights },
      sizes: { size, cells, rowCount: rows.count, first, count: step, isLast: first + step >= window ? 1 : 0 },
      constants: { QUADS: quads, MASKED: form === "masked" ? 1 : 0 },
      threads: [count, quads],
    });
  }
  const kept = owned.move();
  return { values: pooled, count, columns, stride, [Symbol.dispose]: () => kept.dispose() };
}
