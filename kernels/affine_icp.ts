/**
 * Registration of one cloud to several at once that may stretch it a little: surface to surface and outline to outline. @module
 *
 * One step for each target cloud with y = A p + t. Surface: p every step-th source point, q the target point nearest to y, d = |y − q|,
 * residual r = (y − q)·n_q. Outline, as seen along z: p every outline point of the source, o the target's outline point nearest to y in x-y,
 * d their distance in x-y, r = (y − o)·e_o with e_o the outward direction there; only where A p's outward direction, of unit length in x-y,
 * has a product above {@linkcode AGREEMENT} with e_o. Weight w = (1 − (d/R)²)² for d < R, else 0, R of the surface or of the outline.
 * The unknowns are B̂ = extent · B and τ of y' = y + B y + τ: J = n ⊗ (y/extent, 1), n = n_q or e_o. With W = Σ w, λ the stiffness and
 * Ŝ = extent · (sum of the symmetric parts of B so far), the step minimises Σ w (r + J x)² + λ W |Ŝ + sym(B̂)|² (Frobenius), so that
 * turns are free and stretching costs. Levenberg's damping is {@linkcode STRETCH_DAMPING} of the trace of Σ w J Jᵀ.
 * Then A ← exp(Ω) (1 + sym(B)) A and t likewise, + τ, with Ω the antisymmetric part of B: this is 1 + B to first order, and a turn
 * stretches nothing. Fewer than 12 weights above 0: all stays.
 * Sources: as {@linkcode icp}; Amberg, Romdhani and Vetter, "Optimal step nonrigid ICP algorithms for surface registration", 2007, for the
 * price of stretching. Outlines of no points are taken too: then the surface alone counts.
 *
 * Sums are of float32, in an order that never varies. The frames' origin should lie within the parts, as for {@linkcode icp}.
 */
import { solveAffineStep } from "./affine_icp_solve.ts";
import { FLOATS, outlineSums, surfaceSums } from "./affine_icp_sums.ts";
import { nearestInColumns, nearestInColumnsCost } from "./nearest_in_columns.ts";
import type { ColumnTargets } from "./point_columns.ts";
import type { Cloud } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Cosine from which on two outward directions belong to the same side of a part. */
export const AGREEMENT = 0.6;

/** Damping, as a part of the trace: above the rounding of float32's sums, so that Cholesky's pivots stay above 0. */
export const STRETCH_DAMPING = 1e-5;

/** What is registered to what, and how much it may stretch. */
export interface AffineIcpRequest {
  /** The surface. */
  readonly surface: {
    /** The cloud that is moved; its points in an order that keeps neighbours together are searched fastest. */
    readonly source: Cloud;
    /** Every step-th source point is used. */
    readonly step: number;
    /** Where to, with normals. */
    readonly targets: ColumnTargets;
  };
  /** The outline, seen along z. */
  readonly outline: {
    /** Points at the source's outline, at their heights. */
    readonly source: Cloud;
    /** `count × 4`: their outward directions, of unit length in x-y of the source's frame, z and the fourth are 0. */
    readonly directions: GpuBuffer<"f32">;
    /** Outline points of the same clouds with z = 0; the normals are outward directions, of unit length in x-y, z is 0. */
    readonly targets: ColumnTargets;
  };
  /** `targets × 16`: for each cloud the three rows of [A | t], source frame to target frame, and four floats that are not used. */
  readonly transforms: GpuBuffer<"f32">;
  /** `targets × 8`: xx, yy, zz, xy, xz, yz of the sum of the steps' symmetric parts, and two floats that are not used. Zeros at first. */
  readonly stretches: GpuBuffer<"f32">;
  /** Metres: half the size of the parts, the unit of length in which the stretch is solved. */
  readonly extent: number;
  /** R of the surface in metres, in three dimensions. */
  readonly surfaceRadius: number;
  /** R of the outline in metres, in x-y. */
  readonly outlineRadius: number;
  /** λ: how much a stretch counts against the residuals that it saves, both as metres at `extent`. From 1e3 on the motion is all but rigid. */
  readonly stiffness: number;
  /** Steps. */
  readonly iterations: number;
}

/**
 * Cost of `iterations` steps with `used` surface and `outline` points against `targets` clouds that have `total` surface and
 * `outlineTotal` outline points in all: searches, and 220 flops and 48 bytes a pair.
 */
