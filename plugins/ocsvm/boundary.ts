/** A straight boundary between normal and anomalous pairs. @module */

/** The line w·x = ρ of the plane (k·S1, S2). Normal pairs of a one-class SVM lie beyond it, seen from the origin. */
export interface LinearBoundary {
  /** Weights of x and y. */
  readonly w: readonly [number, number];
  /** Offset, in units of w·x. */
  readonly rho: number;
  /** Passes over the pairs, where it was found by descent. */
  readonly epochs?: number;
}
