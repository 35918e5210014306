/**
 * Simplified point feature histograms: how each point's surface lies to its neighbours'. @module
 *
 * SPFH(i) counts three features of each pair (point, neighbour) in 11 bins each, scaled to sum 100 a feature. Source: Rusu, Blodow,
 * Beetz, "Fast Point Feature Histograms (FPFH) for 3D Registration", ICRA 2009. With d = p_j − p_i, L = |d|:
 *
 * - `open3d`, as Open3D 0.16 computes it: source and target swapped when |n_i·d| < |n_j·d|; v = d × n / |d × n|, w = n × v; features
 *   atan2(w·n', n·n'), v·n', n·d/L in this order.
 * - `paper`, as algorithms 1–2 of Uni-3DAD have it: no swap, u = n_i, v = u × d/L as it is, w = u × v; features
 *   α = v·n_j, γ = u·d/L, θ = atan2(w·n_j, u·n_j) in this order.
 *
 * Several numbers of neighbours are answered at once: the nearest 25 are the first of the nearest 100, so one walk over the pairs counts
 * for both. The groups of a size lie side by side, {@linkcode STEP} columns from one size to the next.
 *
 * L = 0 or d ∥ n (open3d) puts a pair into the middle bins. Fewer than two neighbours give zeros. Bins are [−π, π] and [−1, 1] in
 * eleven; that of an angle is found by half-planes, since drivers' atan2 is too coarse.
 */
