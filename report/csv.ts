/** Results as CSV, one line a scan. @module */
import { type DetectDocument, isFound } from "../core/mod.ts";

const COLUMNS = [
  "input",
  "score",
  "p_value",
  "threshold",
  "decision",
  "regions",
  "area_mm2",
  "seconds",
  "truth",
  "notes",
  "error",
] as const;

type Row = Partial<Record<typeof COLUMNS[number], string | number | null>>;

/**
 * RFC 4180 with LF and a decimal point, a header line first. Text that a spreadsheet would take for a formula gets a `'` before it.
 * A refused scan has its `error` and no numbers; what is unknown is empty.
 */
export function detectCsv({ scans }: DetectDocument): string {
  const rows = scans.map((scan): Row =>
    isFound(scan)
      ? {
        input: scan.input,
        score: scan.score,
        p_value: scan.pValue,
        threshold: scan.threshold,
        decision: scan.decision,
        regions: scan.regions.length,
        area_mm2: scan.regions.reduce((sum, { areaMm2 }) => sum + areaMm2, 0),
        seconds: scan.seconds,
        truth: scan.truth,
        notes: scan.notes.join("; "),
      }
      : { input: scan.input, error: `${scan.error.code}: ${scan.error.message}` }
  );
  return [COLUMNS.join(), ...rows.map((row) => COLUMNS.map((column) => field(row[column])).join())].join("\n") + "\n";
}

function field(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
