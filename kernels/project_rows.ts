/**
 * Rows seen along axes. @module
 *
 * y_ia = Σ_c x_ic · e_ac in float32: the products of row i with each axis e_a. With orthonormal axes, such as principal axes, distances between
 * projections are those between rows but for what lies across all axes.
 */
import { type Rows, strideOf } from "./rows.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";

/** A multiply-add a term; rows and axes are read once, the projections written once. */
export const projectRowsCost = (count: number, columns: number, kept: number): { flops: number; bytes: number } => ({
  flops: 2 * count * columns * kept,
  bytes: 4 * (count * (columns + kept) + kept * columns),
});

/** Rows and axes of an invocation's tile, whose 24 sums a processor's compiler unrolls. */
const TILE_ROWS = 6, TILE_AXES = 4;

const kernel = defineKernel({
  name: "project-rows",
  workgroup: { gpu: 64, software: 8 },
  constants: ["QUADS"],
  bindings: { rows: "read vec4f", axes: "read vec4f", projected: "read_write vec4f" },
  sizes: { base: "u32", count: "u32", axisCount: "u32", outQuads: "u32" },
  wgsl: /* wgsl */ `
    const R = 6u; // TILE_ROWS
    const A = 4u; // TILE_AXES
    const RA = 24u;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let first = sizes.base + thread.x * R;
      if (first >= sizes.count) { return; }
      let axis = thread.y * A;
      var sum: array<vec4f, RA>;
      for (var i = 0u; i < RA; i++) { sum[i] = vec4f(); }
      for (var c = 0u; c < QUADS; c++) {
        var x: array<vec4f, R>;
        for (var r = 0u; r < R; r++) { x[r] = rows[min(first + r, sizes.count - 1u) * QUADS + c]; }
        for (var a = 0u; a < A; a++) {
          let e = axes[min(axis + a, sizes.axisCount - 1u) * QUADS + c];
          for (var r = 0u; r < R; r++) { sum[r * A + a] += x[r] * e; }
        }
      }
      for (var r = 0u; r < R; r++) {
        var y: array<f32, A>;
        for (var a = 0u; a < A; a++) {
          let s = sum[r * A + a];
          y[a] = select(0.0, (s.x + s.y) + (s.z + s.w), axis + a < sizes.axisCount); // the padding of a row is 0
        }
        if (first + r < sizes.count) {
          projected[(first + r) * sizes.outQuads + thread.y] = vec4f(y[0], y[1], y[2], y[3]);
        }
      }
    }`,
});

/**
 * Each row's products with the axes, `rows.count × axes.count`. Reads nothing back.
 * @throws {ShapeMismatch} for axes of other columns than the rows', or none
 * @throws {GpuOutOfMemory} where the result is more than one binding holds
 */
export function projectRows(gpu: Gpu, { rows, axes }: { readonly rows: Rows; readonly axes: Rows }): Rows {
  const { count, columns, stride } = rows, kept = axes.count, outStride = strideOf(kept);
  if (axes.columns !== columns || axes.stride !== stride || kept === 0) {
    throw new ShapeMismatch("project-rows", `one or more axes of ${columns} columns`, `${kept} × ${axes.columns}`);
  }
  const projected = gpu.buffer("f32", count * outStride);
  const step = Math.max(1, Math.floor(gpu.limits.stepFlops / (2 * stride * outStride * TILE_ROWS))) * TILE_ROWS;
  for (let base = 0; base < count; base += step) {
    kernel.dispatch(gpu, {
      buffers: { rows: rows.values, axes: axes.values, projected },
      sizes: { base, count: Math.min(base + step, count), axisCount: kept, outQuads: outStride / 4 },
      constants: { QUADS: stride / 4 },
      threads: [Math.ceil(Math.min(step, count - base) / TILE_ROWS), Math.ceil(kept / TILE_AXES)],
    });
  }
  return {
    values: projected,
    count,
    columns: kept,
    stride: outStride,
    [Symbol.dispose]: () => projected[Symbol.dispose](),
  };
}
