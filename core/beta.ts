/**
 * The Beta distribution in float64: its distribution function and quantiles. @module
 *
 * The regularised incomplete beta function by its continued fraction, evaluated by Lentz's method (Press et al., "Numerical Recipes",
 * 3rd ed., section 6.4); quantiles by bisection.
 */

/** Lanczos' approximation of ln Γ, g = 7, nine terms (Godfrey's coefficients): relative error about 1e-15 for x ≥ ½. */
const LANCZOS = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];
const LEAST = 1e-300; // stands for a zero denominator in Lentz's method
const MOST_TERMS = 10_000; // terms grow as √max(a, b): enough for a and b far beyond a million

function lnGamma(x: number): number {
  const t = x + 6.5; // x − 1 + g + ½
  let sum = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (x - 1 + i);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The continued fraction of I_x(a, b); it converges fast for x < (a + 1) / (a + b + 2). */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number) => Math.abs(value) < LEAST ? LEAST : value;
  let c = 1, d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let factor = 1;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      factor = c * d;
      fraction *= factor;
    }
    if (Math.abs(factor - 1) < 2 ** -52) break;
  }
  return fraction;
}

/** P(X ≤ x) for X ~ Beta(a, b), a and b at least ½: the regularised incomplete beta function I_x(a, b). */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/** The x with P(X ≤ x) = p for X ~ Beta(a, b), a and b at least ½, as exact as {@linkcode betaCdf}; 0 and 1 at the ends of p. */
export function betaInverse(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let low = 0, high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle; // neighbours in float64: at most some 1,100 halvings
    if (betaCdf(middle, a, b) < p) low = middle;
    else high = middle;
  }
}
