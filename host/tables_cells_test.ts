import { deepEqual, equal, ok } from "node:assert/strict";
import { MEAN, PUBLISHED_CATEGORIES, publishedFor, type TableMetric } from "../evaluation/mod.ts";
import { builtIn } from "../plugins/mod.ts";
import { cellsOf, differencesOf } from "./tables_cells.ts";
import { type MeasuredSet, TABLE_METRICS } from "./tables_figures.ts";
import { tableRows } from "./tables_methods.ts";

const [feature, missing, fused] = await tableRows(
  { methods: ["fpfh+nearest-normal/mean-std"], presets: ["default"] },
  builtIn,
);

/** A set whose figures are all `value`, with draws around it. */
function measured(part: Partial<MeasuredSet> & { readonly value: number | null; readonly draws?: readonly number[] }) {
  const { value, draws, ...rest } = part, drawn = draws && value !== null && { value, draws: Float64Array.from(draws) };
  const figure = { value, ...(drawn ? { drawn } : {}) };
  const figures = Object.fromEntries(TABLE_METRICS.map((metric) => [metric, figure])) as MeasuredSet["figures"];
  const set = { row: feature, category: "a", dataset: "original", testSet: "official", figures } as const;
  return { ...set, scans: { good: 2, defective: 5 }, tested: "same", ...rest } satisfies MeasuredSet;
}

const cellsAt = (cells: ReturnType<typeof cellsOf>, metric: TableMetric) =>
  cells.filter((cell) => cell.metric === metric);

Deno.test("cellsOf() adds the mean over the categories that have the figure, with the interval of the mean of their draws", () => {
  const draws = (shift: number) => Array.from({ length: 41 }, (_, i) => 0.5 + (i - 20) / 100 + shift);
  const cells = cellsOf([
    measured({ category: "a", value: 0.5, draws: draws(0) }),
    measured({ category: "b", value: 0.7, draws: draws(0.2).toReversed() }),
    measured({ category: "c", value: null }),
  ], new Set());
  const [a, b, c, mean] = cellsAt(cells, "auPro@0.05");
  deepEqual([a.value, a.interval!.map((v) => v.toFixed(2)), a.categories], [0.5, ["0.31", "0.69"], undefined]);
  deepEqual([b.value, c.value, c.interval], [0.7, null, undefined]);
  deepEqual([mean.category, mean.categories, mean.scans], [MEAN, 2, { good: 4, defective: 10 }]);
  ok(Math.abs(mean.value! - 0.6) < 1e-12);
  // what goes up in one category goes down in the other, so their mean hardly moves
  for (const end of mean.interval!) ok(Math.abs(end - 0.6) < 1e-12, String(end));
});

Deno.test("cellsOf() moves an interval to a figure that is not of the exact curve", () => {
  const set = measured({ value: 0.5 });
  const figures = {
    ...set.figures,
    "auPro@0.3": { value: 0.52, drawn: { value: 0.5, draws: Float64Array.of(0.4, 0.6) } },
  };
  const [cell] = cellsOf([{ ...set, figures }], new Set());
  deepEqual(cell.interval!.map((v) => v.toFixed(2)), ["0.42", "0.62"]);
});

Deno.test("cellsOf() lays published figures beside whole categories of the same kind alone", () => {
  const fpfh = { extractor: "fpfh", preset: "default" };
  const of = (part: Partial<MeasuredSet>, whole = PUBLISHED_CATEGORIES) =>
    cellsOf([measured({ category: "peach", value: 0.9, ...part })], new Set(whole))[0];
  const official = publishedFor(fpfh, "original-full", "au_pro_0.3", "peach")!;
  const { published, difference } = of({});
  deepEqual([published!.value, published!.testSet, published!.method], [official.value, "official", official.method]);
  equal(difference, 0.9 - official.value);
  equal(of({ testSet: "reduced" }).published!.testSet, "reduced");
  equal(of({}, []).published, undefined, "a part of a category, or another product of that name");
  equal(of({ row: missing }).published, undefined);
  const augmented = { dataset: "augmented", testSet: "reduced" } as const;
  equal(of(augmented).published!.value, publishedFor(fpfh, "augmented", "au_pro_0.3", "peach")!.value);
  equal(of({ ...augmented, category: "tire" }).published, undefined, "the paper has no incomplete tire");
  const byFuser = { extractor: "fpfh", reconstructor: "nearest-normal", fuser: "mean-std", preset: "default" };
  equal(
    of({ row: fused, testSet: "reduced" }).published!.value,
    publishedFor(byFuser, "original", "au_pro_0.3", "peach")!.value,
  );
});

Deno.test("cellsOf() takes the printed mean of all categories, of some the mean of theirs, of none that lack one", () => {
  const meanOf = (categories: readonly string[], part: Partial<MeasuredSet> = {}) =>
    cellsAt(
      cellsOf(categories.map((category) => measured({ category, value: 0.9, ...part })), new Set(PUBLISHED_CATEGORIES)),
      "auPro@0.3",
    ).at(-1)!;
  equal(meanOf(PUBLISHED_CATEGORIES).published!.value, 0.924);
  ok(Math.abs(meanOf(["bagel", "tire"]).published!.value - (0.973 + 0.961) / 2) < 1e-12);
  equal(meanOf(["bagel", "mine"]).published, undefined);
  equal(meanOf(PUBLISHED_CATEGORIES, { dataset: "augmented", testSet: "reduced" }).published, undefined);
});

Deno.test("differencesOf() compares a fused row with its branches by the same draws, categories and then the mean", () => {
  const better = [0.1, 0.2, 0.3, 0.2], worse = [0.05, 0.15, 0.25, 0.15];
  const sets = (row: typeof feature, draws: readonly number[]) =>
    ["a", "b"].map((category) => measured({ row, category, value: draws[1], draws }));
  const other = measured({ row: missing, category: "a", value: 0.1, draws: better, tested: "others" });
  const found = differencesOf([...sets(feature, worse), other, ...sets(fused, better)]);
  deepEqual(
    found.map(({ category }) => category),
    ["a", "b", MEAN].flatMap((c) => Array(TABLE_METRICS.length).fill(c)),
  );
  for (const { from, to, difference, interval, pValue } of found) {
    deepEqual([from, to], ["fpfh default", "fpfh+nearest-normal/mean-std default"]);
    for (const value of [difference, ...interval]) ok(Math.abs(value - 0.05) < 1e-12, String(value));
    equal(pValue, 0.25);
  }
  equal(differencesOf([...sets(feature, worse), measured({ row: fused, value: 0.3 })]).length, 0, "without draws");
});
