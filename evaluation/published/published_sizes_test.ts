import { deepEqual, equal } from "node:assert/strict";
import { sharedData } from "../../tests/shared_data.ts";
import { paperSplit, type ScanEntry } from "../dataset/mod.ts";
import figures from "./published_figures.json" with { type: "json" };
import { isWholeCategory, publishedSizes } from "./published_sizes.ts";

const categories = figures.categories.slice(0, 10);

const entries = (set: string, defect: string, count: number): ScanEntry[] =>
  Array.from({ length: count }, (_, i) => {
    const number = String(i).padStart(3, "0");
    return { name: `${set}/${number}`, defect, file: `${set}/${defect}/xyz/${number}.tiff` };
  });

/** A category with as many scans as the official one, its defective scans spread over the types. */
function official(category: string) {
  const { official: { train, validation, good, defective }, reduced: { types } } = publishedSizes(category)!;
  const ofType = (t: number) => Math.floor(((t + 1) * defective) / types) - Math.floor((t * defective) / types);
  return {
    category,
    train: entries("train", "good", train),
    validation: entries("validation", "good", validation),
    test: [
      ...Array.from({ length: types }, (_, t) => entries(`type${t}`, `type${t}`, ofType(t))).flat(),
      ...entries("good", "good", good),
    ],
  };
}

Deno.test("paperSplit() of the official sizes has the sizes of Table 1, in each category", () => {
  for (const category of categories) {
    const { reduced } = publishedSizes(category)!, dataset = official(category);
    const { validation, test } = paperSplit(dataset);
    const good = test.filter(({ defect }) => defect === "good").length;
    deepEqual(
      { train: dataset.train.length, validation: validation.length, good, defective: test.length - good },
      { train: reduced.train, validation: reduced.validation, good: reduced.good, defective: reduced.defective },
      category,
    );
  }
});

Deno.test("isWholeCategory() sees one scan or one type too few, and knows no other products", () => {
  const whole = official("cable_gland"), { train, validation, test } = whole;
  equal(isWholeCategory(whole), true);
  equal(isWholeCategory({ ...whole, train: train.slice(1) }), false);
  equal(isWholeCategory({ ...whole, validation: [] }), false);
  equal(isWholeCategory({ ...whole, validation: validation.slice(1) }), false);
  equal(isWholeCategory({ ...whole, test: test.slice(1) }), false);
  equal(isWholeCategory({ ...whole, test: test.slice(0, -1) }), false);
  const merged = test.map((entry) => ({ ...entry, defect: entry.defect === "type3" ? "type2" : entry.defect }));
  equal(isWholeCategory({ ...whole, test: merged }), false);
  for (const category of ["casting", "mean", "constructor"]) equal(isWholeCategory({ ...whole, category }), undefined);
});

const tables = sharedData("reference/published-tables.json");
Deno.test({
  name: "the sizes are those of the reference, and add up to its totals",
  ignore: tables === undefined,
  fn: () => {
    const { splits } = JSON.parse(Deno.readTextFileSync(tables!));
    const total: Record<string, number> = {};
    for (const category of categories) {
      const { official: o, reduced: r, augmented: a } = publishedSizes(category)!,
        full = splits.official_full[category];
      deepEqual([o.train, o.validation, o.good, o.defective], [
        full.train,
        full.validation_good,
        full.test_good,
        full.test_defective,
      ]);
      const ours = {
        train: r.train,
        test_good: r.good,
        test_defective: r.defective,
        validation: r.validation,
        defect_types: r.types,
      };
      deepEqual(ours, splits.table1[category]);
      for (const [key, value] of Object.entries(ours)) total[key] = (total[key] ?? 0) + value;
      deepEqual(
        a && { train: a.train, test_total: a.test, test_incomplete: a.incomplete, validation: a.validation },
        splits.table2[category],
      );
    }
    deepEqual(total, splits.table1.total);
  },
});
