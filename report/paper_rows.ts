/** A method's lines in a table of the paper: what was measured, what was published, and how far apart they are. @module */
import type { TableCell, TableTestSet } from "../evaluation/mod.ts";
import { ABSENT, percent, signedPercent } from "./figures.ts";
import type { CellOf, FigureColumn, PaperLine, PaperRow, TableMethod } from "./paper_model.ts";
import { type MarkOf, OTHER_SCANS, referenceOf, type References, TUNED } from "./paper_notes.ts";

/** What the rows of a block have in common. */
export interface BlockFacts {
  readonly cellOf: CellOf;
  readonly marks: MarkOf;
  /** Most categories that a mean of the block is over. */
  readonly most: number;
  /** Filled with the sources that the rows name. */
  readonly references: References;
  readonly testSet: TableTestSet;
}

/** The rows of a block; a figure that is not there is a dash. */
export function paperRows(
  methods: readonly TableMethod[],
  columns: readonly FigureColumn[],
  facts: BlockFacts,
): readonly PaperRow[] {
  const cells = methods.map((method) => columns.map((column) => facts.cellOf(method, column)));
  const highest = columns.map((_, c) => highestOf(cells.map((row) => row[c]).filter((cell) => isWhole(cell, facts))));
  return methods.map((method, r) => ({
    lines: [
      {
        kind: "measured",
        label: method.label + (cells[r].some((cell) => cell?.tunedByLabels) ? ` ${TUNED}` : ""),
        texts: cells[r].map((cell) => percent(cell?.value)),
        marks: cells[r].map((cell, c) => {
          const mark = r === 0 || !cell ? "" : facts.marks(methods[r - 1], method, columns[c]);
          return mark + (isWhole(cell, facts) ? "" : ` (${cell?.categories})`);
        }),
        best: cells[r].map((cell, c) =>
          methods.length > 1 && isWhole(cell, facts) && percent(cell?.value) === highest[c]
        ),
        hints: cells[r].map(hintOf),
      },
      ...publishedLines(cells[r], facts),
    ],
  }));
}

/** Whether a mean is over as many categories as the block has. */
const isWhole = (cell: TableCell | undefined, { most }: BlockFacts) => (cell?.categories ?? most) === most;

/** The highest figure as it is shown, so that two that look the same are both the best; undefined without any. */
function highestOf(cells: readonly (TableCell | undefined)[]): string | undefined {
  const values = cells.flatMap((cell) => cell?.value ?? []);
  return values.length === 0 ? undefined : percent(Math.max(...values));
}

function hintOf(cell: TableCell | undefined): string {
  if (!cell) return "";
  const { interval, scans: { good, defective } } = cell;
  const range = interval ? `95 %: ${percent(interval[0])}…${percent(interval[1])}; ` : "";
  return `${range}${good} good, ${defective} defective scans`;
}

function publishedLines(cells: readonly (TableCell | undefined)[], { references, testSet }: BlockFacts): PaperLine[] {
  const published = cells.map((cell) => cell?.published);
  const there = published.filter((figure) => figure !== undefined);
  if (there.length === 0) return [];
  const numbers = new Set(there.map((figure) => referenceOf(figure, references)));
  const other = there.some((figure) => figure.testSet !== testSet) ? ` ${OTHER_SCANS}` : "";
  const blank = cells.map(() => ""), nothing = { marks: blank, best: cells.map(() => false), hints: blank };
  return [
    {
      kind: "published",
      label: `published [${[...numbers].join(", ")}]${other}`,
      texts: published.map((figure) => percent(figure?.value)),
      ...nothing,
    },
    {
      kind: "difference",
      label: "difference",
      texts: cells.map((cell) => cell?.difference === undefined ? ABSENT : signedPercent(cell.difference)),
      ...nothing,
    },
  ];
}

/** Good and defective scans of a column, `17+68`: the most that a row has, as a row may lack refused scans. */
export function scansOf(methods: readonly TableMethod[], column: FigureColumn, cellOf: CellOf): string {
  const scans = methods.flatMap((method) => cellOf(method, column)?.scans ?? []);
  if (scans.length === 0) return ABSENT;
  const most = (kind: "good" | "defective") => Math.max(...scans.map((counts) => counts[kind]));
  return `${most("good")}+${most("defective")}`;
}
