/**
 * The factor k that brings the feature branch to the millimetres of the other: x = k · s1. @module
 *
 * Source: Liu et al., "Uni-3DAD" (2024), section 3.4, and its code: k(q) = Q_q(S2) / Q_q(S1) over the places where either branch speaks.
 */
import type { NormalPairs } from "./pairs.ts";

/** A value of k that may be used. */
export interface Scale {
  /** Above 0. */
  readonly k: number;
  /** The quantile whose ratio it is; absent where it comes of a millimetre's worth. */
  readonly q?: number;
}

/** The quantile that stands for a tail. */
const TAIL = 0.99;

/** A quantile up to this share of the branch's largest value is none: k would be infinite or 0. */
const LEAST_SHARE = 1e-12;

/** Values that are tried, of the quantile's ratio and of a millimetre's worth. */
const TRIED = 21;

/** The 21 quantiles that are tried, as numpy's `linspace` gives them. */
export function quantiles(grid: "upper" | "whole"): number[] {
  const first = grid === "upper" ? 0.9 : 0, last = TRIED - 1, step = (1 - first) / last;
  return Array.from({ length: TRIED }, (_, i) => i === last ? 1 : i * step + first);
}

/** The value of rank q · (n − 1), rounded half to even as torch and numpy do; `ascending` is not empty. */
export function nearestQuantile(ascending: Float32Array | Float64Array, q: number): number {
  const position = q * (ascending.length - 1), floor = Math.floor(position), over = position - floor;
  return ascending[over > 0.5 || (over === 0.5 && floor % 2 === 1) ? floor + 1 : floor];
}

/**
 * k for each of the quantiles where both branches have one; they have none without pairs, and at a quantile of 0, as a branch that is silent
 * on most normal places has it. Both arrays ascend.
 */
export function quantileScales(
  s1: Float32Array | Float64Array,
  s2: Float32Array | Float64Array,
  qs: readonly number[],
): Scale[] {
  if (s1.length === 0 || s2.length === 0) return [];
  return qs.flatMap((q) => {
    const [q1, q2] = [s1, s2].map((values) => {
      const value = nearestQuantile(values, q);
      return value > LEAST_SHARE * values[values.length - 1] ? value : 0;
    });
    return q1 > 0 && q2 > 0 ? [{ k: q2 / q1, q }] : [];
  });
}

/** k by which `unit` millimetres count as much as the mean of the largest feature scores of normal scans; 1 where they are all 0. */
export const unitScale = ({ peak }: Pick<NormalPairs, "peak">, unit: number): Scale => ({
  k: peak > 0 ? unit / peak : 1,
});

/** 21 values of k from 2^`first` times {@linkcode unitScale} on, each 2^`step` of the one before. */
export const unitScales = (pairs: Pick<NormalPairs, "peak">, unit: number, first: number, step: number): Scale[] =>
  Array.from({ length: TRIED }, (_, i) => ({ k: 2 ** (first + step * i) * unitScale(pairs, unit).k }));

/**
 * k without any defect: the ratio of the 99 % quantiles of both branches, each over the places where it speaks. A branch that is made to be
 * silent leaves that to a few false alarms, so `unit` millimetres count as much as the largest feature scores at most. Both arrays ascend.
 */
export function equalTailScale(
  s1: Float32Array,
  s2: Float32Array,
  pairs: Pick<NormalPairs, "peak">,
  unit: number,
): Scale {
  const [positive1, positive2] = [s1, s2].map((ascending) => ascending.filter((value) => value > 0));
  const [tails] = quantileScales(positive1, positive2, [TAIL]), least = unitScale(pairs, unit);
  return tails && tails.k > least.k ? tails : least;
}
