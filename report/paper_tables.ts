/**
 * The tables of the paper as one model, which terminal, Markdown and HTML write out. @module
 *
 * Source: Uni-3DAD (arXiv 2408.16201), Tables 3 to 5. Rows follow from the methods' names, so that a plugin that comes later stands in
 * every table that its kind belongs to. A fourth table has every method and every figure, so that nothing of a document is left out.
 */
import {
  MEAN,
  methodName,
  type TableCell,
  type TableDataset,
  type TableMetric,
  type TablesDocument,
  type TableTestSet,
} from "../evaluation/mod.ts";
import type { CellOf, FigureColumn, PaperTable, TableMethod } from "./paper_model.ts";
import { marksOf, notesOf, type References } from "./paper_notes.ts";
import { paperRows, scansOf } from "./paper_rows.ts";
import { compareCategories } from "./summary.ts";

/** The fuser that the paper's full method has. */
const PAPER_FUSER = "ocsvm";

/** The figure that the paper's tables have. */
export const PAPER_METRIC = "auPro@0.3";

const METRICS: Readonly<Record<TableMetric, string>> = {
  "auPro@0.3": "AU-PRO@0.3",
  "auPro@0.1": "@0.1",
  "auPro@0.05": "@0.05",
  "auPro@0.01": "@0.01",
  pixelAuroc: "P-AUROC",
  scanAuroc: "I-AUROC",
};

/** The paper's own test set first, then all scans. */
const TEST_SETS: readonly (readonly [TableTestSet, string])[] = [
  ["reduced", "the paper's reduced test set"],
  ["official", "the official test set"],
];
const DATASETS: readonly TableDataset[] = ["original", "augmented"];

/** All tables that a document has rows for, in the paper's order. */
export function paperTables(document: TablesDocument): readonly PaperTable[] {
  const methods = methodsOf(document.cells), columns = categoryColumns(document);
  const alone = (branch: "extractor" | "reconstructor") =>
    methods.filter((method) => method.fuser === null && method[branch] !== null);
  const full = methods.filter(({ fuser }) => fuser !== null), published = full.filter(isPublished);
  const extractors = [...new Set(full.map(({ extractor }) => extractor))];
  const withExtractor = (extractor: string | null, list: readonly TableMethod[]) =>
    list.filter((method) => method.extractor === extractor);
  /** Preset by preset, so that a method stands below what it is to be better than. */
  const grouped = (list: readonly TableMethod[]) => [...Map.groupBy(list, ({ preset }) => preset).values()].flat();
  const tables: (readonly [string, readonly TableMethod[], readonly FigureColumn[]])[] = [
    ["Table 3: methods, AU-PRO up to 0.3 in percent", [...alone("extractor"), ...published], columns],
    [
      "Table 4: without and with the reconstruction branch, AU-PRO up to 0.3 in percent",
      extractors.filter((extractor) => withExtractor(extractor, published).length > 0)
        .flatMap((extractor) => grouped(withExtractor(extractor, [...alone("extractor"), ...published]))),
      columns,
    ],
    ...extractors.map((extractor) => {
      const joined = withExtractor(extractor, full), reconstructors = joined.map(({ reconstructor }) => reconstructor);
      const branches = [
        ...alone("reconstructor").filter(({ reconstructor }) => reconstructors.includes(reconstructor)),
        ...withExtractor(extractor, alone("extractor")),
      ];
      return [
        `Table 5: ways to join the branches, ${extractor}, AU-PRO up to 0.3 in percent`,
        grouped([...branches, ...joined]),
        columns,
      ] as const;
    }),
    ["All figures in percent, mean over the categories", methods, metricColumns(document)],
  ];
  return tables.map(([title, rows, figures]) => tableOf(document, title, rows, figures))
    .filter(({ blocks }) => blocks.length > 0);
}

const isPublished = ({ fuser }: TableMethod) => fuser === PAPER_FUSER;

/** The methods in the order of their first cells. A name without a fuser is a reconstructor's if another method joins it under that name. */
function methodsOf(cells: readonly TableCell[]): readonly TableMethod[] {
  const first = [...new Map(cells.map((cell) => [methodName(cell), cell])).values()];
  const presets = new Set(first.map(({ preset }) => preset));
  const named = first.map(({ method, preset }) => {
    const [, extractor = method, reconstructor = null, fuser = null] = /^(.+?)\+(.+)\/(.+)$/.exec(method) ?? [];
    return {
      method,
      preset,
      label: presets.size > 1 ? `${method}, ${preset}` : method,
      extractor,
      reconstructor,
      fuser,
    };
  });
  const reconstructors = new Set(named.flatMap(({ reconstructor }) => reconstructor ?? []));
  return named.map((method): TableMethod =>
    method.fuser === null && reconstructors.has(method.method)
      ? { ...method, extractor: null, reconstructor: method.method }
      : method
  );
}

/** Categories in the published order, missing ones too, then the mean. */
function categoryColumns({ cells, missing }: TablesDocument): readonly FigureColumn[] {
  const categories = new Set([...cells.map(({ category }) => category), ...missing]);
  const mean = categories.delete(MEAN) ? [MEAN] : [];
  return [...[...categories].sort(compareCategories), ...mean].map((category) => ({
    head: category,
    category,
    metric: PAPER_METRIC,
  }));
}

function metricColumns({ cells }: TablesDocument): readonly FigureColumn[] {
  const there = new Set(cells.map(({ metric }) => metric));
  return (Object.keys(METRICS) as TableMetric[]).filter((metric) => there.has(metric)).map((metric) => ({
    head: METRICS[metric],
    category: MEAN,
    metric,
  }));
}

function tableOf(
  document: TablesDocument,
  title: string,
  methods: readonly TableMethod[],
  columns: readonly FigureColumn[],
): PaperTable {
  const references: References = new Map();
  const blocks = TEST_SETS.flatMap(([testSet, words]) =>
    DATASETS.flatMap((dataset) => {
      const cells = new Map(
        document.cells.filter((cell) => cell.dataset === dataset && cell.testSet === testSet)
          .map((cell) => [[methodName(cell), cell.category, cell.metric].join("\n"), cell]),
      );
      const cellOf: CellOf = (method, { category, metric }) =>
        cells.get([methodName(method), category, metric].join("\n"));
      const shown = methods.filter((method) => columns.some((column) => cellOf(method, column)));
      if (shown.length === 0) return [];
      const marks = marksOf(document.differences, { dataset, testSet });
      const most = meanCount(shown, columns, cellOf);
      return [{
        dataset,
        title: `${dataset}, ${words}${most === 0 ? "" : `, mean of ${categoriesWords(most)}`}`,
        scans: columns.map((column) => scansOf(shown, column, cellOf)),
        rows: paperRows(shown, columns, { cellOf, marks, most, references, testSet }),
      }];
    })
  );
  const heads = columns.map(({ head }) => head);
  return { title, columns: heads, blocks, notes: notesOf(blocks, references, document.augmented) };
}

const categoriesWords = (count: number) => count === 1 ? "1 category" : `${count} categories`;

/** Most categories that a mean of the block is over. */
function meanCount(methods: readonly TableMethod[], columns: readonly FigureColumn[], cellOf: CellOf): number {
  return Math.max(
    0,
    ...methods.flatMap((method) => columns.map((column) => cellOf(method, column)?.categories ?? 0)),
  );
}
