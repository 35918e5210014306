/**
 * Fast point feature histograms: 33 numbers for the shape around each point. @module
 *
 * SPFH(i) counts three features of each pair (point, neighbour) in 11 bins each, scaled to sum 100 a feature; FPFH(i) adds to it the
 * neighbours' SPFH, nearer ones with more weight. Source: Rusu, Blodow, Beetz, "Fast Point Feature Histograms (FPFH) for 3D
 * Registration", ICRA 2009. With d = p_j − p_i, L = |d|, m neighbours found (the point included, the first of the list left out):
 *
 * - `open3d`, as Open3D 0.16 computes it: source and target swapped when |n_i·d| < |n_j·d|; v = d × n / |d × n|, w = n × v; features
 *   atan2(w·n', n·n'), v·n', n·d/L in this order. A = Σ SPFH(j) / d²  over d² > 0, each group of 11 scaled to sum 100;
 *   FPFH = A + SPFH(i), which sums to 200 a group.
 * - `paper`, as algorithms 1–2 and equation 1 of Uni-3DAD have it: no swap, u = n_i, v = u × d/L as it is, w = u × v; features
 *   α = v·n_j, γ = u·d/L, θ = atan2(w·n_j, u·n_j) in this order; FPFH = SPFH(i) + (1/m) Σ SPFH(j) / |d|, which depends on the unit.
 *
 * L = 0 or d ∥ n (open3d) puts a pair into the middle bins. Fewer than two neighbours give zeros. Bins are [−π, π] and [−1, 1] in
 * eleven; that of an angle is found by half-planes, since drivers' atan2 is too coarse.
 */
import type { Neighbours } from "./nearest_neighbours.ts";
import type { Cloud, Rows } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Whose definition: see the module. */
export type FpfhForm = "open3d" | "paper";

const COLUMNS = 33, STRIDE = 36;

/** What histograms are made from. */
export interface SpfhOptions {
  /** In metres. */
  readonly cloud: Cloud;
  /** Unit normals of all the cloud's points, `cloud.count × 4`. */
  readonly normals: GpuBuffer<"f32">;
  /** Lists of at least `k` neighbours, of the whole cloud or of a piece of it. */
  readonly neighbours: Neighbours;
  /** Neighbours used, the point included: the first k of each list. */
  readonly k: number;
  /** Whose definition of the pair features and weights. */
  readonly form: FpfhForm;
}

/** What features are made from. */
export interface FpfhOptions extends SpfhOptions {
  /** {@linkcode spfh} of all the cloud's points, for neighbours that are only a piece of it. */
  readonly histograms?: Rows;
}

/** Cost of the histograms of n points: a pair reads a point and a normal and takes about 80 flops. */
export const spfhCost = (n: number, k: number): { flops: number; bytes: number } => ({
  flops: n * (k - 1) * 80,
  bytes: n * (32 + 4 * k + 4 * STRIDE),
});

/** Cost of the features of n points, histograms included: a neighbour's row is read and added. */
export const fpfhCost = (n: number, k: number): { flops: number; bytes: number } => ({
  flops: spfhCost(n, k).flops + n * (k - 1) * 2 * STRIDE,
  bytes: spfhCost(n, k).bytes + n * (8 * k + 8 * STRIDE),
});

