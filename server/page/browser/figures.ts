/** Numbers and times as people read them. @module */

/** What stands where there is nothing. */
export const ABSENT = "–";

/** Three digits that count, `0.0123`, `4.56`, `789`. */
export function significant(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return ABSENT;
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6)) return value.toExponential(2);
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(digits);
}

/** Square millimetres with their unit, `0.42 mm²`. */
export const area = (mm2: number): string => `${mm2.toFixed(mm2 < 10 ? 2 : mm2 < 100 ? 1 : 0)} mm²`;

/** A place in the camera's frame, `12.3, −4.0, 421.7`. */
export const place = (mm: readonly number[]): string =>
  mm.map((value) => value.toFixed(1).replace("-", "−")).join(", ");

/** A count with its noun, `1 scan`, `3 scans`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** A share in percent, `1.5 %`; what is there and rounds to nothing is `under 0.1 %`. */
export function percent(share: number): string {
  return share > 0 && share < 0.0005 ? "under 0.1 %" : `${(100 * share).toFixed(1)} %`;
}

/** Bytes in MB, `0.4 MB`, `12 MB`. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** A moment in the reader's own time, `2026-03-01 14:05`. */
export function moment(iso: string): string {
  const date = new Date(iso), two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
