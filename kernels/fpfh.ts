/**
 * Fast point feature histograms: 33 numbers for the shape around each point. @module
 *
 * FPFH(i) adds to the point's own SPFH (`spfh.ts`) its neighbours', nearer ones with more weight. Source: Rusu, Blodow, Beetz, "Fast
 * Point Feature Histograms (FPFH) for 3D Registration", ICRA 2009. With d = p_j − p_i, m neighbours found (the point included, the first
 * of the list left out):
 *
 * - `open3d`, as Open3D 0.16 computes it: A = Σ SPFH(j) / d² over d² > 0, each group of 11 scaled to sum 100; FPFH = A + SPFH(i), which
 *   sums to 200 a group.
 * - `paper`, equation 1 of Uni-3DAD: FPFH = SPFH(i) + (1/m) Σ SPFH(j) / |d|, which depends on the unit.
 *
 * For several numbers of neighbours at once, a size's own SPFH is summed over that size's neighbours; columns are laid out as those of SPFH.
 */
import { type Rows, strideOf } from "./rows.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { checkLists, endsOf, fpfhColumns, spfh, spfhCost, type SpfhOptions, STEP } from "./spfh.ts";

/** What features are made from. */
export interface FpfhOptions extends SpfhOptions {
  /** {@linkcode spfh} of all the cloud's points, for neighbours that are only a piece of it. */
  readonly histograms?: Rows;
  /** Columns of a row where others are to stand behind the sizes' own; zeros until then. The sizes' own alone unless said. */
  readonly columns?: number;
}

/** Cost of the features of n points, histograms included: a neighbour's row is read and added, for each size. */
export const fpfhCost = (n: number, sizes: readonly number[]): { flops: number; bytes: number } => {
  const simple = spfhCost(n, sizes), pairs = sizes.reduce((sum, k) => sum + k - 1, 0);
  return {
    flops: simple.flops + n * pairs * 2 * STEP,
    bytes: simple.bytes + n * 8 * (Math.max(...sizes) + STEP * sizes.length),
  };
};

const weighted = defineKernel({
  name: "fpfh",
  workgroup: { gpu: 64, software: 32 },
  constants: ["PAPER"],
  bindings: {
    histograms: "read vec4f",
    indices: "read u32",
    squares: "read f32",
    ends: "read vec2u",
    rows: "read_write vec4f",
  },
  sizes: { count: "u32", first: "u32", stride: "u32", ends: "u32", quads: "u32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let i = thread.x;
      if (i >= sizes.count) { return; }
      let base = i * sizes.stride;
      let end = ends[thread.y];
      let apart = 9u * sizes.ends;
      var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f();
      var s3 = vec4f(); var s4 = vec4f(); var s5 = vec4f();
      var s6 = vec4f(); var s7 = vec4f(); var s8 = vec4f();
      var nearest = 0.0; // weights are relative to the nearest neighbour's where the sum is scaled anyway: they cannot overflow
      var found = 1u;
      while (found < end.x) {
        let j = indices[base + found];
        if (j == NONE) { break; }
        let square = squares[base + found];
        if (square > 0.0) {
          if (nearest == 0.0) { nearest = square; }
          let weight = select(nearest / square, 1.0 / sqrt(square), PAPER != 0u);
          let row = apart * j + end.y;
          s0 += weight * histograms[row];
          s1 += weight * histograms[row + 1u];
          s2 += weight * histograms[row + 2u];
          s3 += weight * histograms[row + 3u];
          s4 += weight * histograms[row + 4u];
          s5 += weight * histograms[row + 5u];
          s6 += weight * histograms[row + 6u];
          s7 += weight * histograms[row + 7u];
          s8 += weight * histograms[row + 8u];
        }
        found += 1u;
      }
      var scale = vec3f(1.0 / f32(found));
      if (PAPER == 0u) {
        let ones = vec4f(1.0);
        let sums = vec3f(
          dot(s0 + s1, ones) + s2.x + s2.y + s2.z,
          s2.w + dot(s3 + s4, ones) + s5.x + s5.y,
          s5.z + s5.w + dot(s6 + s7, ones) + s8.x,
        );
        scale = select(vec3f(), 100.0 / sums, sums > vec3f());
      }
      let own = apart * (sizes.first + i) + end.y;
      let to = sizes.quads * i + end.y;
      rows[to] = histograms[own] + scale.x * s0;
      rows[to + 1u] = histograms[own + 1u] + scale.x * s1;
      rows[to + 2u] = histograms[own + 2u] + scale.xxxy * s2;
      rows[to + 3u] = histograms[own + 3u] + scale.y * s3;
      rows[to + 4u] = histograms[own + 4u] + scale.y * s4;
      rows[to + 5u] = histograms[own + 5u] + scale.yyzz * s5;
      rows[to + 6u] = histograms[own + 6u] + scale.z * s6;
      rows[to + 7u] = histograms[own + 7u] + scale.z * s7;
      rows[to + 8u] = histograms[own + 8u] + scale.z * s8;
    }`,
});

/**
 * The features of the points whose neighbours are given, a row a list. Neighbours that are a piece of the cloud need `histograms` of all
 * of it; `fpfhSizes` goes in pieces by itself.
 * @throws {ShapeMismatch} @throws {GpuOutOfMemory}
 */
export function fpfh(gpu: Gpu, options: FpfhOptions): Rows {
  checkLists("fpfh", options);
  const { cloud, neighbours, sizes, form } = options, { count, first, indices, squaredDistances } = neighbours;
  const least = fpfhColumns(sizes.length), { columns = least } = options, stride = strideOf(columns);
  if (columns < least) {
    throw new ShapeMismatch("fpfh", `at least ${least} columns for ${sizes.length} sizes`, `${columns}`);
  }
  if (!options.histograms && count !== cloud.count) {
    throw new ShapeMismatch(
      "fpfh",
      `histograms of all ${cloud.count} points beside the neighbours of ${count}`,
      "none",
    );
  }
  using own = options.histograms ? undefined : spfh(gpu, options);
  const histograms = options.histograms ?? own!;
  if (histograms.count !== cloud.count || histograms.stride !== STEP * sizes.length) {
    const got = `${histograms.count} of stride ${histograms.stride}`;
    throw new ShapeMismatch("fpfh", `${cloud.count} histograms of stride ${STEP * sizes.length}`, got);
  }
  using owned = new DisposableStack();
  const values = owned.use(columns > least ? gpu.zeros("f32", count * stride) : gpu.buffer("f32", count * stride));
  using ends = endsOf(gpu, sizes);
  weighted.dispatch(gpu, {
    buffers: { histograms: histograms.values, indices, squares: squaredDistances, ends, rows: values },
    sizes: { count, first, stride: neighbours.k, ends: sizes.length, quads: stride / 4 },
    constants: { PAPER: form === "paper" ? 1 : 0 },
    threads: [count, sizes.length],
  });
  const kept = owned.move();
  return { values, count, columns, stride, [Symbol.dispose]: () => kept.dispose() };
}
