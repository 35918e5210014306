/**
 * Registration of one cloud to several at once: point-to-plane ICP with Tukey's weight. @module
 *
 * One step for each cloud: y = T p for every used source point p, q its nearest target point within 1.5 R, r = (y − q)·n_q, weight
 * w = (1 − (r/R)²)² for |r| < R, else 0. With J = (y × n, n): (Σ w J Jᵀ + D) (ω, v) = −Σ w r J, then T ← (exp(ω), v) T. D is
 * Levenberg's damping, {@linkcode DAMPING} of the matrix's trace, of its half for turns and its half for shifts: it slows nothing where the
 * surface holds the motion, and where it does not, as on a plane, the motion stays. Fewer than six weights above 0: T stays. A T that
 * starts with a reflection keeps it.
 * Sources: Chen and Medioni, "Object modelling by registration of multiple range images", 1992; Beaton and Tukey, 1974, for the weight.
 *
 * Sums are of float32, in an order that never varies: each invocation of `sums` takes some points one after another, and one lane a
 * component adds these. The frames' origin should lie within the parts: rotations are about it, and coordinates keep their digits.
 */
import { nearestInColumns, nearestInColumnsCost } from "./nearest_in_columns.ts";
import type { ColumnTargets } from "./point_columns.ts";
import type { Cloud } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Damping, as a part of the trace: above the rounding of float32's sums, so that Cholesky's pivots stay above 0. */
export const DAMPING = 1e-5;

/** What is registered to what. */
export interface Alignment {
  /** The cloud that is moved; its points in an order that keeps neighbours together are searched fastest. */
  readonly source: Cloud;
  /** Every step-th source point is used. */
  readonly step: number;
  /** Where to. */
  readonly targets: ColumnTargets;
  /** `targets × 16`: for each cloud the three rows of [R | t], source frame to target frame, and four floats that are not used. */
  readonly transforms: GpuBuffer<"f32">;
}

/** Steps of one radius. */
export interface IcpRequest extends Alignment {
  /** R in metres: residuals from here on have no weight, points from 1.5 R on no partner. */
  readonly radius: number;
  /** Steps. */
  readonly iterations: number;
}

/** Cost of `iterations` steps with `used` source points against `targets` clouds of `total` points: searches, and 80 flops and 48 bytes a pair. */
export const icpCost = (
  used: number,
  targets: number,
  total: number,
  iterations: number,
): { flops: number; bytes: number } => {
  const search = nearestInColumnsCost(used, targets, total, 1);
  return {
    flops: iterations * (search.flops + used * targets * 80),
    bytes: iterations * (search.bytes + used * targets * 48),
  };
};

/** Pairs that one invocation sums. */
const RUN = 16;

/** Floats of a partial sum: 21 of the matrix, 6 of the right side, and how many weights are above 0. */
const SUMS = 28;