const histogram = defineKernel({
  name: "spfh",
  workgroup: { gpu: 64, software: 32 },
  constants: ["PAPER"],
  bindings: { points: "read vec4f", normals: "read vec4f", indices: "read u32", rows: "read_write vec4f" },
  sizes: { count: "u32", first: "u32", stride: "u32", k: "u32" },
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
      var pairs = 0u;
      while (pairs + 1u < sizes.k) {
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
      for (var b = 0u; b < 9u; b++) {
        rows[9u * i + b] = scale * vec4f(bins[4u * b], bins[4u * b + 1u], bins[4u * b + 2u], bins[4u * b + 3u]);
      }
    }`,
});

const weighted = defineKernel({
  name: "fpfh",
  workgroup: { gpu: 64, software: 32 },
  constants: ["PAPER"],
  bindings: { histograms: "read vec4f", indices: "read u32", squares: "read f32", rows: "read_write vec4f" },
  sizes: { count: "u32", first: "u32", stride: "u32", k: "u32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let i = thread.x;
      if (i >= sizes.count) { return; }
      let base = i * sizes.stride;
      var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f();
      var s3 = vec4f(); var s4 = vec4f(); var s5 = vec4f();
      var s6 = vec4f(); var s7 = vec4f(); var s8 = vec4f();
      var nearest = 0.0; // weights are relative to the nearest neighbour's where the sum is scaled anyway: they cannot overflow
      var found = 1u;
      while (found < sizes.k) {
        let j = indices[base + found];
        if (j == NONE) { break; }
        let square = squares[base + found];
        if (square > 0.0) {
          if (nearest == 0.0) { nearest = square; }
          let weight = select(nearest / square, 1.0 / sqrt(square), PAPER != 0u);
          let row = 9u * j;
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
      let own = 9u * (sizes.first + i);
      let to = 9u * i;
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

function check(kernel: string, { cloud, normals, neighbours, k }: SpfhOptions): void {
  const { first, count } = neighbours;
  if (k < 1 || k > neighbours.k) {
    throw new ShapeMismatch(kernel, `a k of 1 to the ${neighbours.k} neighbours found`, `${k}`);
  }
  if (first + count > cloud.count || normals.length < 4 * cloud.count) {
    const got = `${count} lists from ${first} and ${Math.floor(normals.length / 4)} normals`;
    throw new ShapeMismatch(kernel, `neighbours and normals of the cloud's ${cloud.count} points`, got);
  }
}

function emptyRows(gpu: Gpu, count: number): Rows {
  const values = gpu.buffer("f32", count * STRIDE);
  return { values, count, columns: COLUMNS, stride: STRIDE, [Symbol.dispose]: () => values[Symbol.dispose]() };
}

/**
 * The simplified histograms of the points whose neighbours are given: a row a list, each group of 11 columns sums to 100.
 * @throws {ShapeMismatch} @throws {GpuOutOfMemory}
 */
export function spfh(gpu: Gpu, options: SpfhOptions): Rows {
  check("spfh", options);
  const { cloud, normals, neighbours: { count, first, k: stride, indices }, k, form } = options;
  const rows = emptyRows(gpu, count);
  histogram.dispatch(gpu, {
    buffers: { points: cloud.values, normals, indices, rows: rows.values },
    sizes: { count, first, stride, k },
    constants: { PAPER: form === "paper" ? 1 : 0 },
    threads: count,
  });
  return rows;
}

/**
 * The features of the points whose neighbours are given, a row a list. Neighbours that are a piece of the cloud need `histograms` of all
 * of it; `fpfhOf` goes in pieces by itself.
 * @throws {ShapeMismatch} @throws {GpuOutOfMemory}
 */
export function fpfh(gpu: Gpu, options: FpfhOptions): Rows {
  check("fpfh", options);
  const { cloud, neighbours, k, form } = options, { count, first, indices, squaredDistances } = neighbours;
  if (!options.histograms && count !== cloud.count) {
    throw new ShapeMismatch(
      "fpfh",
      `histograms of all ${cloud.count} points beside the neighbours of ${count}`,
      "none",
    );
  }
  using own = options.histograms ? undefined : spfh(gpu, options);
  const histograms = options.histograms ?? own!;
  if (histograms.count !== cloud.count || histograms.stride !== STRIDE) {
    const got = `${histograms.count} of stride ${histograms.stride}`;
    throw new ShapeMismatch("fpfh", `${cloud.count} histograms of stride ${STRIDE}`, got);
  }
  const rows = emptyRows(gpu, count);
  weighted.dispatch(gpu, {
    buffers: { histograms: histograms.values, indices, squares: squaredDistances, rows: rows.values },
    sizes: { count, first, stride: neighbours.k, k },
    constants: { PAPER: form === "paper" ? 1 : 0 },
    threads: count,
  });
  return rows;
}
