import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { SplitCategory, SplitManifest } from "../evaluation/mod.ts";
import { splitTable } from "./split_table.ts";

const scans = (defect: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `${defect}/${i}`, defect, file: `${defect}/${i}.tiff` }));

/** A rope with as many scans as the official one has, less these training scans. */
const rope = (fewer = 0): SplitCategory => ({
  category: "rope",
  train: scans("good", 298 - fewer),
  officialValidation: scans("good", 33),
  labelledValidation: ["contamination", "cut", "good", "open"].flatMap((type) => scans(type, 5)),
  test: [...scans("contamination", 18), ...scans("cut", 18), ...scans("good", 27), ...scans("open", 18)],
});
const manifest = (categories: readonly SplitCategory[], refused: SplitManifest["refused"] = []): SplitManifest => ({
  schema: "uni3dad.split/1",
  labelledPerType: 5,
  categories,
  refused,
});
const cells = (line: string) => line.trim().split(/ {2,}/);

Deno.test("splitTable() has the sizes of each set, and whether they are the paper's", () => {
  const lines = splitTable(manifest([rope(), rope(1), { ...rope(), category: "casting" }])).split("\n");
  equal(lines[0].length <= 110, true);
  deepEqual(lines.slice(2, 5).map(cells), [
    ["rope", "298", "33", "20", "27", "54", "yes"],
    ["rope", "297", "33", "20", "27", "54", "no"],
    ["casting", "298", "33", "20", "27", "54", "–"],
  ]);
  match(lines[6], /the first 5 by name/);
});

Deno.test("splitTable() names what was refused, and lets no name steer the terminal", () => {
  const error = { code: "split-impossible", message: "Cannot split \x1b[2J" };
  const text = splitTable(manifest([], [{ input: "ti\nre", error }]));
  match(text, /^refused ti\?re: Cannot split \?\[2J \[split-impossible\]$/m);
  ok(!text.includes("\x1b"));
});
