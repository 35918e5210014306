/**
 * Squared distance of each pixel of a map to the nearest pixel that has a point, exact. @module
 *
 * out(x, y) = min over x' of (x − x')² + g(x', y)², with g(x', y) the distance to the nearest pixel of column x' that has a point: two sweeps a
 * column, then a search along the row that ends where (x − x')² alone is no better. All in whole numbers.
 * Source: Saito and Toriwaki, "New algorithms for Euclidean distance transformation of an n-dimensional digitized picture with applications",
 * Pattern Recognition 27(11), 1994.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode distanceTransform} measures from. */
export interface DistanceTransformRequest {
  /** `size²`: 0xffffffff where a pixel has no point, anything else where it has one. */
  readonly pointOf: GpuBuffer<"u32">;
  /** Pixels a side, 1 to 2048, so that float32 has every square exactly. */
  readonly size: number;
}

const MOST_SIZE = 2048;

/** Cost where the nearest point is about an eighth of the side away; bytes: the map in, columns there and back, squares out. */
export const distanceTransformCost = (size: number): { flops: number; bytes: number } => ({
  flops: size ** 2 * (4 + 2 * 4 * size / 8),
  bytes: 16 * size ** 2,
});

const columns = defineKernel({
  name: "distance-columns",
  workgroup: { gpu: 64, software: 32 },
  bindings: { pointOf: "read u32", squares: "read_write u32" },
  sizes: { size: "u32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let size = sizes.size;
      if (thread.x >= size) { return; }
      let far = 2u * size * size;
      var away = NONE; // pixels since the last one with a point; none yet
      for (var y = 0u; y < size; y++) {
        let at = y * size + thread.x;
        if (pointOf[at] != NONE) { away = 0u; }
        else if (away != NONE) { away += 1u; }
        squares[at] = select(away * away, far, away == NONE);
      }
      away = NONE;
      for (var y = size; y > 0u; y--) {
        let at = (y - 1u) * size + thread.x;
        if (pointOf[at] != NONE) { away = 0u; }
        else if (away != NONE) { away += 1u; }
        if (away != NONE) { squares[at] = min(squares[at], away * away); }
      }
    }`,
});

const rows = defineKernel({
  name: "distance-rows",
  workgroup: { gpu: 64, software: 32 },
  bindings: { columns: "read u32", squares: "read_write f32" },
  sizes: { size: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let size = sizes.size;
      if (thread.x >= size * size) { return; }
      let column = thread.x % size;
      var best = columns[thread.x];
      for (var away = 1u; away < size && away * away < best; away++) {
        if (away <= column) { best = min(best, away * away + columns[thread.x - away]); }
        if (column + away < size) { best = min(best, away * away + columns[thread.x + away]); }
      }
      squares[thread.x] = f32(best);
    }`,
});

/**
 * `size²` squared distances in pixels: 0 on pixels with a point, 2·size² (farther than any two pixels) everywhere where no pixel has one.
 * Reads nothing back. @throws {ShapeMismatch} for a size that cannot be, or a map of another size
 */
export function distanceTransform(gpu: Gpu, { pointOf, size }: DistanceTransformRequest): GpuBuffer<"f32"> {
  if (!(Number.isInteger(size) && size >= 1 && size <= MOST_SIZE && pointOf.length === size * size)) {
    throw new ShapeMismatch(
      "distance-transform",
      `a map of size² pixels, 1 to ${MOST_SIZE} a side`,
      `${pointOf.length} pixels and a side of ${size}`,
    );
  }
  using owned = new DisposableStack();
  const squares = owned.use(gpu.buffer("f32", size * size));
  using inColumns = gpu.buffer("u32", size * size);
  columns.dispatch(gpu, {
    buffers: { pointOf, squares: inColumns },
    sizes: { size },
    constants: {},
    threads: size,
  });
  rows.dispatch(gpu, {
    buffers: { columns: inColumns, squares },
    sizes: { size },
    constants: {},
    threads: size * size,
  });
  owned.move(); // from here the caller owns the result
  return squares;
}
