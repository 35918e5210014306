/** Sums over the pairs of one step of affine ICP: of surface points, and of outline points. @module */
import { defineKernel } from "./runtime/mod.ts";

/**
 * Floats of a partial sum. Of vector e = 0 … 19 the first three floats are, for e even, the squares xx, yy, zz of n and, for e odd, its
 * products xy, xz, yz, times product e/2 of (y/extent, 1): xx, yy, zz, xy, xz, yz, x, y, z, 1. The fourth floats are r n_x (y/extent, 1),
 * r n_y (y/extent, 1), r n_z (y/extent, 1), the sum of the weights, and how many are above 0.
 */
export const FLOATS = 80;

/** WGSL: the sums of one invocation, and how they are stored. */
const sumsSnippet = /* wgsl */ `
const NONE: u32 = 0xffffffffu;
var<private> squares: array<vec3f, 10>;
var<private> products: array<vec3f, 10>;
var<private> right: array<vec3f, 4>; // r n times ŷ
var<private> weight: f32;
var<private> count: f32;

fn add(e: u32, square: vec3f, product: vec3f, factor: f32) {
  squares[e] += factor * square;
  products[e] += factor * product;
}

fn tukey(square: f32) -> f32 {
  let root = max(1.0 - square / (sizes.radius * sizes.radius), 0.0);
  return root * root;
}

fn addPair(place: vec3f, n: vec3f, r: f32, w: f32) {
  let y = place / sizes.extent;
  let square = w * n * n;
  let product = w * n.xxy * n.yzz;
  add(0u, square, product, y.x * y.x);
  add(1u, square, product, y.y * y.y);
  add(2u, square, product, y.z * y.z);
  add(3u, square, product, y.x * y.y);
  add(4u, square, product, y.x * y.z);
  add(5u, square, product, y.y * y.z);
  add(6u, square, product, y.x);
  add(7u, square, product, y.y);
  add(8u, square, product, y.z);
  add(9u, square, product, 1.0);
  let pull = w * r * n;
  right[0] += y.x * pull;
  right[1] += y.y * pull;
  right[2] += y.z * pull;
  right[3] += pull;
  weight += w;
  count += select(0.0, 1.0, w > 0.0);
}

fn store(run: u32) {
  // the fourth floats: the right side, row by row, the weight, and how many weights are above 0
  partials[run] = vec4f(squares[0], right[0].x);
  partials[run + 1u] = vec4f(products[0], right[1].x);
  partials[run + 2u] = vec4f(squares[1], right[2].x);
  partials[run + 3u] = vec4f(products[1], right[3].x);
  partials[run + 4u] = vec4f(squares[2], right[0].y);
  partials[run + 5u] = vec4f(products[2], right[1].y);
  partials[run + 6u] = vec4f(squares[3], right[2].y);
  partials[run + 7u] = vec4f(products[3], right[3].y);
  partials[run + 8u] = vec4f(squares[4], right[0].z);
  partials[run + 9u] = vec4f(products[4], right[1].z);
  partials[run + 10u] = vec4f(squares[5], right[2].z);
  partials[run + 11u] = vec4f(products[5], right[3].z);
  partials[run + 12u] = vec4f(squares[6], weight);
  partials[run + 13u] = vec4f(products[6], count);
  partials[run + 14u] = vec4f(squares[7], 0.0);
  partials[run + 15u] = vec4f(products[7], 0.0);
  partials[run + 16u] = vec4f(squares[8], 0.0);
  partials[run + 17u] = vec4f(products[8], 0.0);
  partials[run + 18u] = vec4f(squares[9], 0.0);
  partials[run + 19u] = vec4f(products[9], 0.0);
}
`;

const bindings = {
  source: "read vec4f",
  transforms: "read vec4f",
  points: "read vec4f",
  normals: "read vec4f",
  indices: "read u32",
  partials: "read_write vec4f",
} as const;

/** The run of invocation i of a cloud lies at `first` + i of the cloud's `runs`. */
const sizes = {
  used: "u32",
  step: "u32",
  targets: "u32",
  own: "u32",
  first: "u32",
  runs: "u32",
  radius: "f32",
  extent: "f32",
} as const;

/** Σ over pairs of surface points. */
export const surfaceSums = defineKernel({
  name: "affine-icp-surface",
  workgroup: { gpu: 64, software: 8 },
  snippets: [sumsSnippet],
  bindings,
  sizes,
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.own) { return; }
      let cloud = thread.y;
      let x = transforms[4u * cloud];
      let y = transforms[4u * cloud + 1u];
      let z = transforms[4u * cloud + 2u];
      // neighbouring invocations take neighbouring points
      for (var i = thread.x; i < sizes.used; i += sizes.own) {
        let at = indices[i * sizes.targets + cloud];
        if (at == NONE) { continue; }
        let p = vec4f(source[i * sizes.step].xyz, 1.0);
        let place = vec3f(dot(x, p), dot(y, p), dot(z, p));
        let away = place - points[at].xyz;
        let n = normals[at].xyz;
        addPair(place, n, dot(away, n), tukey(dot(away, away)));
      }
      store((cloud * sizes.runs + sizes.first + thread.x) * 20u);
    }`,
});

/** Σ over pairs of outline points whose directions agree. */
export const outlineSums = defineKernel({
  name: "affine-icp-outline",
  workgroup: { gpu: 64, software: 8 },
  snippets: [sumsSnippet],
  bindings: { ...bindings, directions: "read vec4f" },
  sizes: { ...sizes, agreement: "f32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.own) { return; }
      let cloud = thread.y;
      let x = transforms[4u * cloud];
      let y = transforms[4u * cloud + 1u];
      let z = transforms[4u * cloud + 2u];
      for (var i = thread.x; i < sizes.used; i += sizes.own) {
        let at = indices[i * sizes.targets + cloud];
        if (at == NONE) { continue; }
        let outward = directions[i * sizes.step].xyz;
        let turned = vec2f(dot(x.xyz, outward), dot(y.xyz, outward));
        let e = normals[at].xy;
        if (!(dot(turned, e) > sizes.agreement * length(turned))) { continue; }
        let p = vec4f(source[i * sizes.step].xyz, 1.0);
        let place = vec3f(dot(x, p), dot(y, p), dot(z, p));
        let away = place.xy - points[at].xy;
        addPair(place, vec3f(e, 0.0), dot(away, e), tukey(dot(away, away)));
      }
      store((cloud * sizes.runs + sizes.first + thread.x) * 20u);
    }`,
});
