/**
 * The published smoothing of anomaly maps: Pillow's GaussianBlur of an 8-bit picture, bit for bit. @module
 *
 * g = ⌊255·x/max⌋; three box blurs along rows, then three along columns, rounded to 8 bits each, edge pixels repeated; result g/255·max.
 * A box of radius l + a: (w·Σ_{|t| ≤ l} g_t + f·(g_{−l−1} + g_{l+1}) + 2²³) >> 24 with w = ⌊2²⁴/(2(l + a) + 1)⌋, f = ⌊(2²⁴ − (2l + 1)·w)/2⌋;
 * with s = radius²/3: l = ⌊(√(12s + 1) − 1)/2⌋, a = (2l + 1)(l(l + 1) − 3s)/(6(s − (l + 1)²)). Source: Pillow's BoxBlur.c;
 * Gwosdek et al., "Theoretical foundations of Gaussian convolution by extended box filtering", 2011.
 */
import { largest } from "./largest.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode pillowBlur} smooths. */
export interface PillowRequest {
  /** Row-major, `height × width`, none below 0. */
  readonly values: GpuBuffer<"f32">;
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Pillow's radius: the standard deviation wanted, in pixels; 4 unless said. */
  readonly radius?: number;
}

/** The integers of one box blur. */
function boxOf(radius: number): { reach: number; inner: number; outer: number } {
  const s = radius ** 2 / 3, l = Math.floor((Math.sqrt(12 * s + 1) - 1) / 2);
  const box = l + (2 * l + 1) * (l * (l + 1) - 3 * s) / (6 * (s - (l + 1) ** 2));
  const inner = Math.floor(2 ** 24 / (2 * box + 1)), reach = Math.floor(box);
  return { reach, inner, outer: Math.floor((2 ** 24 - (2 * reach + 1) * inner) / 2) };
}

/** Cost of one call: six passes. */
export const pillowBlurCost = (width: number, height: number, radius = 4): { flops: number; bytes: number } => ({
  flops: 6 * width * height * (2 * boxOf(radius).reach + 6),
  bytes: 64 * width * height,
});

const quantise = defineKernel({
  name: "pillow-quantise",
  workgroup: 64,
  bindings: { values: "read f32", most: "read f32", grey: "read_write u32" },
  sizes: { count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let top = most[0];
      grey[thread.x] = select(0u, min(u32(255.0 * (values[thread.x] / top)), 255u), top > 0.0);
    }`,
});

const blur = defineKernel({
  name: "pillow-box",
  workgroup: 64,
  bindings: { grey: "read u32", blurred: "read_write u32" },
  // length and stride: of the axis that is smoothed
  sizes: { count: "u32", length: "u32", stride: "u32", reach: "i32", inner: "u32", outer: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = thread.x;
      if (at >= sizes.count) { return; }
      let place = i32(at / sizes.stride % sizes.length);
      let last = i32(sizes.length) - 1;
      let line = i32(at) - place * i32(sizes.stride);
      var sum = 0u;
      for (var t = -sizes.reach; t <= sizes.reach; t++) { sum += grey[line + clamp(place + t, 0, last) * i32(sizes.stride)]; }
      let far = sizes.reach + 1;
      let ends = grey[line + max(place - far, 0) * i32(sizes.stride)] + grey[line + min(place + far, last) * i32(sizes.stride)];
      blurred[at] = (sizes.inner * sum + sizes.outer * ends + 0x800000u) >> 24u; // at most 255 · 2^24 + 2^23, which fits
    }`,
});

const restore = defineKernel({
  name: "pillow-restore",
  workgroup: 64,
  bindings: { grey: "read u32", most: "read f32", values: "read_write f32" },
  sizes: { count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x < sizes.count) { values[thread.x] = f32(grey[thread.x]) / 255.0 * most[0]; }
    }`,
});

/**
 * The smoothed map, in steps of its maximum / 255; a map without a value above 0 gives zeros.
 * @throws {ShapeMismatch} for a radius outside 0 … 1000 and for fewer values than pixels
 */
export function pillowBlur(gpu: Gpu, { values, width, height, radius = 4 }: PillowRequest): GpuBuffer<"f32"> {
  const count = width * height;
  if (!(radius >= 0 && radius <= 1000 && count > 0 && values.length >= count)) {
    throw new ShapeMismatch(
      "pillow-blur",
      "a radius of 0 to 1000 and a map",
      `${radius}, ${values.length} values as ${height} × ${width}`,
    );
  }
  using owned = new DisposableStack();
  const smoothed = owned.use(gpu.buffer("f32", count));
  using most = largest(gpu, values, count), one = gpu.buffer("u32", count), other = gpu.buffer("u32", count);
  quantise.dispatch(gpu, {
    buffers: { values, most: most.value, grey: one },
    sizes: { count },
    constants: {},
    threads: count,
  });
  const box = boxOf(radius);
  for (let pass = 0; pass < 6; pass++) {
    const [grey, blurred] = pass % 2 === 0 ? [one, other] : [other, one],
      axis = pass < 3 ? { length: width, stride: 1 } : { length: height, stride: width };
    blur.dispatch(gpu, {
      buffers: { grey, blurred },
      sizes: { count, ...axis, ...box },
      constants: {},
      threads: count,
    });
  }
  restore.dispatch(gpu, {
    buffers: { grey: one, most: most.value, values: smoothed },
    sizes: { count },
    constants: {},
    threads: count,
  });
  owned.move();
  return smoothed;
}