const sums = defineKernel({
  name: "icp-sums",
  workgroup: { gpu: 64, software: 8 },
  bindings: {
    source: "read vec4f",
    transforms: "read vec4f",
    points: "read vec4f",
    normals: "read vec4f",
    indices: "read u32",
    partials: "read_write vec4f",
  },
  sizes: { used: "u32", step: "u32", targets: "u32", runs: "u32", radius: "f32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.runs) { return; }
      let cloud = thread.y;
      let x = transforms[4u * cloud];
      let y = transforms[4u * cloud + 1u];
      let z = transforms[4u * cloud + 2u];
      var turnSquares = vec3f(); // of J's first half u = y × n: xx, yy, zz
      var turnProducts = vec3f(); // xy, xz, yz
      var turnX = vec3f(); // u.x n …
      var turnY = vec3f();
      var turnZ = vec3f();
      var shiftSquares = vec3f(); // of J's second half n
      var shiftProducts = vec3f();
      var turn = vec3f(); // right side
      var shift = vec3f();
      var count = 0.0;
      // neighbouring invocations take neighbouring points
      for (var i = thread.x; i < sizes.used; i += sizes.runs) {
        let at = indices[i * sizes.targets + cloud];
        if (at == NONE) { continue; }
        let p = vec4f(source[i * sizes.step].xyz, 1.0);
        let place = vec3f(dot(x, p), dot(y, p), dot(z, p));
        let n = normals[at].xyz;
        let r = dot(place - points[at].xyz, n);
        let s = r / sizes.radius;
        let root = max(1.0 - s * s, 0.0);
        let w = root * root;
        let u = cross(place, n);
        let wu = w * u;
        let wn = w * n;
        turnSquares += wu * u;
        turnProducts += wu.xxy * u.yzz;
        turnX += wu.x * n;
        turnY += wu.y * n;
        turnZ += wu.z * n;
        shiftSquares += wn * n;
        shiftProducts += wn.xxy * n.yzz;
        turn += wu * r;
        shift += wn * r;
        count += select(0.0, 1.0, w > 0.0);
      }
      let to = (cloud * sizes.runs + thread.x) * 7u;
      partials[to] = vec4f(turnSquares, turn.x);
      partials[to + 1u] = vec4f(turnProducts, turn.y);
      partials[to + 2u] = vec4f(turnX, turn.z);
      partials[to + 3u] = vec4f(turnY, shift.x);
      partials[to + 4u] = vec4f(turnZ, shift.y);
      partials[to + 5u] = vec4f(shiftSquares, shift.z);
      partials[to + 6u] = vec4f(shiftProducts, count);
    }`,
});

const solve = defineKernel({
  name: "icp-solve",
  workgroup: 32, // a workgroup a cloud, a lane a component
  bindings: { partials: "read f32", transforms: "read_write vec4f" },
  sizes: { runs: "u32", damping: "f32" },
  wgsl: /* wgsl */ `
    const SUMS: u32 = 28u;
    var<workgroup> total: array<f32, WORKGROUP>;

    /** (A + damping) x = b by Cholesky; A is scaled so that each half of its diagonal sums to 1. */
    fn solved(matrix: array<array<f32, 6>, 6>, right: array<f32, 6>) -> array<f32, 6> {
      var l = matrix;
      var x = right;
      for (var i = 0u; i < 6u; i++) {
        for (var j = 0u; j <= i; j++) {
          var s = l[i][j] + select(0.0, sizes.damping, i == j);
          for (var c = 0u; c < j; c++) { s -= l[i][c] * l[j][c]; }
          if (i == j) {
            l[i][i] = sqrt(max(s, sizes.damping)); // no pivot is below it but by rounding
          } else {
            l[i][j] = s / l[j][j];
          }
        }
        var s = x[i];
        for (var c = 0u; c < i; c++) { s -= l[i][c] * x[c]; }
        x[i] = s / l[i][i];
      }
      for (var back = 0u; back < 6u; back++) {
        let i = 5u - back;
        var s = x[i];
        for (var c = i + 1u; c < 6u; c++) { s -= l[c][i] * x[c]; }
        x[i] = s / l[i][i];
      }
      return x;
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
      let cloud = group.y;
      if (lane < SUMS) {
        var sum = 0.0;
        for (var run = 0u; run < sizes.runs; run++) { sum += partials[(cloud * sizes.runs + run) * SUMS + lane]; }
        total[lane] = sum;
      }
      workgroupBarrier();
      if (lane != 0u || total[27] < 6.0) { return; }
      let weight = total[20] + total[21] + total[22]; // normals are unit vectors
      let turning = total[0] + total[1] + total[2];
      let far = select(1.0, sqrt(turning / weight), turning > 0.0); // turns are solved as the shifts that they are at this distance
      let a = 1.0 / (turning + select(0.0, weight, turning == 0.0));
      let b = 1.0 / (weight * far);
      let c = 1.0 / weight;
      var matrix: array<array<f32, 6>, 6>; // below and on the diagonal
      matrix[0] = array(total[0] * a, 0.0, 0.0, 0.0, 0.0, 0.0);
      matrix[1] = array(total[4] * a, total[1] * a, 0.0, 0.0, 0.0, 0.0);
      matrix[2] = array(total[5] * a, total[6] * a, total[2] * a, 0.0, 0.0, 0.0);
      matrix[3] = array(total[8] * b, total[12] * b, total[16] * b, total[20] * c, 0.0, 0.0);
      matrix[4] = array(total[9] * b, total[13] * b, total[17] * b, total[24] * c, total[21] * c, 0.0);
      matrix[5] = array(total[10] * b, total[14] * b, total[18] * b, total[25] * c, total[26] * c, total[22] * c);
      let x = solved(
        matrix,
        array(-total[3] * b, -total[7] * b, -total[11] * b, -total[15] * c, -total[19] * c, -total[23] * c),
      );
      let w = vec3f(x[0], x[1], x[2]) / far;
      // Rodrigues: exp(w) = 1 + s K + e K², by their series near 0
      let square = dot(w, w);
      let angle = sqrt(square);
      let half = sin(0.5 * angle);
      let isSmall = square < 1e-4;
      let s = select(sin(angle) / max(angle, 1e-3), 1.0 - square / 6.0, isSmall);
      let e = select(2.0 * half * half / max(square, 1e-6), 0.5 - square / 24.0, isSmall);
      let t0 = transforms[4u * cloud];
      let t1 = transforms[4u * cloud + 1u];
      let t2 = transforms[4u * cloud + 2u];
      let r0 = vec3f(1.0 - e * (w.y * w.y + w.z * w.z), e * w.x * w.y - s * w.z, e * w.x * w.z + s * w.y);
      let r1 = vec3f(e * w.x * w.y + s * w.z, 1.0 - e * (w.x * w.x + w.z * w.z), e * w.y * w.z - s * w.x);
      let r2 = vec3f(e * w.x * w.z - s * w.y, e * w.y * w.z + s * w.x, 1.0 - e * (w.x * w.x + w.y * w.y));
      let n0 = r0.x * t0 + r0.y * t1 + r0.z * t2;
      let n1 = r1.x * t0 + r1.y * t1 + r1.z * t2;
      let n2 = r2.x * t0 + r2.y * t1 + r2.z * t2;
      // rounding must not add up to a stretch
      let u = normalize(n0.xyz);
      let v = normalize(n1.xyz - dot(u, n1.xyz) * u);
      transforms[4u * cloud] = vec4f(u, n0.w + x[3]);
      transforms[4u * cloud + 1u] = vec4f(v, n1.w + x[4]);
      let third = cross(u, v);
      transforms[4u * cloud + 2u] = vec4f(select(-third, third, dot(third, n2.xyz) > 0.0), n2.w + x[5]); // a reflection stays one
    }`,
});

/**
 * Improves `transforms` in place, each cloud's by itself. Reads nothing back.
 * @throws {ShapeMismatch} for targets without normals, or what {@linkcode nearestInColumns} refuses
 * @throws {GpuOutOfMemory}
 */
export function icp(gpu: Gpu, { source, step, targets: clouds, transforms, radius, iterations }: IcpRequest): void {
  const { points, normals, targets } = clouds;
  if (!normals) throw new ShapeMismatch("icp", "targets with normals", "none");
  const used = Math.ceil(source.count / step), runs = Math.ceil(used / RUN);
  using partials = gpu.buffer("f32", SUMS * runs * targets);
  for (let i = 0; i < iterations; i++) {
    using found = nearestInColumns(gpu, {
      queries: source,
      step,
      targets: clouds,
      transforms,
      k: 1,
      reach: 1.5 * radius,
    });
    sums.dispatch(gpu, {
      buffers: { source: source.values, transforms, points, normals, indices: found.indices, partials },
      sizes: { used, step, targets, runs, radius },
      constants: {},
      threads: [runs, targets],
    });
    solve.dispatch(gpu, {
      buffers: { partials, transforms },
      sizes: { runs, damping: DAMPING },
      constants: {},
      threads: [1, targets],
    });
  }
}
