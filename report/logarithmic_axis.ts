/** An axis on which equal ratios have equal lengths. @module */

/** Most labels of an axis. */
const MOST = 10;

/** Round values between two that are above 0, ascending: 1, 2 and 5 of each decade, or fewer where those are too many. */
export function logarithmicTicks(low: number, high: number): readonly number[] {
  const first = Math.floor(Math.log10(low)), decades = Math.ceil(Math.log10(high)) - first + 1;
  const within = (digits: readonly number[], every: number) =>
    Array.from({ length: Math.ceil(decades / every) }, (_, i) => first + every * i)
      .flatMap((exponent) => digits.map((digit) => Number(`${digit}e${exponent}`)))
      .filter((tick) => tick >= low && tick <= high);
  const fine = within([1, 2, 5], 1);
  return fine.length <= MOST ? fine : within([1], Math.ceil(decades / MOST));
}
