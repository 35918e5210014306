import { deepEqual, equal, ok } from "node:assert/strict";
import type { CellDifference, TableCell, TablesDocument } from "../evaluation/mod.ts";
import type { PaperLine, PaperTable } from "./paper_model.ts";
import { paperTables } from "./paper_tables.ts";
import { cell, FULL } from "../tests/table_cells.ts";

const published = (value: number, rest: Partial<TableCell["published"]> = {}) => ({
  value,
  method: "BTF (FPFH)",
  source: "uni-3dad table 3",
  testSet: "reduced" as const,
  confidence: "read",
  ...rest,
});

const compared = (from: string, to: string, interval: readonly [number, number]): CellDifference => ({
  dataset: "original",
  testSet: "reduced",
  category: "bagel",
  metric: "auPro@0.3",
  from,
  to,
  difference: (interval[0] + interval[1]) / 2,
  interval,
  pValue: 0.01,
});

const document = (cells: readonly TableCell[], rest: Partial<TablesDocument> = {}): TablesDocument => ({
  schema: "uni3dad.tables/1",
  adapter: { description: "", software: true },
  data: "DIR",
  cells,
  differences: [],
  sweeps: [],
  refused: [],
  missing: [],
  ...rest,
});

const measured = ({ blocks }: PaperTable, block = 0): readonly PaperLine[] =>
  blocks[block].rows.map(({ lines }) => lines[0]);

const labels = (table: PaperTable) => measured(table).map(({ label }) => label);

/** Cells with a mean for each method, as the document has them. */
const methods = (...names: readonly string[]) =>
  names.flatMap((name, i) => [cell(name, "bagel", 0.5 + i / 100), cell(name, "mean", 0.5, { categories: 1 })]);

Deno.test("paperTables() puts each method into the tables of its kind, whatever plugins there are", () => {
  const names = ["m3dm", "new", "new+nearest-normal/sum", "fpfh+nearest-normal/calibrated", FULL];
  const tables = paperTables(document(methods("nearest-normal", "fpfh", ...names)));
  deepEqual(tables.map((table) => [table.title.split(",")[0], ...labels(table)]), [
    ["Table 3: methods", "fpfh", "m3dm", "new", FULL],
    ["Table 4: without and with the reconstruction branch", "fpfh", FULL],
    ["Table 5: ways to join the branches", "nearest-normal", "new", "new+nearest-normal/sum"],
    ["Table 5: ways to join the branches", "nearest-normal", "fpfh", "fpfh+nearest-normal/calibrated", FULL],
    ["All figures in percent", "nearest-normal", "fpfh", ...names],
  ]);
});

Deno.test("paperTables() names presets where there are several, each preset's methods together", () => {
  const cells = [...methods("fpfh", FULL), ...methods("fpfh", FULL).map((one) => ({ ...one, preset: "reference" }))];
  deepEqual(labels(paperTables(document(cells))[1]), [
    "fpfh, default",
    `${FULL}, default`,
    "fpfh, reference",
    `${FULL}, reference`,
  ]);
});

Deno.test("paperTables() has the published order, missing categories as dashes, and a block for each set that is there", () => {
  const cells = [
    ...[cell("fpfh", "rope", 0.9), cell("fpfh", "bagel", null), cell("fpfh", "mean", 0.9, { categories: 1 })],
    cell("fpfh", "rope", 0.8, { dataset: "augmented", testSet: "official", scans: { good: 9, defective: 30 } }),
    cell("other", "rope", 0.8, {
      dataset: "augmented",
      testSet: "official",
      scans: { good: 10, defective: 29 },
    }),
  ];
  const [table] = paperTables(document(cells, { missing: ["foam"] }));
  deepEqual(table.columns, ["bagel", "foam", "rope", "mean"]);
  deepEqual(table.blocks.map(({ title, scans }) => [title, ...scans]), [
    ["original, the paper's reduced test set, mean of 1 category", "17+68", "–", "17+68", "17+68"],
    ["augmented, the official test set", "–", "–", "10+30", "–"],
  ]);
  deepEqual(measured(table)[0].texts, ["–", "–", "90.0", "90.0"]);
});

Deno.test("a row has the published figure and the difference below it, and the table their sources once", () => {
  const cells = [
    cell("fpfh", "bagel", 0.9312, { published: published(0.973), difference: -0.0418 }),
    cell("fpfh", "rope", 0.9604, { published: published(0.955, { confidence: "recalled" }), difference: 0.0054 }),
    cell("fpfh", "tire", 0.96, { published: published(0.96, { asPublished: false }), difference: -0.0002 }),
    cell("fpfh", "dowel", null, { published: published(0.888) }),
    cell("m3dm", "bagel", 0.9),
  ];
  const [table] = paperTables(document(cells)), [row, other] = table.blocks[0].rows;
  deepEqual(row.lines.map(({ kind, label, texts }) => [kind, label, ...texts]), [
    ["measured", "fpfh", "93.1", "–", "96.0", "96.0"],
    ["published", "published [1, 2, 3]", "97.3", "88.8", "95.5", "96.0"],
    ["difference", "difference", "-4.2", "–", "+0.5", "0.0"],
  ]);
  equal(other.lines.length, 1);
  deepEqual(table.notes, [
    "[1] BTF (FPFH), reduced test set: uni-3dad table 3 (read)",
    "[2] BTF (FPFH), reduced test set: uni-3dad table 3 (recalled)",
    "[3] BTF (FPFH), reduced test set: uni-3dad table 3 (read); ours has steps of its own",
  ]);
});

