/** The history as a table for other programs. @module */
import type { ResultRow } from "./schemas/result_schema.ts";

const columns: readonly (keyof ResultRow)[] = [
  "id",
  "created",
  "model",
  "fingerprint",
  "input",
  "decision",
  "score",
  "pValue",
  "threshold",
  "decidedBy",
  "areaMm2",
  "seconds",
  "job",
  "verdict",
  "note",
];

/** Lines that are sent together. */
const LINES = 500;

/** RFC 4180, the header first, some hundred lines at a time. */
export function* resultsCsv(rows: Iterable<ResultRow>): Iterable<string> {
  let lines = [columns.join(",")];
  for (const row of rows) {
    lines.push(columns.map((column) => fieldOf(row[column])).join(","));
    if (lines.length >= LINES) {
      yield `${lines.join("\r\n")}\r\n`;
      lines = [];
    }
  }
  if (lines.length > 0) yield `${lines.join("\r\n")}\r\n`;
}

/** A text that a spreadsheet would take for a formula gets an apostrophe in front, which keeps it a text. */
function fieldOf(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
