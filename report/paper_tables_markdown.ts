/** The tables document in Markdown, for pages of results. @module */
import type { Sweep, TablesDocument } from "../evaluation/mod.ts";
import { table } from "./evaluate_markdown.ts";
import { percent, significant } from "./figures.ts";
import type { PaperBlock, PaperLine, PaperTable } from "./paper_model.ts";
import { paperTables } from "./paper_tables.ts";
import { chosenPoint, quantileText, sweepTitle } from "./sweep_chart.ts";
import { printable } from "./text_table.ts";

/** The paper's tables, the highest figure of each column in bold, then the sweeps, then what is missing or was refused. */
export function tablesMarkdown(document: TablesDocument): string {
  const ends = [
    ...(document.missing.length > 0 ? [`Not in the data: ${document.missing.join(", ")}.`] : []),
    ...document.refused.map(({ input, error }) => `Refused ${input}: ${error.message} [${error.code}].`),
  ];
  return [
    ...paperTables(document).flatMap(tableParts),
    ...document.sweeps.flatMap(sweepParts),
    ...(ends.length > 0 ? [list(ends)] : []),
  ].join("\n\n") + "\n";
}

const tableParts = ({ title, columns, blocks, notes }: PaperTable): readonly string[] => [
  `### ${plain(title)}`,
  ...blocks.flatMap((block) => blockParts(block, columns)),
  ...(notes.length > 0 ? [list(notes)] : []),
];

const blockParts = ({ title, scans, rows }: PaperBlock, columns: readonly string[]): readonly string[] => [
  `${title[0].toUpperCase()}${plain(title.slice(1))}:`,
  table(["", ...columns], [["test scans", ...scans], ...rows.flatMap((row) => row.lines.map(cellsOf))]),
];

function cellsOf({ kind, label, texts, marks, best }: PaperLine): readonly string[] {
  const figures = texts.map((text, c) => (best[c] ? `**${text}**` : text) + marks[c]);
  return [kind === "measured" ? label : `– ${label}`, ...figures];
}

const sweepParts = (sweep: Sweep): readonly string[] => {
  const chosen = chosenPoint(sweep);
  const rows = sweep.points.map((point) => [
    significant(point.k) + (point === chosen ? " (in use)" : ""),
    quantileText(point.q),
    percent(point.auPro),
    percent(point.auProStrict),
  ]);
  return [`### ${plain(sweepTitle(sweep))}`, table(["k", "q", "AU-PRO@0.3", "@0.05"], rows)];
};

const list = (sentences: readonly string[]) => sentences.map((sentence) => `- ${plain(sentence)}`).join("\n");

/** Words that neither steer a terminal nor become mark-up. */
const plain = (words: string) => printable(words).replace(/[\\`*_<]/g, "\\$&");
