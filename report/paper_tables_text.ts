/** The tables document for the terminal. @module */
import type { Sweep, TablesDocument } from "../evaluation/mod.ts";
import { counted, percent, significant } from "./figures.ts";
import type { PaperBlock, PaperLine, PaperTable } from "./paper_model.ts";
import { paperTables } from "./paper_tables.ts";
import { chosenPoint, quantileText, sweepTitle } from "./sweep_chart.ts";
import { type Cell, type Column, printable, textTable } from "./text_table.ts";

const WIDTH = 120, BETWEEN = 2;

/**
 * The paper's tables, then the sweeps, then what is missing or was refused; no line of figures is wider than 120 columns, so that a
 * block may stand in two parts, one below the other.
 */
export function tablesText(document: TablesDocument): string {
  const ends = [
    ...(document.missing.length > 0 ? [printable(`not in the data: ${document.missing.join(", ")}`)] : []),
    ...(document.refused.length > 0 ? [`refused: ${counted(document.refused.length, "input")}`] : []),
    ...document.refused.map(({ input, error }) => printable(`${input}: ${error.message} [${error.code}]`)),
  ];
  return [
    ...paperTables(document).map(tableText),
    ...document.sweeps.map(sweepText),
    ...(ends.length > 0 ? [ends.join("\n")] : []),
  ].join("\n\n");
}

function tableText({ title, columns, blocks, notes }: PaperTable): string {
  const lines = notes.flatMap((note) => wrapped(printable(note)));
  return [printable(title), ...blocks.map((block) => blockText(block, columns)), lines.join("\n")].filter((part) =>
    part !== ""
  )
    .join("\n\n");
}

/** A sentence in lines that fit, further ones set in. */
function wrapped(sentence: string): string[] {
  const lines: string[] = [];
  for (const word of sentence.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines;
}

function blockText({ title, scans, rows }: PaperBlock, heads: readonly string[]): string {
  const lines = rows.flatMap((row) => row.lines);
  const labels = ["test scans", ...lines.map(({ kind, label }) => kind === "measured" ? label : `  ${label}`)];
  const figures = heads.map((_, c) => [scans[c], ...alignedTexts(lines, c)]);
  const widthOf = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  const parts = partsOf(
    heads.map((head, c) => Math.max(head.length, widthOf(figures[c]))),
    WIDTH - widthOf(labels),
  );
  const tables = parts.map((part) => {
    const columns: Column[] = [
      { head: "", align: "left" },
      ...part.map((c): Column => ({ head: heads[c], align: "right" })),
    ];
    return textTable(columns, labels.map((label, l): Cell[] => [label, ...part.map((c) => figures[c][l])].map(plain)));
  });
  return [title, tables.join("\n\n")].join("\n");
}

const plain = (text: string): Cell => ({ text });

/** A column's figures with their marks, digits of one place below each other. */
function alignedTexts(lines: readonly PaperLine[], column: number): string[] {
  const widest = Math.max(0, ...lines.map(({ marks }) => marks[column].length));
  return lines.map(({ texts, marks }) => texts[column] + marks[column].padEnd(widest));
}

/** Columns in as few parts as fit beside the labels, the parts as even as can be. */
function partsOf(widths: readonly number[], room: number): number[][] {
  for (let count = 1; count < widths.length; count++) {
    const each = Math.ceil(widths.length / count);
    const parts = Array.from(
      { length: count },
      (_, p) => widths.map((_, c) => c).slice(p * each, (p + 1) * each),
    ).filter((part) => part.length > 0);
    if (parts.every((part) => part.reduce((sum, c) => sum + BETWEEN + widths[c], 0) <= room)) return parts;
  }
  return widths.map((_, c) => [c]);
}

function sweepText(sweep: Sweep): string {
  const chosen = chosenPoint(sweep);
  const rows = sweep.points.map((point) =>
    [
      significant(point.k),
      quantileText(point.q),
      percent(point.auPro),
      percent(point.auProStrict),
      point === chosen ? "k in use" : "",
    ].map(plain)
  );
  const heads = ["k", "q", "AU-PRO@0.3", "@0.05"].map((head): Column => ({ head, align: "right" }));
  return `${printable(sweepTitle(sweep))}\n${textTable([...heads, { head: "", align: "left" }], rows)}`;
}
