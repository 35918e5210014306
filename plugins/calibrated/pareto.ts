/** Generalised Pareto tails by probability-weighted moments. @module */

/** Shape ξ and scale β: P(excess > x) = (1 + ξx/β)^(−1/ξ), exp(−x/β) where ξ is 0. */
interface ParetoTail {
  /** 0 to 0.5. */
  readonly shape: number;
  /** Above 0. */
  readonly scale: number;
}

/** Shapes below this are taken for 0. */
const LEAST_SHAPE = 0.01;

/**
 * The tail of excesses above a threshold, `excesses` rising and not all 0. Source: Hosking and Wallis, "Parameter and quantile estimation for
 * the generalized Pareto distribution", Technometrics 29 (1987): with a = mean and b = Σ (1 − F_i) x_i / n, ξ = 2 − a/(a − 2b),
 * β = 2ab/(a − 2b), F_i = (i − 0.35)/n. ξ is clipped to [0, 0.5], so that the tail never ends and keeps its variance bounded; β then keeps
 * the mean, β = a·(1 − ξ).
 */
export function fitPareto(excesses: Float64Array): ParetoTail {
  const n = excesses.length;
  let a = 0, b = 0;
  excesses.forEach((x, i) => {
    a += x / n;
    b += (1 - (i + 0.65) / n) * x / n;
  });
  const found = 2 - a / (a - 2 * b), clipped = Math.min(0.5, Math.max(0, found));
  const shape = clipped < LEAST_SHAPE || !Number.isFinite(found) ? 0 : clipped;
  return { shape, scale: a * (1 - shape) };
}
