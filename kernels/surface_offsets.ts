/**
 * How each point of a scan lies to registered normal surfaces: above or below, and how its own surface is tilted. @module
 *
 * For member j with q the point nearest to p_j = T_j p:  r_j = (p_j − q)·n_q, cut to ±cap; where |p_j − q| > cap, |r_j| = cap with that
 * sign; nothing found within the search's reach counts as +cap. Metres, positive to the side of the normals. The tilt is the median over
 * the members of 1 − |T_j n · n_q|, 1 where nothing was found.
 */
import type { ColumnTargets } from "./point_columns.ts";
import { type Cloud, type Rows, strideOf } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** The most members that a median is taken over. */
export const MOST_MEMBERS = 16;

/** What {@linkcode surfaceOffsets} needs. */
export interface SurfaceOffsetsRequest {
  /** The scan's points in its own frame. */
  readonly points: Cloud;
  /** `count × 4`: its unit normals, of any sign, in the same frame. */
  readonly ownNormals: GpuBuffer<"f32">;
  /** The members' surfaces, with normals. */
  readonly targets: ColumnTargets;
  /** `targets × 16`: row-major 3 × 4, the scan's frame → the member's, then four spare. */
  readonly motions: GpuBuffer<"f32">;
  /** `points × targets`: the nearest point of each member, 0xffffffff where none was found. */
  readonly nearest: GpuBuffer<"u32">;
  /** Metres. */
  readonly cap: number;
}

/** Cost: a motion of 18 flops and a distance of 12 a member, and the sort of the median. */
export const surfaceOffsetsCost = (points: number, members: number): { flops: number; bytes: number } => ({
  flops: points * members * (55 + members),
  bytes: points * (32 + members * 40),
});

const kernel = defineKernel({
  name: "surface-offsets",
  workgroup: { gpu: 64, software: 32 },
  constants: ["MEMBERS", "QUADS"],
  bindings: {
    points: "read vec4f",
    ownNormals: "read vec4f",
    surface: "read vec4f",
    normals: "read vec4f",
    motions: "read vec4f",
    nearest: "read u32",
    offsets: "read_write vec4f",
  },
  sizes: { count: "u32", surfaceCount: "u32", cap: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let p = vec4f(points[thread.x].xyz, 1.0);
      let n = vec4f(ownNormals[thread.x].xyz, 0.0);
      var own: array<vec4f, 5>; // MOST_MEMBERS and the tilt
      for (var i = 0u; i < QUADS; i++) { own[i] = vec4f(); }
      var sorted: array<f32, 16>;
      for (var j = 0u; j < MEMBERS; j++) {
        let at = nearest[thread.x * MEMBERS + j];
        var r = sizes.cap;
        var tilt = 1.0;
        if (at < sizes.surfaceCount) {
          let moved = vec3f(dot(motions[4u * j], p), dot(motions[4u * j + 1u], p), dot(motions[4u * j + 2u], p));
          let turned = vec3f(dot(motions[4u * j], n), dot(motions[4u * j + 1u], n), dot(motions[4u * j + 2u], n));
          tilt = 1.0 - min(abs(dot(turned, normals[at].xyz)), 1.0);
          let away = moved - surface[at].xyz;
          let along = dot(away, normals[at].xyz);
          r = clamp(along, -sizes.cap, sizes.cap);
          if (dot(away, away) > sizes.cap * sizes.cap) { r = select(sizes.cap, -sizes.cap, along < 0.0); }
        }
        own[j / 4u][j % 4u] = r;
        var to = j;
        while (to > 0u && sorted[to - 1u] > tilt) {
          sorted[to] = sorted[to - 1u];
          to -= 1u;
        }
        sorted[to] = tilt;
      }
      own[MEMBERS / 4u][MEMBERS % 4u] = 0.5 * (sorted[(MEMBERS - 1u) / 2u] + sorted[MEMBERS / 2u]);
      for (var i = 0u; i < QUADS; i++) { offsets[thread.x * QUADS + i] = own[i]; }
    }`,
});

/**
 * One row a point: its offset from each member, then its tilt; the median of an even number is the mean of the middle two. Reads nothing
 * back. @throws {ShapeMismatch} without normals, or for members that no median is made for
 */
export function surfaceOffsets(
  gpu: Gpu,
  { points, ownNormals, targets, motions, nearest, cap }: SurfaceOffsetsRequest,
): Rows {
  const { normals, targets: members } = targets;
  if (
    !normals || members < 1 || members > MOST_MEMBERS || nearest.length < points.count * members ||
    ownNormals.length < 4 * points.count
  ) {
    throw new ShapeMismatch(
      "surface-offsets",
      `normals of both sides, 1 to ${MOST_MEMBERS} members, and a nearest point of each for ${points.count} points`,
      `${normals ? "normals" : "none"}, ${members} members, ${nearest.length} nearest points`,
    );
  }
  const columns = members + 1, stride = strideOf(columns), values = gpu.buffer("f32", points.count * stride);
  kernel.dispatch(gpu, {
    buffers: { points: points.values, ownNormals, surface: targets.points, normals, motions, nearest, offsets: values },
    sizes: { count: points.count, surfaceCount: targets.total, cap },
    constants: { MEMBERS: members, QUADS: stride / 4 },
    threads: points.count,
  });
  return { values, count: points.count, columns, stride, [Symbol.dispose]: () => values[Symbol.dispose]() };
}
