/** Aligned text for the terminal. @module */

/** A column of a table. */
export interface Column {
  readonly head: string;
  /** Numbers stand to the right, so that digits of one place are below each other. */
  readonly align: "left" | "right";
}

/** A cell; `paint` colours it after it has been padded, so that escape codes do not disturb the widths. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** Head, rule and rows, columns two blanks apart, without blanks at the ends of lines. */
export function textTable(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const widths = columns.map(({ head }, c) =>
    Math.max(head.length, ...rows.map((row) => printable(row[c].text).length))
  );
  const line = (cells: readonly Cell[]) =>
    cells.map(({ text, paint = (padded: string) => padded }, c) => {
      const shown = printable(text);
      const last = c === columns.length - 1;
      return paint(columns[c].align === "right" ? shown.padStart(widths[c]) : last ? shown : shown.padEnd(widths[c]));
    }).join("  ").trimEnd();
  return [
    line(columns.map(({ head }) => ({ text: head }))),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...rows.map(line),
  ].join("\n");
}

/** Text without control characters: a file's name must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
