/**
 * The largest of the values whose discs cover a pixel. @module
 *
 * out(p) = max of values(q) over the pixels q with |p − q|² < max(squares(q), ¼) and |p − q| ≤ reach, where the mask lets p have a value; else 0.
 * So a place that is r away from all that was measured can say that everything within r of it is missing; and each pixel has its own value at least.
 *
 * A gather. Blocks of 8 × 8 pixels are passed over whole where even their largest disc ends before p, or where no value of theirs is above the
 * best so far; that prunes exactly. A maximum does not depend on the order.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode discMaximum} spreads. */
export interface DiscMaximumRequest {
  /** `size²`, 0 or more. */
  readonly values: GpuBuffer<"f32">;
  /** `size²`: the square of the radius of each pixel's disc, pixels. */
  readonly squares: GpuBuffer<"f32">;
  /** `size²`: 0 where the result is 0 whatever covers the pixel. */
  readonly mask: GpuBuffer<"u32">;
  /** Pixels a side. */
  readonly size: number;
  /** No disc reaches farther, whatever its radius; 0 to 64 whole pixels. */
  readonly reach: number;
}

const MOST_REACH = 64; // 17 × 17 blocks of 8 rows of 8 pixels, and one block more: 21,200 loop iterations

/** Cost where half of the pixels are in the mask and none of the blocks in reach can be passed over; bytes: three maps in, one out. */
export const discMaximumCost = (size: number, reach: number): { flops: number; bytes: number } => ({
  flops: 0.5 * size ** 2 * Math.min(size, 2 * reach + 1) ** 2 * 5,
  bytes: 16 * size ** 2,
});

const blocks = defineKernel({
  name: "disc-blocks",
  workgroup: { gpu: 64, software: 8 },
  bindings: { values: "read f32", squares: "read f32", blocks: "read_write vec2f" },
  sizes: { size: "u32", across: "u32" },
  wgsl: /* wgsl */ `
    // Of each block: the largest squared radius and the largest value.
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.across * sizes.across) { return; }
      let corner = vec2u(thread.x % sizes.across, thread.x / sizes.across) * 8u;
      let end = min(corner + 8u, vec2u(sizes.size));
      var most = vec2f(0.25, 0.0);
      for (var y = corner.y; y < end.y; y++) {
        for (var x = corner.x; x < end.x; x++) {
          let at = y * sizes.size + x;
          if (values[at] > 0.0) { most = max(most, vec2f(squares[at], values[at])); }
        }
      }
      blocks[thread.x] = most;
    }`,
});

const gather = defineKernel({
  name: "disc-maximum",
  workgroup: { gpu: 64, software: 8 },
  bindings: {
    values: "read f32",
    squares: "read f32",
    mask: "read u32",
    blocks: "read vec2f",
    covered: "read_write f32",
  },
  sizes: { size: "i32", across: "i32", reach: "i32", first: "u32", last: "u32" },
  wgsl: /* wgsl */ `
    /** The best of a block and of what is found already. */
    fn bestOf(p: vec2i, block: vec2i, found: f32) -> f32 {
      let most = blocks[block.y * sizes.across + block.x];
      if (most.y <= found) { return found; }
      let corner = block * 8;
      let end = min(corner + 8, vec2i(sizes.size)) - 1;
      let gap = max(max(corner - p, p - end), vec2i(0));
      if (f32(gap.x * gap.x + gap.y * gap.y) >= most.x) { return found; }
      var best = found;
      for (var y = corner.y; y <= end.y; y++) {
        for (var x = corner.x; x <= end.x; x++) {
          let at = y * sizes.size + x;
          let value = values[at];
          if (value > best) {
            let d = p - vec2i(x, y);
            let square = d.x * d.x + d.y * d.y;
            if (square <= sizes.reach * sizes.reach && f32(square) < max(squares[at], 0.25)) { best = value; }
          }
        }
      }
      return best;
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let pixel = sizes.first + thread.x;
      if (pixel >= sizes.last) { return; }
      var best = 0.0;
      if (mask[pixel] != 0u) {
        let p = vec2i(i32(pixel) % sizes.size, i32(pixel) / sizes.size);
        let low = max(p - sizes.reach, vec2i(0)) / 8;
        let high = min(p + sizes.reach, vec2i(sizes.size - 1)) / 8;
        best = bestOf(p, p / 8, 0.0); // what is near is often the best, and then prunes the rest
        for (var y = low.y; y <= high.y; y++) {
          for (var x = low.x; x <= high.x; x++) { best = bestOf(p, vec2i(x, y), best); }
        }
      }
      covered[pixel] = best;
    }`,
});

/** `size²` values. Reads nothing back. @throws {ShapeMismatch} for a size or reach that cannot be, or maps of unequal size */
export function discMaximum(
  gpu: Gpu,
  { values, squares, mask, size, reach }: DiscMaximumRequest,
): GpuBuffer<"f32"> {
  const pixels = size * size, fits = [values, squares, mask].every(({ length }) => length === pixels);
  const isWhole = Number.isInteger(size) && size >= 1 && Number.isInteger(reach) && reach >= 0 && reach <= MOST_REACH;
  if (!isWhole || !fits) {
    throw new ShapeMismatch(
      "disc-maximum",
      `three maps of ${size}² and a reach of 0 to ${MOST_REACH} whole pixels`,
      `${values.length}, ${squares.length}, ${mask.length} and ${reach}`,
    );
  }
  using owned = new DisposableStack();
  const covered = owned.use(gpu.buffer("f32", pixels)), across = Math.ceil(size / 8);
  using most = gpu.buffer("f32", 2 * across ** 2);
  blocks.dispatch(gpu, {
    buffers: { values, squares, blocks: most },
    sizes: { size, across },
    constants: {},
    threads: across ** 2,
  });
  const window = Math.min(pixels, (2 * reach + 8) ** 2), step = Math.ceil(gpu.limits.stepFlops / (8 * window));
  for (let first = 0; first < pixels; first += step) { // pixels of one launch: few enough for the watchdog
    const last = Math.min(first + step, pixels);
    gather.dispatch(gpu, {
      buffers: { values, squares, mask, blocks: most, covered },
      sizes: { size, across, reach, first, last },
      constants: {},
      threads: last - first,
    });
  }
  owned.move(); // from here the caller owns the result
  return covered;
}
