/** Smooth random functions: of a direction (outlines) and of a place (surfaces). @module */
import type { RandomStream } from "../../../core/mod.ts";

/** Uniform in [low, high). */
export const between = (stream: RandomStream, low: number, high: number): number =>
  low + (high - low) * stream.uniform();

/** Log-uniform in [low, high). */
export const logBetween = (stream: RandomStream, low: number, high: number): number =>
  low * (high / low) ** stream.uniform();

/** Entries of an outline's table; between them it is linear. */
const DIRECTIONS = 1024;

/**
 * A random closed curve's relative deviation, of the direction in radians: Σ a_k cos(kφ + p_k) for k from `first` to `last`, a_k
 * normal with standard deviation `spread / k`.
 */
export function closedCurve(
  stream: RandomStream,
  { first, last, spread }: { first: number; last: number; spread: number },
): (direction: number) => number {
  const table = new Float64Array(DIRECTIONS + 1);
  for (let k = first; k <= last; k++) {
    const amplitude = stream.normal() * spread / k, phase = 2 * Math.PI * stream.uniform();
    for (let i = 0; i <= DIRECTIONS; i++) table[i] += amplitude * Math.cos(2 * Math.PI * k * i / DIRECTIONS + phase);
  }
  return (direction) => {
    const turns = direction / (2 * Math.PI);
    const at = (turns - Math.floor(turns)) * DIRECTIONS;
    const i = Math.min(DIRECTIONS - 1, Math.floor(at));
    return table[i] + (at - i) * (table[i + 1] - table[i]);
  };
}

/**
 * A random function of x, y (metres) around zero that changes over `spacing` metres: uniform cubic B-splines over normal
 * coefficients, twice continuously differentiable. Defined for |x|, |y| ≤ `reach`, constant beyond.
 * `spread` is its standard deviation at a node, in the unit of the result.
 */
export function smoothField(
  stream: RandomStream,
  { spacing, spread, reach }: { spacing: number; spread: number; reach: number },
): (x: number, y: number) => number {
  const nodes = Math.ceil(2 * reach / spacing) + 4;
  // A B-spline averages its coefficients: Σ of its squared weights at a node is 1/2 along one axis, so 1/4 in all.
  const values = Float64Array.from({ length: nodes * nodes }, () => stream.normal() * spread * 2);
  return (x, y) => {
    const u = Math.min(Math.max((x + reach) / spacing, 0), nodes - 4.001);
    const v = Math.min(Math.max((y + reach) / spacing, 0), nodes - 4.001);
    const i = Math.floor(u), j = Math.floor(v), s = u - i, t = v - j;
    const a0 = (1 - s) ** 3 / 6, a3 = s ** 3 / 6, a1 = (3 * s ** 3 - 6 * s ** 2 + 4) / 6, a2 = 1 - a0 - a1 - a3;
    const b0 = (1 - t) ** 3 / 6, b3 = t ** 3 / 6, b1 = (3 * t ** 3 - 6 * t ** 2 + 4) / 6, b2 = 1 - b0 - b1 - b3;
    const row = (k: number) => a0 * values[k] + a1 * values[k + 1] + a2 * values[k + 2] + a3 * values[k + 3];
    const k = j * nodes + i;
    return b0 * row(k) + b1 * row(k + nodes) + b2 * row(k + 2 * nodes) + b3 * row(k + 3 * nodes);
  };
}

/** A round hill of height 1 at squared distance 0 and 0 from `radius` on: (1 − r²/R²)², the Gaussian of σ = R/2 to second order. */
export function hill(squaredDistance: number, radius: number): number {
  const rest = 1 - squaredDistance / (radius * radius);
  return rest > 0 ? rest * rest : 0;
}
