/** Results as CSV, one line a scan. @module */
import { type DetectDocument, isFound, type ScanFound } from "../core/mod.ts";
import { totalArea } from "./summary.ts";

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

const BRANCH_COLUMNS = ["decided_by", "missing_regions", "missing_mm2"] as const;

type Row = Partial<Record<typeof COLUMNS[number] | typeof BRANCH_COLUMNS[number], string | number | null>>;

/**
 * RFC 4180 with LF and a decimal point, a header line first. Text that a spreadsheet would take for a formula gets a `'` before it.
 * A refused scan has its `error` and no numbers; what is unknown is empty. Where the method has two branches, three columns more tell
 * which one the map's highest place comes from, and how much is missing.
 */
export function detectCsv({ scans }: DetectDocument): string {
  const columns = scans.some((scan) => isFound(scan) && scan.decidedBy !== null)
    ? [...COLUMNS, ...BRANCH_COLUMNS]
    : COLUMNS;
  const rows = scans.map((scan): Row =>
    isFound(scan)
      ? {
        input: scan.input,
        score: scan.score,
        p_value: scan.pValue,
        threshold: scan.threshold,
        decision: scan.decision,
        regions: scan.regions.length,
        area_mm2: totalArea(scan.regions),
        seconds: scan.seconds,
        truth: scan.truth,
        notes: scan.notes.join("; "),
        decided_by: scan.decidedBy,
        missing_regions: missingOf(scan).length,
        missing_mm2: totalArea(missingOf(scan)),
      }
      : { input: scan.input, error: `${scan.error.code}: ${scan.error.message}` }
  );
  return [columns.join(), ...rows.map((row) => columns.map((column) => field(row[column])).join())].join("\n") + "\n";
}

const missingOf = ({ regions }: ScanFound) => regions.filter(({ branch }) => branch === "reconstruction");

/** One value of a line: whole numbers, the unknown empty, text that neither breaks out of its field nor becomes a formula. */
export function field(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
