/**
 * Normals: at each point the direction of least spread of its k nearest points. @module
 *
 * C = (1/m) Σ (p_j − p̄)(p_j − p̄)ᵀ over the m ≤ k neighbours found, the point among them; n = unit eigenvector of the smallest
 * eigenvalue. Source: Hoppe et al., "Surface Reconstruction from Unorganized Points", SIGGRAPH 1992, with Open3D's closed form and sign
 * (`snippets/symmetric_eigen.ts`). Differences to the point itself are taken first, so that float32 keeps the covariance of
 * millimetres at half a metre. Fewer than three neighbours, or all in one place: (0, 0, 1).
 */
import type { Neighbours } from "./nearest_neighbours.ts";
import type { Cloud } from "./rows.ts";
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";
import { acosSnippet } from "./snippets/acos.ts";
import { symmetricEigenSnippet } from "./snippets/symmetric_eigen.ts";

/**
 * Which of the two directions: `none` leaves Open3D's sign, which flips from point to point; `sensor` turns each normal to the side
 * of the camera at the origin (n·p ≤ 0).
 */
export type Orientation = "none" | "sensor";

/** What normals are made from. */
export interface NormalsOptions {
  /** The camera at the origin, +z away from it. */
  readonly cloud: Cloud;
  /** Lists of at least `k` neighbours. */
  readonly neighbours: Neighbours;
  /** Neighbours used, the point included: the first k of each list. */
  readonly k: number;
  /** Whether normals are turned to the sensor. */
  readonly orient: Orientation;
  /** Where the eigenvalues go, `count × 4`: ascending, in the cloud's unit squared, then 0; (1, 1, 1) below three neighbours. */
  readonly eigenvalues?: GpuBuffer<"f32">;
}

/** Cost of n normals: two looks at k neighbours of 16 bytes and 12 flops, and 200 flops of eigenvectors. */
export const normalsCost = (n: number, k: number): { flops: number; bytes: number } => ({
  flops: n * (k * 15 + 200),
  bytes: n * (16 + 4 * k + 16),
});

const kernel = defineKernel({
  name: "normals",
  workgroup: { gpu: 64, software: 32 },
  constants: ["SENSOR", "EIGENVALUES"],
  snippets: [acosSnippet, symmetricEigenSnippet],
  bindings: {
    points: "read vec4f",
    indices: "read u32",
    normals: "read_write vec4f",
    eigenvalues: "read_write vec4f",
  },
  sizes: { count: "u32", first: "u32", stride: "u32", k: "u32" },
  wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let i = thread.x;
      if (i >= sizes.count) { return; }
      let p = points[sizes.first + i].xyz;
      let base = i * sizes.stride;
      var sum = vec3f();
      var found = 0u;
      while (found < sizes.k) {
        let j = indices[base + found];
        if (j == NONE) { break; }
        sum += points[j].xyz - p;
        found += 1u;
      }
      let mean = sum / f32(max(found, 1u));
      var diagonal = vec3f();
      var beside = vec3f();
      for (var a = 0u; a < found; a++) {
        let d = points[indices[base + a]].xyz - p - mean;
        diagonal += d * d;
        beside += d.xxy * d.yzz;
      }
      var eigen = SymmetricEigen(vec3f(0.0, 0.0, 1.0), vec3f(1.0));
      if (found >= 3u) { eigen = symmetricEigen(diagonal / f32(found), beside / f32(found)); }
      var n = eigen.vector;
      if (SENSOR != 0u && dot(n, p) > 0.0) { n = -n; }
      normals[i] = vec4f(n, 0.0);
      if (EIGENVALUES != 0u) { eigenvalues[i] = vec4f(eigen.values, 0.0); }
    }`,
});

/** Unit normals of the points whose neighbours are given, `count × 4`. @throws {ShapeMismatch} @throws {GpuOutOfMemory} */
export function normals(gpu: Gpu, { cloud, neighbours, k, orient, eigenvalues }: NormalsOptions): GpuBuffer<"f32"> {
  const { count, first, indices } = neighbours;
  if (k < 1 || k > neighbours.k) {
    throw new ShapeMismatch("normals", `a k of 1 to the ${neighbours.k} neighbours found`, `${k}`);
  }
  if (first + count > cloud.count) {
    throw new ShapeMismatch(
      "normals",
      `neighbours of the cloud's ${cloud.count} points`,
      `those of ${count} from ${first}`,
    );
  }
  if (eigenvalues && eigenvalues.length < 4 * count) {
    throw new ShapeMismatch("normals", `room for ${4 * count} values`, `${eigenvalues.length}`);
  }
  using owned = new DisposableStack();
  const result = owned.use(gpu.buffer("f32", 4 * count));
  using none = eigenvalues ? undefined : gpu.buffer("f32", 4);
  kernel.dispatch(gpu, {
    buffers: { points: cloud.values, indices, normals: result, eigenvalues: eigenvalues ?? none! },
    sizes: { count, first, stride: neighbours.k, k },
    constants: { SENSOR: orient === "sensor" ? 1 : 0, EIGENVALUES: eigenvalues ? 1 : 0 },
    threads: count,
  });
  owned.move();
  return result;
}