export function affineIcpCost(
  { used, outline, targets, total, outlineTotal, iterations }: {
    readonly used: number;
    readonly outline: number;
    readonly targets: number;
    readonly total: number;
    readonly outlineTotal: number;
    readonly iterations: number;
  },
): { flops: number; bytes: number } {
  const searches = [
    nearestInColumnsCost(used, targets, total, 1),
    nearestInColumnsCost(outline, targets, outlineTotal, 1),
  ];
  const pairs = (used + outline) * targets;
  return {
    flops: iterations * (searches[0].flops + searches[1].flops + pairs * 220),
    bytes: iterations * (searches[0].bytes + searches[1].bytes + pairs * 48),
  };
}

/** Pairs that one invocation sums. */
const RUN = 16;

const flatten = defineKernel({
  name: "affine-icp-flatten",
  workgroup: 32,
  bindings: { transforms: "read vec4f", flat: "read_write vec4f" },
  sizes: { targets: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.targets) { return; }
      flat[4u * thread.x] = transforms[4u * thread.x];
      flat[4u * thread.x + 1u] = transforms[4u * thread.x + 1u];
      flat[4u * thread.x + 2u] = vec4f(); // all heights become that of the targets' outlines
    }`,
});

/**
 * Improves `transforms` and `stretches` in place, each cloud's by itself. Reads nothing back.
 * @throws {ShapeMismatch} for targets without normals, outlines of another number of clouds, stretches of fewer, an extent, a radius or a
 * stiffness that cannot be, or what {@linkcode nearestInColumns} refuses
 * @throws {GpuOutOfMemory}
 */
export function affineIcp(gpu: Gpu, request: AffineIcpRequest): void {
  const { surface, outline, transforms, stretches, extent, stiffness, iterations } = request;
  const { targets } = surface.targets, normals = surface.targets.normals, outward = outline.targets.normals;
  const refuse = (wanted: string, got: unknown): never => {
    throw new ShapeMismatch("affine-icp", wanted, `${got}`);
  };
  if (!normals || !outward) return refuse("targets with normals", "none");
  if (outline.targets.targets !== targets) refuse(`outlines of ${targets} clouds`, outline.targets.targets);
  if (stretches.length < 8 * targets) refuse(`${targets} stretches of 8 floats`, `${stretches.length} floats`);
  if (outline.directions.length < 4 * outline.source.count) {
    refuse(`${outline.source.count} directions of 4 floats`, `${outline.directions.length} floats`);
  }
  if (!(extent > 0 && Number.isFinite(extent))) refuse("an extent above 0", extent);
  if (!(stiffness >= 0 && Number.isFinite(stiffness))) refuse("a finite stiffness of at least 0", stiffness);
  const used = Math.ceil(surface.source.count / surface.step), own = Math.ceil(used / RUN);
  const outlineOwn = Math.ceil(outline.source.count / RUN), runs = own + outlineOwn;
  using partials = gpu.buffer("f32", FLOATS * runs * targets);
  using flat = gpu.buffer("f32", 16 * targets);
  for (let i = 0; i < iterations; i++) {
    using found = nearestInColumns(gpu, {
      queries: surface.source,
      step: surface.step,
      targets: surface.targets,
      transforms,
      k: 1,
      reach: request.surfaceRadius,
    });
    surfaceSums.dispatch(gpu, {
      buffers: {
        source: surface.source.values,
        transforms,
        points: surface.targets.points,
        normals,
        indices: found.indices,
        partials,
      },
      sizes: { used, step: surface.step, targets, own, first: 0, runs, radius: request.surfaceRadius, extent },
      constants: {},
      threads: [own, targets],
    });
    flatten.dispatch(gpu, { buffers: { transforms, flat }, sizes: { targets }, constants: {}, threads: targets });
    using outlineFound = nearestInColumns(gpu, {
      queries: outline.source,
      targets: outline.targets,
      transforms: flat,
      k: 1,
      reach: request.outlineRadius,
    });
    outlineSums.dispatch(gpu, {
      buffers: {
        source: outline.source.values,
        transforms,
        points: outline.targets.points,
        normals: outward,
        indices: outlineFound.indices,
        partials,
        directions: outline.directions,
      },
      sizes: {
        used: outline.source.count,
        step: 1,
        targets,
        own: outlineOwn,
        first: own,
        runs,
        radius: request.outlineRadius,
        extent,
        agreement: AGREEMENT,
      },
      constants: {},
      threads: [outlineOwn, targets],
    });
    solveAffineStep(gpu, {
      partials,
      transforms,
      stretches,
      targets,
      runs,
      damping: STRETCH_DAMPING,
      stiffness,
      extent,
    });
  }
}
