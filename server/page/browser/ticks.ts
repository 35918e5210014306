/** Round numbers on an axis. @module */

/** Up to six round numbers from 0 to at most `top`, which is above 0: steps of 1, 2 or 5 times a power of ten. */
export function ticksUpTo(top: number): readonly number[] {
  const rough = top / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}
