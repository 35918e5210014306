/**
 * The twelve unknowns of one step of affine ICP, from sums that lie on the GPU. @module
 *
 * Solved for, in place of the entries b_rk of B̂: b_xx, b_yy, b_zz, (b_rk + b_kr)/√2 and (b_rk − b_kr)/√2 for xy, xz and yz, and τ. In this
 * basis, which is orthonormal, the price of stretching lies on six entries of the diagonal alone: however large it is, it takes no digits
 * from the turns.
 */
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

const kernel = defineKernel({
  name: "affine-icp-solve",
  workgroup: 80, // a workgroup a cloud, a lane a component
  bindings: { partials: "read f32", transforms: "read_write vec4f", stretches: "read_write f32" },
  sizes: { runs: "u32", damping: "f32", stiffness: "f32", extent: "f32" },
  wgsl: /* wgsl */ `
    const FLOATS: u32 = 80u;
    const WEIGHT: u32 = 51u;
    const COUNT: u32 = 55u;
    const ROOT_HALF: f32 = 0.70710678; // √½
    var<workgroup> total: array<f32, FLOATS>;
    var<workgroup> matrix: array<f32, 144>; // then, on and below the diagonal, its Cholesky factor
    var<workgroup> x: array<f32, 12>;

    /** Entry (a, b) of Σ w J Jᵀ, J's numbers in the order 4 row + column of [B̂ | τ]. */
    fn entry(a: u32, b: u32) -> f32 {
      var ofNormal = array<u32, 9>(0u, 4u, 5u, 4u, 1u, 6u, 5u, 6u, 2u);
      var ofPlace = array<u32, 16>(0u, 3u, 4u, 6u, 3u, 1u, 5u, 7u, 4u, 5u, 2u, 8u, 6u, 7u, 8u, 9u);
      return total[8u * ofPlace[4u * (a % 4u) + b % 4u] + ofNormal[3u * (a / 4u) + b / 4u]];
    }

    /** The unknown as two entries of [B̂ | τ], and their factors. */
    fn parts(unknown: u32) -> vec2u {
      var first = array<u32, 12>(0u, 5u, 10u, 1u, 2u, 6u, 1u, 2u, 6u, 3u, 7u, 11u);
      var second = array<u32, 12>(0u, 5u, 10u, 4u, 8u, 9u, 4u, 8u, 9u, 3u, 7u, 11u);
      return vec2u(first[unknown], second[unknown]);
    }
    fn factors(unknown: u32) -> vec2f {
      if (unknown < 3u || unknown > 8u) { return vec2f(0.5); } // twice the same
      return vec2f(ROOT_HALF, select(ROOT_HALF, -ROOT_HALF, unknown > 5u));
    }

    fn assemble(place: u32) {
      let row = place / 12u;
      let column = place % 12u;
      let a = parts(row);
      let b = parts(column);
      let f = factors(row);
      let g = factors(column);
      let value = f.x * (g.x * entry(a.x, b.x) + g.y * entry(a.x, b.y)) + f.y * (g.x * entry(a.y, b.x) + g.y * entry(a.y, b.y));
      matrix[place] = value / total[WEIGHT];
    }

    /** By Cholesky; x is the right side before. */
    fn solveInPlace(least: f32) {
      for (var i = 0u; i < 12u; i++) {
        for (var j = 0u; j <= i; j++) {
          var s = matrix[12u * i + j];
          for (var c = 0u; c < j; c++) { s -= matrix[12u * i + c] * matrix[12u * j + c]; }
          if (i == j) {
            matrix[13u * i] = sqrt(max(s, least)); // no pivot is below it but by rounding
          } else {
            matrix[12u * i + j] = s / matrix[13u * j];
          }
        }
        var s = x[i];
        for (var c = 0u; c < i; c++) { s -= matrix[12u * i + c] * x[c]; }
        x[i] = s / matrix[13u * i];
      }
      for (var back = 0u; back < 12u; back++) {
        let i = 11u - back;
        var s = x[i];
        for (var c = i + 1u; c < 12u; c++) { s -= matrix[12u * c + i] * x[c]; }
        x[i] = s / matrix[13u * i];
      }
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
      let cloud = group.y;
      var sum = 0.0;
      for (var run = 0u; run < sizes.runs; run++) { sum += partials[(cloud * sizes.runs + run) * FLOATS + lane]; }
      total[lane] = sum;
      workgroupBarrier();
      assemble(lane);
      if (lane < 144u - WORKGROUP) { assemble(lane + WORKGROUP); }
      workgroupBarrier();
      if (lane != 0u || total[COUNT] < 12.0) { return; }
      var trace = 0.0;
      for (var i = 0u; i < 12u; i++) { trace += matrix[13u * i]; }
      let least = sizes.damping * trace;
      for (var i = 0u; i < 12u; i++) {
        let a = parts(i);
        let f = factors(i);
        x[i] = -(f.x * total[4u * a.x + 3u] + f.y * total[4u * a.y + 3u]) / total[WEIGHT];
        matrix[13u * i] += least;
        if (i < 6u) {
          matrix[13u * i] += sizes.stiffness;
          x[i] -= sizes.stiffness * sizes.extent * stretches[8u * cloud + i] * select(1.0, 2.0 * ROOT_HALF, i > 2u);
        }
      }
      solveInPlace(least);
      let along = vec3f(x[0], x[1], x[2]) / sizes.extent;
      let across = vec3f(x[3], x[4], x[5]) * (ROOT_HALF / sizes.extent); // xy, xz, yz
      let w = vec3f(-x[8], x[7], -x[6]) * (ROOT_HALF / sizes.extent); // Ω v = w × v
      let t0 = transforms[4u * cloud];
      let t1 = transforms[4u * cloud + 1u];
      let t2 = transforms[4u * cloud + 2u];
      let a = t0 + along.x * t0 + across.x * t1 + across.y * t2; // rows of (1 + sym(B)) [A | t]
      let b = t1 + across.x * t0 + along.y * t1 + across.z * t2;
      let c = t2 + across.y * t0 + across.z * t1 + along.z * t2;
      // Rodrigues: exp(Ω) v = v + s w × v + e (w (w·v) − w² v), s and e by their series near 0
      let square = dot(w, w);
      let angle = sqrt(square);
      let half = sin(0.5 * angle);
      let isSmall = square < 1e-4;
      let s = select(sin(angle) / max(angle, 1e-3), 1.0 - square / 6.0, isSmall);
      let e = select(2.0 * half * half / max(square, 1e-6), 0.5 - square / 24.0, isSmall);
      let onto = w.x * a + w.y * b + w.z * c;
      let at = 4u * cloud;
      transforms[at] = a + s * (w.y * c - w.z * b) + e * (w.x * onto - square * a) + vec4f(0.0, 0.0, 0.0, x[9]);
      transforms[at + 1u] = b + s * (w.z * a - w.x * c) + e * (w.y * onto - square * b) + vec4f(0.0, 0.0, 0.0, x[10]);
      transforms[at + 2u] = c + s * (w.x * b - w.y * a) + e * (w.z * onto - square * c) + vec4f(0.0, 0.0, 0.0, x[11]);
      for (var i = 0u; i < 3u; i++) {
        stretches[8u * cloud + i] += along[i];
        stretches[8u * cloud + 3u + i] += across[i];
      }
    }`,
});

/** What a step is solved from. */
interface AffineStep {
  /** `targets × runs × FLOATS`, as `affine_icp_sums.ts` has it. */
  readonly partials: GpuBuffer<"f32">;
  /** `targets × 16`, moved by the step. */
  readonly transforms: GpuBuffer<"f32">;
  /** `targets × 8`, added to. */
  readonly stretches: GpuBuffer<"f32">;
  /** Clouds. */
  readonly targets: number;
  /** Partial sums of a cloud. */
  readonly runs: number;
  /** Share of the trace that is put on the diagonal. */
  readonly damping: number;
  /** Price of stretching, for each unit of weight. */
  readonly stiffness: number;
  /** Metres. */
  readonly extent: number;
}

/** Solves one step of each cloud and makes it. Reads nothing back. */
export function solveAffineStep(
  gpu: Gpu,
  { partials, transforms, stretches, targets, runs, damping, stiffness, extent }: AffineStep,
): void {
  kernel.dispatch(gpu, {
    buffers: { partials, transforms, stretches },
    sizes: { runs, damping, stiffness, extent },
    constants: {},
    threads: [1, targets],
  });
}
