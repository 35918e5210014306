/** WGSL: arc cosine and the cosines of a third of it, to float32. Drivers' own are allowed 1e-4. @module */

/**
 * `acosExact(x)` for x in [−1, 1], absolute error below 3e-7: Abramowitz and Stegun 4.4.46, √(1 − x) times a polynomial of degree 7.
 * `cosineExact(x)`, `sineExact(x)` for x in [0, π/3], absolute error below 2e-7: Taylor series up to x¹⁰ and x¹¹, whose rest is 4e-9.
 */
export const acosSnippet = /* wgsl */ `
fn acosExact(x: f32) -> f32 {
  let a = min(abs(x), 1.0);
  var p = -0.0012624911;
  p = p * a + 0.0066700901;
  p = p * a - 0.0170881256;
  p = p * a + 0.0308918810;
  p = p * a - 0.0501743046;
  p = p * a + 0.0889789874;
  p = p * a - 0.2145988016;
  p = p * a + 1.5707963050;
  let angle = sqrt(1.0 - a) * p;
  return select(angle, 3.14159265358979 - angle, x < 0.0);
}
fn cosineExact(x: f32) -> f32 {
  let s = x * x;
  return 1.0 + s * (-0.5 + s * (1.0 / 24.0 + s * (-1.0 / 720.0 + s * (1.0 / 40320.0 - s / 3628800.0))));
}
fn sineExact(x: f32) -> f32 {
  let s = x * x;
  return x * (1.0 + s * (-1.0 / 6.0 + s * (1.0 / 120.0 + s * (-1.0 / 5040.0 + s * (1.0 / 362880.0 - s / 39916800.0)))));
}
`;
