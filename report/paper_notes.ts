/** Marks of the paper's tables and what they mean: sources, labels used, real differences. @module */
import {
  type AugmentedForm,
  type CellDifference,
  methodName,
  type PublishedFigure,
  type TableDataset,
  type TableTestSet,
} from "../evaluation/mod.ts";
import type { FigureColumn, PaperBlock, TableMethod } from "./paper_model.ts";

/** Stands by a method whose options were chosen by labels of defective scans. */
export const TUNED = "†";

/** Stands by published figures of another test set than the block's. */
export const OTHER_SCANS = "‡";

const HIGHER = "↑", LOWER = "↓", ALIKE = "≈";

/** How a figure compares with the one in the row above: `↑`, `↓`, `≈`, or nothing where they were not compared. */
export type MarkOf = (above: TableMethod, method: TableMethod, column: FigureColumn) => string;

/** The marks of a block. A difference is real where its 95 % interval leaves out 0. */
export function marksOf(
  differences: readonly CellDifference[],
  { dataset, testSet }: { readonly dataset: TableDataset; readonly testSet: TableTestSet },
): MarkOf {
  const found = new Map<string, string>();
  const key = (...parts: readonly string[]) => parts.join("\n");
  for (const { from, to, category, metric, interval: [low, high], ...block } of differences) {
    if (block.dataset !== dataset || block.testSet !== testSet) continue;
    found.set(key(from, to, category, metric), low > 0 ? HIGHER : high < 0 ? LOWER : ALIKE);
    found.set(key(to, from, category, metric), low > 0 ? LOWER : high < 0 ? HIGHER : ALIKE);
  }
  return (above, method, { category, metric }) =>
    found.get(key(methodName(above), methodName(method), category, metric)) ?? "";
}

/** Sources of a table in the order in which it names them, by what is told of each. */
export type References = Map<string, number>;

/** The number of a figure's source, a new one where it is named for the first time. */
export function referenceOf(
  { method, source, testSet, confidence, asPublished }: PublishedFigure,
  references: References,
): number {
  const own = asPublished === false ? "; ours has steps of its own" : "";
  const words = `${method}, ${testSet} test set: ${source} (${confidence})${own}`;
  const number = references.get(words) ?? references.size + 1;
  references.set(words, number);
  return number;
}

/** A sentence for each mark that a table has, what its incomplete scans were made of, then its sources. */
export function notesOf(
  blocks: readonly PaperBlock[],
  references: References,
  augmented: readonly AugmentedForm[] = [],
): readonly string[] {
  const lines = blocks.flatMap(({ rows }) => rows.flatMap((row) => row.lines));
  const marks = lines.flatMap((line) => line.marks), labels = lines.map(({ label }) => label);
  const has = (within: readonly string[], mark: string) => within.some((text) => text.includes(mark));
  const notes: string[] = [];
  if ([HIGHER, LOWER, ALIKE].some((mark) => has(marks, mark))) {
    notes.push(
      `${HIGHER} ${LOWER} really higher or lower than in the row above: the 95 % interval of the difference leaves out 0 ` +
        `(by chance alone so does one in twenty). ${ALIKE} the interval holds 0. No mark: not compared.`,
    );
  }
  if (has(marks, "(")) notes.push("(n): a mean over n categories only, not to be compared with the other rows.");
  if (has(labels, TUNED)) notes.push(`${TUNED} Labels of defective scans were used to choose its options.`);
  if (has(labels, OTHER_SCANS)) notes.push(`${OTHER_SCANS} Published on another test set, so not of the same scans.`);
  if (blocks.some(({ dataset }) => dataset === "augmented")) {
    notes.push(...incompleteNotes(augmented));
    if (references.size > 0) {
      notes.push("The paper's incomplete scans are not published: those of the augmented set here are others.");
    }
  }
  return [...notes, ...[...references].map(([words, number]) => `[${number}] ${words}`)];
}

/** One sentence for all categories whose incomplete scans were made alike. */
function incompleteNotes(augmented: readonly AugmentedForm[]): readonly string[] {
  const alike = Map.groupBy(augmented, ({ from, perSource, seed }) => [from, perSource, seed].join("\n"));
  return [...alike.values()].map((forms) => {
    const [{ from, perSource, seed }] = forms;
    const made = forms.map(({ category, sources, incomplete }) => `${category} ${incomplete} of ${sources}`).join(", ");
    return `Augmented: incomplete scans on top, ${perSource} of each scan of ${from}, seed ${seed}: ${made}.`;
  });
}
