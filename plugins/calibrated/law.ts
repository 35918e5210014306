/** How likely a normal place is to score as much as it does, as evidence −ln p. @module */

/**
 * Tail probabilities p of a branch over normal places. Evidence is −ln p: 0 up to 0, then straight lines between knots, and beyond the last
 * one −ln of a generalised Pareto tail: it rises without end.
 */
export interface Law {
  /** Scores of the knots, rising; the last one is where the tail begins. */
  readonly scores: Float64Array;
  /** −ln p of the knots, never falling. */
  readonly evidence: Float64Array;
  /** Shape ξ of the tail, 0 to 0.5; 0 is an exponential one. */
  readonly shape: number;
  /** Scale β of the tail, in units of the score. */
  readonly scale: number;
}

/** Evidence of a score, in float64. */
export function evidenceBy({ scores, evidence, shape, scale }: Law): (score: number) => number {
  const last = scores.length - 1, start = scores[last], base = evidence[last];
  return (score) => {
    if (!(score > 0)) return 0;
    if (score > start) {
      const excess = (score - start) / scale;
      return base + (shape === 0 ? excess : Math.log1p(shape * excess) / shape);
    }
    let low = 0, high = last; // scores[low] < score ≤ scores[high]
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (scores[middle] < score) low = middle;
      else high = middle;
    }
    const rise = evidence[high] - evidence[low];
    return evidence[low] + rise * ((score - scores[low]) / (scores[high] - scores[low]));
  };
}
