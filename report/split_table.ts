/** A split as a table for the terminal. @module */
import { GOOD, isWholeCategory, type SplitCategory, type SplitManifest } from "../evaluation/mod.ts";
import { ABSENT } from "./figures.ts";
import { type Column, printable, textTable } from "./text_table.ts";

const COLUMNS: readonly Column[] = [
  { head: "category", align: "left" },
  { head: "train", align: "right" },
  { head: "official validation", align: "right" },
  { head: "labelled validation", align: "right" },
  { head: "test good", align: "right" },
  { head: "test defective", align: "right" },
  { head: "as in Table 1", align: "left" },
];

/** Numbers of scans of each set, whether they are those that the paper prints, the rule, and what was refused. */
export function splitTable({ labelledPerType, categories, refused }: SplitManifest): string {
  const lines = [
    `labelled validation: of each type of test, good included, the first ${labelledPerType} by name; test: the rest`,
    ...refused.map(({ input, error }) => printable(`refused ${input}: ${error.message} [${error.code}]`)),
  ];
  return [textTable(COLUMNS, categories.map(row)), "", ...lines].join("\n");
}

function row(split: SplitCategory) {
  const { category, train, officialValidation, labelledValidation, test } = split;
  const good = test.filter(({ defect }) => defect === GOOD).length;
  const whole = isWholeCategory({
    category,
    train,
    validation: officialValidation,
    test: [...labelledValidation, ...test],
  });
  return [
    category,
    String(train.length),
    String(officialValidation.length),
    String(labelledValidation.length),
    String(good),
    String(test.length - good),
    whole === undefined ? ABSENT : whole ? "yes" : "no",
  ].map((text) => ({ text }));
}
