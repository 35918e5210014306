/**
 * Signed distance of each place's pair of scores to a frontier of the plane, above that of (0, 0). @module
 *
 * The frontier P_1 … P_m has rising x and falling y; N↓ is the union of its lower left quadrants. For x = (scale · s1, s2) outside N↓
 * F(x) = min_k ‖(x − P_k)₊‖; within, F(x) = −min_k ‖(C_k − x)₊‖ with the inner corners C_k = (P_k.x, P_(k+1).y), C_0 = (−∞, P_1.y) and
 * C_m = (P_m.x, −∞). out = max(0, F(x) − F(0, 0)), in the frontier's unit: it never falls where a score rises, since all of its steps,
 * rounded as they are, only grow with either.
 *
 * The frontier is gone through block by block; one whose box is farther than the best so far is left out, which changes no bit: its bound is
 * computed as its terms are. A place where both scores are 0 or below has nothing to ask for. Scores and frontier are to lie within
 * 1e-15 … 1e15, so that their squares stay numbers.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** What {@linkcode frontierDistance} compares. */
export interface FrontierDistanceRequest {
  /** At least `count` scores. */
  readonly feature: GpuBuffer<"f32">;
  /** At least `count` scores. */
  readonly missing: GpuBuffer<"f32">;
  /** Factor of the feature scores, 0 or more. */
  readonly scale: number;
  /** `m × 2`: x rises from point to point, or stays; y falls, or stays. */
  readonly frontier: GpuBuffer<"f32">;
  /** Places. */
  readonly count: number;
}

/** Points of the frontier that are left out together. */
const BLOCK = 16;

/** Cost, where one block of two is not left out, and no place is silent: 6 for each of its points and of all boxes; bytes: two scores in, one out. */
export const frontierDistanceCost = (count: number, vertices: number): { flops: number; bytes: number } => ({
  flops: 6 * count * (vertices / BLOCK + vertices / 2),
  bytes: 12 * count + 8 * vertices,
});

const signedDistance = /* wgsl */ `
  fn above(x: vec4f, y: vec4f) -> vec4f {
    let right = max(x, vec4f(0.0));
    let up = max(y, vec4f(0.0));
    return fma(right, right, up * up);
  }

  // 0 where a place is not within
  fn inside(x: vec4f, y: vec4f, vertices: u32) -> vec4f {
    let end = vertices - 1u;
    let none = vec4f(0.0);
    var best = min(above(none, frontier[0].y - y), above(frontier[end].x - x, none));
    for (var first = 0u; first < end; first += BLOCK) {
      let last = min(first + BLOCK, end);
      var left = frontier[first].x;
      if (any(above(left - x, frontier[last].y - y) < best)) {
        for (var k = first + 1u; k <= last; k++) {
          let point = frontier[k];
          best = min(best, above(left - x, point.y - y));
          left = point.x;
        }
      }
    }
    return best;
  }

  // no less than \`most\` where that is less
  fn outside(x: vec4f, y: vec4f, vertices: u32, most: vec4f) -> vec4f {
    var best = most;
    for (var first = 0u; first < vertices; first += BLOCK) {
      let last = min(first + BLOCK, vertices) - 1u;
      if (any(above(x - frontier[last].x, y - frontier[first].y) < best)) {
        for (var k = first; k <= last; k++) { best = min(best, above(x - frontier[k].x, y - frontier[k].y)); }
      }
    }
    return best;
  }

  fn signedDistance(x: vec4f, y: vec4f, vertices: u32) -> vec4f {
    let within = inside(x, y, vertices);
    let isBeyond = within == vec4f(0.0);
    if (!any(isBeyond)) { return -sqrt(within); }
    let farthest = min(above(x - frontier[0].x, y - frontier[0].y), above(x - frontier[vertices - 1u].x, y - frontier[vertices - 1u].y));
    return sqrt(outside(x, y, vertices, select(vec4f(0.0), farthest, isBeyond))) - sqrt(within);
  }`;

const origin = defineKernel({
  name: "frontier-origin",
  workgroup: 1,
  constants: ["BLOCK"],
  bindings: { frontier: "read vec2f", distance: "read_write f32" },
  sizes: { vertices: "u32" },
  snippets: [signedDistance],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main() { distance[0] = signedDistance(vec4f(0.0), vec4f(0.0), sizes.vertices).x; }`,
});

const kernel = defineKernel({
  name: "frontier-distance",
  workgroup: { gpu: 64, software: 32 },
  constants: ["BLOCK"],
  bindings: {
    feature: "read f32",
    missing: "read f32",
    frontier: "read vec2f",
    lowest: "read f32",
    distance: "read_write f32",
  },
  sizes: { count: "u32", vertices: "u32", scale: "f32" },
  snippets: [signedDistance],
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let first = 4u * thread.x; // four places go through the frontier together: each of its points is loaded once for them
      if (first >= sizes.count) { return; }
      var x = vec4f(0.0);
      var y = vec4f(0.0);
      let places = min(4u, sizes.count - first);
      for (var i = 0u; i < places; i++) {
        x[i] = max(0.0, sizes.scale * feature[first + i]);
        y[i] = max(0.0, missing[first + i]);
      }
      var found = vec4f(0.0);
      if (any(x + y > vec4f(0.0))) {
        found = max(vec4f(0.0), signedDistance(x, y, sizes.vertices) - lowest[0]);
      }
      for (var i = 0u; i < places; i++) { distance[first + i] = found[i]; }
    }`,
});

/** `count` distances. Reads nothing back. @throws {ShapeMismatch} for buffers that do not fit, or more points than one invocation can go through */
export function frontierDistance(
  gpu: Gpu,
  { feature, missing, scale, frontier, count }: FrontierDistanceRequest,
): GpuBuffer<"f32"> {
  const vertices = frontier.length / 2, most = Math.floor(gpu.limits.loopIterations / 2);
  const isRight = Number.isInteger(vertices) && vertices > 0 && vertices <= most && scale >= 0 && scale < Infinity;
  if (!(isRight && count > 0 && count <= Math.min(feature.length, missing.length))) {
    throw new ShapeMismatch(
      "frontier-distance",
      `two scores a place, 1 to ${most} points of two numbers, and a scale of 0 or more`,
      `${feature.length} and ${missing.length} scores of ${count} places, ${frontier.length} numbers, ${scale}`,
    );
  }
  using lowest = gpu.buffer("f32", 1);
  const distance = gpu.buffer("f32", count), constants = { BLOCK };
  origin.dispatch(gpu, { buffers: { frontier, distance: lowest }, sizes: { vertices }, constants, threads: 1 });
  kernel.dispatch(gpu, {
    buffers: { feature, missing, frontier, lowest, distance },
    sizes: { count, vertices, scale },
    constants,
    threads: Math.ceil(count / 4),
  });
  return distance;
}
