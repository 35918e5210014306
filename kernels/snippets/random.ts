/**
 * Random numbers in kernels: the counter-based hash of `core/random.ts`, integer for integer. @module
 *
 * Source: `pcg4d` of Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
 */

/** `pcg4d(v)`: four integers to four well-mixed ones; `uniformOf(bits)`: of 32 random bits, uniform in [0, 1), 24 bits. */
export const randomSnippet = /* wgsl */ `
fn pcg4d(seed: vec4u) -> vec4u {
  var v = seed * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

fn uniformOf(bits: u32) -> f32 { return f32(bits >> 8u) * 0x1p-24f; }
`;