Deno.test("published figures of another test set are marked, and those of other augmented scans told", () => {
  const here = { published: published(0.9), difference: 0, dataset: "augmented" } as const;
  const cells = (["reduced", "official"] as const).map((testSet) => cell("fpfh", "bagel", 0.9, { ...here, testSet }));
  const [table] = paperTables(document(cells));
  deepEqual(table.blocks.map(({ rows }) => rows[0].lines[1].label), ["published [1]", "published [1] ‡"]);
  ok(table.notes.some((note) => note.startsWith("‡ Published on another test set")));
  ok(table.notes.some((note) => note.includes("incomplete scans are not published")));
  const alone = paperTables(document(cells.slice(0, 1).map((one) => ({ ...one, dataset: "original" }))))[0];
  equal(alone.notes.length, 1, "the source alone");
});

Deno.test("a figure is marked by its difference to the row above, in whichever direction it was compared", () => {
  const pairs: readonly (readonly [CellDifference | null, string])[] = [
    [compared("fpfh default", "m3dm default", [0.01, 0.02]), "↑"],
    [compared("fpfh default", "m3dm default", [-0.02, -0.01]), "↓"],
    [compared("fpfh default", "m3dm default", [0, 0.02]), "≈"],
    [compared("m3dm default", "fpfh default", [0.01, 0.02]), "↓"],
    [compared("m3dm default", "fpfh default", [-0.02, -0.01]), "↑"],
    [{ ...compared("fpfh default", "m3dm default", [0.01, 0.02]), testSet: "official" }, ""],
    [{ ...compared("fpfh default", "m3dm default", [0.01, 0.02]), metric: "auPro@0.1" }, ""],
    [compared("fpfh reference", "m3dm default", [0.01, 0.02]), ""],
    [null, ""],
  ];
  for (const [difference, mark] of pairs) {
    const [table] = paperTables(
      document([cell("fpfh", "bagel", 0.8), cell("m3dm", "bagel", 0.9)], {
        differences: difference ? [difference] : [],
      }),
    );
    deepEqual(measured(table).map(({ marks }) => marks), [[""], [mark]]);
    equal(table.notes.length, mark === "" ? 0 : 1);
  }
});

Deno.test("the highest figures of a column are the best, alike ones all, and a mean over fewer categories is out of it", () => {
  const mean = (name: string, value: number, categories: number) => cell(name, "mean", value, { categories });
  const cells = [
    ...[cell("a", "bagel", 0.90004), cell("b", "bagel", 0.90001), cell("c", "bagel", 0.899), cell("a", "rope", 0.5)],
    ...[mean("a", 0.7, 2), mean("b", 0.7, 1), mean("c", 0.899, 1)],
  ];
  const [table] = paperTables(document(cells));
  deepEqual(measured(table).map(({ best }) => best), [[true, true, true], [true, false, false], [false, false, false]]);
  deepEqual(measured(table).map(({ marks }) => marks.at(-1)), ["", " (1)", " (1)"]);
  ok(table.notes.some((note) => note.startsWith("(n)")));
  deepEqual(measured(paperTables(document([cell("a", "bagel", 0.9)]))[0])[0].best, [false]);
});

Deno.test("labels that were used are told, and what else is known of a figure", () => {
  const cells = [
    cell("fpfh", "bagel", 0.9, { tunedByLabels: true, interval: [0.88, 0.92] }),
    cell("m3dm", "bagel", 0.8),
  ];
  const [table] = paperTables(document(cells));
  deepEqual(labels(table), ["fpfh †", "m3dm"]);
  deepEqual(measured(table).flatMap(({ hints }) => hints), [
    "95 %: 88.0…92.0; 17 good, 68 defective scans",
    "17 good, 68 defective scans",
  ]);
  ok(table.notes[0].startsWith("† Labels of defective scans"));
});

Deno.test("the last table has the mean of every figure that is there", () => {
  const metrics = ["scanAuroc", "auPro@0.01", "auPro@0.3"] as const;
  const cells = metrics.map((metric, i) => cell("fpfh", "mean", i / 10, { metric, categories: 10 }));
  const table = paperTables(document(cells)).at(-1)!;
  deepEqual(table.columns, ["AU-PRO@0.3", "@0.01", "I-AUROC"]);
  deepEqual(measured(table)[0].texts, ["20.0", "10.0", "0.0"]);
  deepEqual(paperTables(document([])), []);
});
