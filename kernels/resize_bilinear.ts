/**
 * A map at another resolution, by bilinear interpolation. @module
 *
 * Pixel centres lie at (i + 0.5) / n (`align_corners = false`): source place (i + 0.5)·from/to − 0.5, held at the edges; no averaging when it shrinks.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode resizeBilinear} resizes. */
export interface ResizeRequest {
  /** Row-major, `from[0] × from[1]`. */
  readonly values: GpuBuffer<"f32">;
  /** Height and width. */
  readonly from: readonly [number, number];
  /** Height and width wanted. */
  readonly to: readonly [number, number];
  /** Interpolates the squares of the values. */
  readonly squared?: boolean;
}

/** Cost of one call; four values are weighed a pixel. */
export const resizeBilinearCost = (
  from: readonly [number, number],
  to: readonly [number, number],
): { flops: number; bytes: number } => ({
  flops: 16 * to[0] * to[1],
  bytes: 4 * (from[0] * from[1] + to[0] * to[1]),
});

const kernel = defineKernel({
  name: "resize-bilinear",
  workgroup: 64,
  bindings: { values: "read f32", resized: "read_write f32" },
  sizes: { height: "u32", width: "u32", toHeight: "u32", toWidth: "u32", isSquared: "u32" },
  wgsl: /* wgsl */ `
    /** Source place of pixel i and its neighbour's weight: (index, index of the neighbour, weight's bits). */
    fn place(i: u32, n: u32, to: u32) -> vec3u {
      let x = max((f32(i) + 0.5) * f32(n) / f32(to) - 0.5, 0.0);
      let at = min(u32(x), n - 1u);
      return vec3u(at, min(at + 1u, n - 1u), bitcast<u32>(x - f32(at)));
    }

    fn value(row: u32, column: u32) -> f32 {
      let v = values[row * sizes.width + column];
      return select(v, v * v, sizes.isSquared == 1u);
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.toWidth) { return; }
      let row = place(thread.y, sizes.height, sizes.toHeight);
      let column = place(thread.x, sizes.width, sizes.toWidth);
      let down = bitcast<f32>(row.z);
      let across = bitcast<f32>(column.z);
      let upper = value(row.x, column.x) * (1.0 - across) + value(row.x, column.y) * across;
      let lower = value(row.y, column.x) * (1.0 - across) + value(row.y, column.y) * across;
      resized[thread.y * sizes.toWidth + thread.x] = upper * (1.0 - down) + lower * down;
    }`,
});

/** The map at `to`. @throws {ShapeMismatch} for an empty map or fewer values than `from` says */
export function resizeBilinear(gpu: Gpu, { values, from, to, squared = false }: ResizeRequest): GpuBuffer<"f32"> {
  const [height, width] = from, [toHeight, toWidth] = to;
  if (Math.min(height, width, toHeight, toWidth) < 1 || values.length < height * width) {
    throw new ShapeMismatch(
      "resize-bilinear",
      "maps of one pixel or more",
      `${values.length} values as ${from.join(" × ")}, to ${to.join(" × ")}`,
    );
  }
  using owned = new DisposableStack();
  const resized = owned.use(gpu.buffer("f32", toHeight * toWidth));
  kernel.dispatch(gpu, {
    buffers: { values, resized },
    sizes: { height, width, toHeight, toWidth, isSquared: squared ? 1 : 0 },
    constants: {},
    threads: [toWidth, toHeight],
  });
  owned.move();
  return resized;
}
