/** Cells and differences of the tables document, out of what was measured: means, intervals, published figures. @module */
import {
  type CellDifference,
  differenceOf,
  type Interval,
  MEAN,
  methodName,
  percentiles,
  PUBLISHED_CATEGORIES,
  type PublishedDataset,
  type PublishedFigure,
  publishedFor,
  publishedSizes,
  type Resampled,
  type TableCell,
  type TableMetric,
} from "../evaluation/mod.ts";
import { type Figure, type MeasuredSet, TABLE_METRICS } from "./tables_figures.ts";
import type { TableRow } from "./tables_methods.ts";

/** A row's sets of all categories, on one form of the data and one test set. */
type Block = readonly MeasuredSet[];

/** All cells: rows in turn, and of each its data sets, test sets, categories and the mean, and figures. `whole` tells published categories. */
export function cellsOf(measured: readonly MeasuredSet[], whole: ReadonlySet<string>): TableCell[] {
  return blocksOf(measured).flatMap((block) => [
    ...block.flatMap((set) => TABLE_METRICS.map((metric) => cell([set], metric, set.category, whole))),
    ...TABLE_METRICS.map((metric) => cell(block, metric, MEAN, whole)),
  ]);
}

function blocksOf(measured: readonly MeasuredSet[]): Block[] {
  const rows = Map.groupBy(measured, ({ row }) => row);
  return [...rows.values()].flatMap((sets) => [
    ...Map.groupBy(sets, ({ dataset, testSet }) => `${dataset} ${testSet}`).values(),
  ]);
}

function cell(block: Block, metric: TableMetric, category: string, whole: ReadonlySet<string>): TableCell {
  const [{ row, dataset, testSet }] = block;
  const sets = category === MEAN ? block.filter(({ figures }) => figures[metric].value !== null) : block;
  const { value, drawn } = meanFigure(sets.map(({ figures }) => figures[metric]));
  const counts = (kind: "good" | "defective") => sets.reduce((sum, { scans }) => sum + scans[kind], 0);
  const interval = drawn && value !== null ? intervalAround(value, drawn) : undefined;
  const published = value === null ? undefined : publishedOf(sets, metric, whole);
  return {
    method: row.method,
    preset: row.preset,
    category,
    ...(category === MEAN ? { categories: sets.length } : {}),
    dataset,
    testSet,
    metric,
    value,
    ...(interval ? { interval } : {}),
    scans: { good: counts("good"), defective: counts("defective") },
    ...(published ? { published, difference: value! - published.value } : {}),
    tunedByLabels: row.byLabels,
  };
}

/** The mean of figures, and of their draws round by round; null of none. */
function meanFigure(figures: readonly Figure[]): Figure {
  const mean = (of: (figure: Figure) => number) =>
    figures.reduce((sum, figure) => sum + of(figure), 0) / figures.length;
  if (figures.length === 0 || figures.some(({ value }) => value === null)) return { value: null };
  const value = mean((figure) => figure.value!);
  const [{ drawn: first }] = figures;
  if (!first || figures.some(({ drawn }) => !drawn)) return { value };
  const draws = first.draws.map((_, round) => mean(({ drawn }) => drawn!.draws[round]));
  return { value, drawn: { value: mean(({ drawn }) => drawn!.value), draws } };
}

/** Draws are of the exact curve: where the figure is not, the interval is moved by as much as it is off. */
function intervalAround(value: number, { value: exact, draws }: Resampled): Interval | undefined {
  const interval = percentiles(draws), off = value - exact;
  return interval ? [interval[0] + off, interval[1] + off] : undefined;
}

/** What is published of a row on these categories; undefined unless it is of each of them, and they are whole. */
function publishedOf(
  sets: readonly MeasuredSet[],
  metric: TableMetric,
  whole: ReadonlySet<string>,
): PublishedFigure | undefined {
  const [{ row: { preset, kind, of }, testSet, dataset }] = sets;
  const published = metric === "auPro@0.3" ? "au_pro_0.3" : metric === "scanAuroc" ? "i_auroc" : undefined;
  if (kind === "missing" || !published || sets.some(({ category }) => !whole.has(category))) return undefined;
  // the paper has incomplete scans of some categories; for the others its augmented table repeats the original one
  if (dataset === "augmented" && sets.some(({ category }) => !publishedSizes(category)?.augmented)) return undefined;
  const named = {
    extractor: of.extractor.name,
    preset,
    ...(kind === "fused" ? { reconstructor: of.reconstructor!.name, fuser: of.fuser!.name } : {}),
  };
  const likeOurs: readonly PublishedDataset[] = dataset === "augmented"
    ? ["augmented"]
    : testSet === "official"
    ? ["original-full", "original"]
    : ["original", "original-full"];
  for (const from of likeOurs) {
    const names = sets.map(({ category }) => category);
    const asked = names.length === PUBLISHED_CATEGORIES.length ? [MEAN] : names;
    const figures = asked.map((category) => publishedFor(named, from, published, category));
    const [first] = figures, there = figures.filter((figure) => figure !== undefined);
    if (!first || there.length < figures.length) continue;
    const value = there.reduce((sum, figure) => sum + figure.value, 0) / there.length;
    const { method: called, source, confidence } = first;
    return {
      value,
      method: called,
      source,
      testSet: from === "original-full" ? "official" : "reduced",
      confidence,
    };
  }
  return undefined;
}

/** Each fused row against its branches, and against the fused rows before it of the same branches: one category each, then the mean. */
export function differencesOf(measured: readonly MeasuredSet[]): CellDifference[] {
  const blocks = blocksOf(measured), found: CellDifference[] = [];
  for (const to of blocks.filter(([{ row }]) => row.kind === "fused")) {
    const [{ row, dataset, testSet }] = to;
    for (const from of blocks) {
      if (from === to) break;
      const [other] = from;
      if (other.dataset !== dataset || other.testSet !== testSet || !isComparedWith(row, other.row)) continue;
      found.push(...differencesBetween(from, to));
    }
  }
  return found;
}

const isComparedWith = (row: TableRow, before: TableRow) =>
  before.kind === "fused" ? before.pair === row.pair : row.branches.includes(before);

function differencesBetween(from: Block, to: Block): CellDifference[] {
  const pairs = to.flatMap((set) => {
    const other = from.find(({ category, tested }) => category === set.category && tested === set.tested);
    return other ? [{ category: set.category, from: other, to: set }] : [];
  });
  const [{ dataset, testSet, row }] = to, names = { from: methodName(from[0].row), to: methodName(row) };
  const between = (category: string, pairs: readonly { from: MeasuredSet; to: MeasuredSet }[]): CellDifference[] =>
    TABLE_METRICS.flatMap((metric) => {
      const both = pairs.map(({ from, to }) => [from.figures[metric], to.figures[metric]] as const)
        .filter((figures) => figures.every(({ drawn }) => drawn));
      if (both.length === 0) return [];
      const [a, b] = [0, 1].map((side) => meanFigure(both.map((figures) => figures[side])).drawn!);
      const difference = differenceOf(a, b);
      if (!difference) return [];
      const { value, interval, p } = difference;
      return [{ dataset, testSet, category, metric, ...names, difference: value, interval, pValue: p }];
    });
  return [...pairs.flatMap((pair) => between(pair.category, [pair])), ...between(MEAN, pairs)];
}
