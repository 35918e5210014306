/** The boundary of normal pairs in the plane, by the kernel that was asked for, and the score of a place by it. @module */
import type { LinearBoundary } from "./boundary.ts";
import { boundaryLines } from "./contour.ts";
import { OriginInside } from "./errors.ts";
import { minimumNormBoundary } from "./minimum_norm.ts";
import { frontierOf, linearDistance, monotoneDistance } from "./monotone_distance.ts";
import type { OcsvmOptions } from "./options.ts";
import { nearestQuantile } from "./scale.ts";
import { gammaScale, type KernelBoundary, solveOneClass } from "./smo.ts";
import { stochasticDescent } from "./stochastic_descent.ts";
import type { PlaneScore } from "./judge_scale.ts";

/** What divides normal pairs from others. */
export type Boundary =
  | {
    /** w · x = ρ, no component of w below 0. */
    readonly line: LinearBoundary;
    /** Whether the branches count alike, as the pairs gave one of them no weight. */
    readonly even: boolean;
  }
  | {
    /** `n × 2`, rising x: what lies left of and below one of these corners is normal. */
    readonly frontier: Float64Array;
    /** The lines on which the kernel's decision is 0, each `n × 2`. */
    readonly lines: readonly Float64Array[];
    /** What was solved. */
    readonly curve: KernelBoundary;
  };

/** Weights below this share of the other are none: that branch would not be heard. */
const LEAST_WEIGHT = 1e-12;

/** What breaks ties of the monotone distance: it is flat where one branch is far from the boundary and the other decides. */
export const TIE_SHARE = 1e-3;

/** The boundary of `n × 2` pairs, n at least 1; `tolerance` is of a curve's optimality conditions. */
export function fitBoundary(pairs: Float64Array, { kernel, nu, gamma }: OcsvmOptions, tolerance: number): Boundary {
  if (kernel === "rbf") {
    const curve = solveOneClass(pairs, nu, gamma === "scale" ? gammaScale(pairs) : gamma, { tolerance });
    const lines = boundaryLines(curve);
    return { frontier: frontierOf(lines), lines, curve };
  }
  const { w, rho } = lineOf(pairs, kernel, nu), [w1, w2] = w.map((weight) => Math.max(0, weight));
  if (!(Math.min(w1, w2) > LEAST_WEIGHT * Math.max(w1, w2))) return evenLine(pairs, nu);
  return { line: { w: [w1, w2], rho }, even: false };
}

function lineOf(pairs: Float64Array, kernel: "sgd" | "linear", nu: number): LinearBoundary {
  if (kernel === "sgd") return stochasticDescent(pairs, nu);
  try {
    return minimumNormBoundary(pairs, nu);
  } catch (error) {
    // scores are not below 0, so the origin is no nearer than beyond all digits: a branch is all but silent
    if (error instanceof OriginInside) return { w: [0, 0], rho: 0 };
    throw error;
  }
}

/** How many feature scores a millimetre of the other branch counts, far from a curve or along a line. */
export function missingWeight(boundary: Boundary, k: number): number {
  if (!("line" in boundary)) return 1 / k;
  const { w: [w1, w2] } = boundary.line;
  return w2 / (w1 * k);
}

/** The line by which both branches count alike; below it lies a share ν of the pairs. */
export function evenLine(pairs: Float64Array, nu: number): Boundary {
  const w = Math.SQRT1_2;
  const along = Float64Array.from({ length: pairs.length / 2 }, (_, i) => w * (pairs[2 * i] + pairs[2 * i + 1])).sort();
  return { line: { w: [w, w], rho: along.length > 0 ? nearestQuantile(along, nu) : 0 }, even: true };
}

/**
 * The score of a place: its signed distance to the boundary, less that of a place where both branches are silent. It never falls where a
 * coordinate rises; of a curve a thousandth of x + y comes to it, so that places do not tie.
 */
export function scoreBy(boundary: Boundary): PlaneScore {
  if ("line" in boundary) {
    const { line } = boundary, least = linearDistance(line, 0, 0);
    return (x, y) => linearDistance(line, x, y) - least;
  }
  const { frontier } = boundary, least = monotoneDistance(frontier, 0, 0);
  return (x, y) => monotoneDistance(frontier, x, y) - least + TIE_SHARE * (x + y);
}
