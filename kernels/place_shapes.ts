/**
 * Points of several clouds brought back to the frame of the one that was registered to them, and from there to its camera's. @module
 *
 * For each point q of cloud j with [A | t], as {@linkcode affineIcp} and {@linkcode icp} leave them: p = A⁻¹ (q − t), in the table frame of
 * the registered cloud; then axesᵀ p + origin, in its camera's frame. A⁻¹ is the adjugate over the determinant, in float32.
 */
import { columnStarts, type ColumnTargets } from "./point_columns.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What is placed where. */
export interface PlaceShapesRequest {
  /** The clouds; their normals are not used. */
  readonly targets: ColumnTargets;
  /** `targets × 16`: for each cloud the three rows of [A | t], table frame to the cloud's, and four floats that are not read. A has an inverse. */
  readonly transforms: GpuBuffer<"f32">;
  /** 3 × 3 row-major: the axes x, y, z of the table frame in camera coordinates. */
  readonly axes: readonly number[];
  /** The table frame's origin in camera coordinates, metres. */
  readonly origin: readonly number[];
}

/** Cost of placing `total` points: 100 flops and 32 bytes each. */
export const placeShapesCost = (total: number): { flops: number; bytes: number } => ({
  flops: 100 * total,
  bytes: 32 * total,
});

const kernel = defineKernel({
  name: "place-shapes",
  workgroup: { gpu: 64, software: 32 },
  bindings: { transforms: "read vec4f", points: "read vec4f", starts: "read u32", placed: "read_write vec4f" },
  sizes: {
    each: "u32",
    xx: "f32",
    xy: "f32",
    xz: "f32",
    yx: "f32",
    yy: "f32",
    yz: "f32",
    zx: "f32",
    zy: "f32",
    zz: "f32",
    originX: "f32",
    originY: "f32",
    originZ: "f32",
  },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = starts[thread.y * sizes.each] + thread.x;
      if (at >= starts[(thread.y + 1u) * sizes.each - 1u]) { return; } // behind the cloud's last point
      let a = transforms[4u * thread.y];
      let b = transforms[4u * thread.y + 1u];
      let c = transforms[4u * thread.y + 2u];
      let q = points[at].xyz - vec3f(a.w, b.w, c.w);
      let bc = cross(b.xyz, c.xyz);
      let ca = cross(c.xyz, a.xyz);
      let ab = cross(a.xyz, b.xyz);
      let p = (q.x * bc + q.y * ca + q.z * ab) / dot(a.xyz, bc);
      let x = vec3f(sizes.xx, sizes.xy, sizes.xz);
      let y = vec3f(sizes.yx, sizes.yy, sizes.yz);
      let z = vec3f(sizes.zx, sizes.zy, sizes.zz);
      let origin = vec3f(sizes.originX, sizes.originY, sizes.originZ);
      placed[at] = vec4f(p.x * x + p.y * y + p.z * z + origin, 0.0);
    }`,
});

/**
 * `total × 4`: all points in the clouds' order, in the camera's frame, the fourth is 0. Reads nothing back.
 * @throws {ShapeMismatch} for transforms of fewer clouds, axes other than nine numbers, or an origin other than three
 * @throws {GpuOutOfMemory}
 */
export function placeShapes(
  gpu: Gpu,
  { targets: clouds, transforms, axes, origin }: PlaceShapesRequest,
): GpuBuffer<"f32"> {
  const { points, starts, targets, total, most, shape } = clouds;
  if (transforms.length < 16 * targets || axes.length !== 9 || origin.length !== 3) {
    throw new ShapeMismatch(
      "place-shapes",
      `${targets} transforms of 16 floats, axes of 9 numbers and an origin of 3`,
      `${transforms.length} floats, ${axes.length} and ${origin.length} numbers`,
    );
  }
  const placed = gpu.buffer("f32", 4 * total);
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = axes, [originX, originY, originZ] = origin;
  kernel.dispatch(gpu, {
    buffers: { transforms, points, starts, placed },
    sizes: { each: columnStarts(shape), xx, xy, xz, yx, yy, yz, zx, zy, zz, originX, originY, originZ },
    constants: {},
    threads: [most, targets],
  });
  return placed;
}
