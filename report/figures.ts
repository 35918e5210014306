/** Numbers as people read them, the same in tables and in the report. @module */

/** What stands where there is no number. */
export const ABSENT = "–";

/** Three digits that count, such as a score: `0.0123`, `4.56`, `789`. */
export function significant(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return ABSENT;
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6)) return value.toExponential(2);
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(digits);
}

/** A share as percent with one decimal, `92.4`, without the sign: table heads have it. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined || Number.isNaN(share) ? ABSENT : (100 * share).toFixed(1);
}

/** A difference of shares in percent with its sign, `+1.2`; what rounds to nothing is `0.0`. */
export function signedPercent(share: number): string {
  const rounded = Math.round(1000 * share) / 10 || 0; // no −0.0
  return `${rounded > 0 ? "+" : ""}${rounded.toFixed(1)}`;
}

/** Square millimetres, `0.42`, `12.3` or `1234`. */
export function area(mm2: number): string {
  return mm2.toFixed(mm2 < 10 ? 2 : mm2 < 100 ? 1 : 0);
}

/** Seconds, `0.42`, `12.3` or `1234`. */
export function seconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** A place in the camera's frame in millimetres, `12.3, −4.0, 421.7`. */
export function place(mm: readonly number[]): string {
  return mm.map((value) => value.toFixed(1)).join(", ");
}

/** A count with its noun, `1 scan`, `3 scans`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
