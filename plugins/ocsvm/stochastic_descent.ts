/**
 * The straight one-class SVM as the published procedure fits it: scikit-learn's `SGDOneClassSVM`, step by step. @module
 *
 * It stops far from the optimum, and where it stops depends on the scale of the pairs and on their order: for comparison with published
 * figures, not for use. Source: scikit-learn 1.2, `linear_model/_sgd_fast.pyx`, learning rate "optimal", tol 1e-3, 1000 epochs at most,
 * `n_iter_no_change` 5, random_state 42.
 */
import type { LinearBoundary } from "./boundary.ts";

/** The seed that random_state 42 draws; every epoch starts from it again. */
const SEED = 1608637542;

const MOST_EPOCHS = 1000, TOLERANCE = 1e-3, PATIENCE = 5;

/** Puts an epoch's order of visits in the place of the one before, whose shuffle it goes on from: Fisher and Yates with xorshift32. */
export function shuffleEpoch(order: Uint32Array): void {
  let state = SEED;
  for (let i = 0; i < order.length - 1; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const j = i + (state & 0x7fffffff) % (order.length - i), kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

/** The line that descent ends at, for `pairs` of n × 2 and `nu` in (0, 1]: its `w` is `coef_`, its `rho` is `offset_`. */
export function stochasticDescent(pairs: Float64Array, nu: number): LinearBoundary {
  const count = pairs.length / 2, order = Uint32Array.from({ length: count }, (_, i) => i);
  const alpha = nu / 2, typicalWeight = alpha ** -0.25, start = 1 / (typicalWeight * alpha);
  let x = 0, y = 0, intercept = 1, visits = 1, epochs = 0, best = Infinity, stale = 0;
  while (epochs < MOST_EPOCHS && stale < PATIENCE) {
    shuffleEpoch(order);
    let loss = 0;
    for (const at of order) {
      const s1 = pairs[2 * at], s2 = pairs[2 * at + 1], score = x * s1 + y * s2 + intercept;
      const rate = 1 / (alpha * (start + visits - 1)), shrink = Math.max(0, 1 - rate * alpha);
      x *= shrink;
      y *= shrink;
      if (score <= 1) {
        loss += 1 - score;
        x += rate * s1;
        y += rate * s2;
        intercept += rate;
      }
      intercept -= 2 * rate * alpha;
      visits++;
    }
    epochs++;
    stale = loss > best - TOLERANCE * count ? stale + 1 : 0;
    best = Math.min(best, loss);
  }
  return { w: [x, y], rho: 1 - intercept, epochs };
}