import type { Neighbours } from "./nearest_neighbours.ts";
import type { Cloud, Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Whose definition: see the module. */
export type FpfhForm = "open3d" | "paper";

/** From one size's first column to the next one's: a whole number of `vec4f`. */
export const STEP = 36;

/** Columns of rows of so many sizes, 33 each; the three between two sizes are 0. */
export const fpfhColumns = (sizes: number): number => STEP * sizes - 3;

/** What histograms are made from. */
export interface SpfhOptions {
  /** In metres. */
  readonly cloud: Cloud;
  /** Unit normals of all the cloud's points, `cloud.count × 4`. */
  readonly normals: GpuBuffer<"f32">;
  /** Lists as long as the largest size or longer, of the whole cloud or of a piece of it. */
  readonly neighbours: Neighbours;
  /** Neighbours used, the point included: for a size of k the first k of each list. One or more; columns are in their order. */
  readonly sizes: readonly number[];
  /** Whose definition of the pair features and weights. */
  readonly form: FpfhForm;
}

/** Cost of the histograms of n points: a pair reads a point and a normal and takes about 80 flops, once for all sizes. */
export const spfhCost = (n: number, sizes: readonly number[]): { flops: number; bytes: number } => ({
  flops: n * (Math.max(...sizes) - 1) * 80,
  bytes: n * (32 + 4 * Math.max(...sizes) + 4 * STEP * sizes.length),
});

const histogram = defineKernel({
  name: "spfh",
  workgroup: { gpu: 64, software: 32 },
  constants: ["PAPER"],
  bindings: {
    points: "read vec4f",
    normals: "read vec4f",
    indices: "read u32",
    ends: "read vec2u", // a size and its first quad in a row; sizes ascend
    rows: "read_write vec4f",
  },
  sizes: { count: "u32", first: "u32", stride: "u32", ends: "u32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;
    const MIDDLE: vec3u = vec3u(5u);

    /** Bin of f in [−1, 1]. */
    fn linearBin(f: f32) -> u32 { return u32(clamp(5.5 * (f + 1.0), 0.0, 10.0)); }

    /** Bin of the angle of (x, y): the bin's ends above the x axis are at π/11, 3π/11 … 9π/11, those below mirror them. */
    fn angleBin(x: f32, y: f32) -> u32 {
      if (x == 0.0 && y == 0.0) { return 5u; }
      let across = abs(y);
      let side = array<f32, 5>(
        0.9594929736144974 * across - 0.28173255684142967 * x,
        0.6548607339452851 * across - 0.7557495743542583 * x,
        0.14231483827328512 * across - 0.9898214418809327 * x,
        -0.4154150130018863 * across - 0.9096319953545184 * x,
        -0.8412535328311811 * across - 0.5406408174555978 * x,
      );
      let upper = y >= 0.0; // a bin holds its lower end: on this side the end nearer to the x axis, on the other the one further off
      var steps = 0u;
      if (side[0] > 0.0 || (upper && side[0] == 0.0)) { steps += 1u; }
      if (side[1] > 0.0 || (upper && side[1] == 0.0)) { steps += 1u; }
      if (side[2] > 0.0 || (upper && side[2] == 0.0)) { steps += 1u; }
      if (side[3] > 0.0 || (upper && side[3] == 0.0)) { steps += 1u; }
      if (side[4] > 0.0 || (upper && side[4] == 0.0)) { steps += 1u; }
      return select(5u - steps, 5u + steps, upper);
    }

    /** Bins of one pair in the form of Open3D. */
    fn openBins(delta: vec3f, own: vec3f, other: vec3f) -> vec3u {
      let square = dot(delta, delta);
      if (square == 0.0) { return MIDDLE; }
      var d = delta;
      let length = sqrt(square);
      let cosine = dot(own, d) / length;
      let otherCosine = dot(other, d) / length;
      let swap = abs(cosine) < abs(otherCosine);
      let n = select(own, other, swap);
      let far = select(other, own, swap);
      if (swap) { d = -d; }
      let v = cross(d, n);
      let size = sqrt(dot(v, v));
      if (size == 0.0) { return MIDDLE; }
      let unit = v / size;
      let w = cross(n, unit);
      return vec3u(
        angleBin(dot(n, far), dot(w, far)),
        linearBin(dot(unit, far)),
        linearBin(select(cosine, -otherCosine, swap)),
      );
    }

    /** Bins of one pair in the form of the paper. */
    fn paperBins(delta: vec3f, own: vec3f, other: vec3f) -> vec3u {
      let square = dot(delta, delta);
      if (square == 0.0) { return MIDDLE; }
      let d = delta / sqrt(square);
      let v = cross(own, d);
      let w = cross(own, v);
      return vec3u(linearBin(dot(v, other)), linearBin(dot(own, d)), angleBin(dot(own, other), dot(w, other)));
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let i = thread.x;
      if (i >= sizes.count) { return; }
      let p = points[sizes.first + i].xyz;
      let n = normals[sizes.first + i].xyz;
      let base = i * sizes.stride;
      var bins: array<f32, 36>; // the last three stay 0
      for (var b = 0u; b < 36u; b++) { bins[b] = 0.0; }
      let quads = 9u * sizes.ends;
      var pairs = 0u;
      for (var e = 0u; e < sizes.ends; e++) {
        let end = ends[e];
        while (pairs + 1u < end.x) {
          let j = indices[base + pairs + 1u];
          if (j == NONE) { break; }
          var at: vec3u;
          if (PAPER != 0u) { at = paperBins(points[j].xyz - p, n, normals[j].xyz); }
          else { at = openBins(points[j].xyz - p, n, normals[j].xyz); }
          bins[at.x] += 1.0;
          bins[11u + at.y] += 1.0;
          bins[22u + at.z] += 1.0;
          pairs += 1u;
        }
        let scale = 100.0 / f32(max(pairs, 1u));
        let to = quads * i + end.y;
        for (var b = 0u; b < 9u; b++) {
          rows[to + b] = scale * vec4f(bins[4u * b], bins[4u * b + 1u], bins[4u * b + 2u], bins[4u * b + 3u]);
        }
      }
    }`,
});

/** Refuses lists and normals that do not fit each other, in the name of a kernel. @throws {ShapeMismatch} */
export function checkLists(kernel: string, { cloud, normals, neighbours, sizes }: SpfhOptions): void {
  const { first, count } = neighbours;
  if (sizes.length === 0 || !sizes.every((k) => Number.isInteger(k) && k >= 1 && k <= neighbours.k)) {
    throw new ShapeMismatch(kernel, `sizes of 1 to the ${neighbours.k} neighbours found`, `[${sizes.join(", ")}]`);
  }
  if (first + count > cloud.count || normals.length < 4 * cloud.count) {
    const got = `${count} lists from ${first} and ${Math.floor(normals.length / 4)} normals`;
    throw new ShapeMismatch(kernel, `neighbours and normals of the cloud's ${cloud.count} points`, got);
  }
}

/** Each size with its first quad in a row, ascending. */
export function endsOf(gpu: Gpu, sizes: readonly number[]): GpuBuffer<"u32"> {
  const ends = sizes.map((k, place) => [k, place * STEP / 4]).sort((a, b) => a[0] - b[0]);
  return gpu.upload("u32", Uint32Array.from(ends.flat()));
}

/**
 * The simplified histograms of the points whose neighbours are given: a row a list, each group of 11 columns sums to 100.
 * @throws {ShapeMismatch} @throws {GpuOutOfMemory}
 */
export function spfh(gpu: Gpu, options: SpfhOptions): Rows {
  checkLists("spfh", options);
  const { cloud, normals, neighbours: { count, first, k: stride, indices }, sizes, form } = options;
  using owned = new DisposableStack();
  const values = owned.use(gpu.buffer("f32", count * STEP * sizes.length));
  using ends = endsOf(gpu, sizes);
  histogram.dispatch(gpu, {
    buffers: { points: cloud.values, normals, indices, ends, rows: values },
    sizes: { count, first, stride, ends: sizes.length },
    constants: { PAPER: form === "paper" ? 1 : 0 },
    threads: count,
  });
  const kept = owned.move();
  const columns = fpfhColumns(sizes.length), step = STEP * sizes.length;
  return { values, count, columns, stride: step, [Symbol.dispose]: () => kept.dispose() };
}
