/** What a kernel's self-test is, and how numbers are judged. @module */
import type { Gpu, Rows } from "../../kernels/mod.ts";

/** How far a kernel's numbers are from float64's. */
export interface Verdict {
  readonly ok: boolean;
  /** The largest deviation; for results that must be exact, how many differ. */
  readonly worst: number;
  /** The largest deviation that rounding explains. */
  readonly bound: number;
}

/** A small computation whose result is known. */
export interface KernelSelfTest {
  /** The function's name in `kernels/mod.ts`. */
  readonly kernel: string;
  run(gpu: Gpu): Promise<Verdict>;
}

/** The largest |got − want| against a bound; a NaN or a missing value is infinitely far. */
export function within(got: ArrayLike<number>, want: ArrayLike<number>, bound: number): Verdict {
  let worst = got.length === want.length ? 0 : Infinity;
  for (let i = 0; i < want.length; i++) {
    const off = Math.abs(got[i] - want[i]);
    worst = off >= 0 ? Math.max(worst, off) : Infinity;
  }
  return { ok: worst <= bound, worst, bound };
}

/** How many values differ, where none may. */
export function equal(got: ArrayLike<number>, want: ArrayLike<number>): Verdict {
  let worst = Math.abs(got.length - want.length);
  for (let i = 0; i < want.length; i++) if (got[i] !== want[i]) worst++;
  return { ok: worst === 0, worst, bound: 0 };
}

/** The verdict that counts among several: one that fails, otherwise the one nearest to its bound. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const strain = ({ ok, worst, bound }: Verdict) => !ok ? Infinity : bound > 0 ? worst / bound : 0;
  return verdicts.reduce((a, b) =>
    strain(b) > strain(a) || (strain(b) === strain(a) && b.bound > a.bound && b.ok) ? b : a
  );
}

/** Half a unit in float32's last place, for a number near 1. */
export const ROUNDING = 2 ** -24;

/** Relative error that WGSL allows a square root: 2 and 2.5 units in the last place, and one rounding. */
export const ROOT = 10 * ROUNDING;

/** The values of rows, without padding. Reads back. */
export async function readRows(gpu: Gpu, { values, count, columns, stride }: Rows): Promise<Float32Array> {
  const padded = await gpu.read(values, count * stride), rows = new Float32Array(count * columns);
  for (let i = 0; i < count; i++) rows.set(padded.subarray(i * stride, i * stride + columns), i * columns);
  return rows;
}
