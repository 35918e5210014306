import { deepEqual, throws } from "node:assert/strict";
import { memoryStorage } from "../../core/mod.ts";
import { openDataset } from "./layout.ts";
import { readSplit, splitCategory, splitManifest } from "./split_manifest.ts";

const numbers = ["000", "001", "002", "003", "004", "005"];
const files = [
  "c/train/good/xyz/000.tiff",
  "c/validation/good/xyz/000.tiff",
  ...numbers.flatMap((number) => [
    `c/test/cut/xyz/${number}.tiff`,
    `c/test/cut/gt/${number}.png`,
    `c/test/good/xyz/${number}.tiff`,
  ]),
];
const dataset = await openDataset(memoryStorage(Object.fromEntries(files.map((f) => [f, new Uint8Array()]))), "c");
const refused = [{ input: "d", error: { code: "no-such-category", message: "Cannot open" } }];
const manifest = splitManifest([splitCategory(dataset)], refused);
const bytesOf = (document: unknown) => new TextEncoder().encode(JSON.stringify(document));

Deno.test("splitCategory() keeps training and official validation scans where they are", () => {
  const { train, officialValidation, labelledValidation, test } = manifest.categories[0];
  deepEqual([train, officialValidation], [dataset.train, dataset.validation]);
  deepEqual(labelledValidation.map(({ name }) => name), [
    ...numbers.slice(0, 5).map((number) => `cut/${number}`),
    ...numbers.slice(0, 5).map((number) => `good/${number}`),
  ]);
  deepEqual(test, [
    { name: "cut/005", defect: "cut", file: "c/test/cut/xyz/005.tiff", mask: "c/test/cut/gt/005.png" },
    { name: "good/005", defect: "good", file: "c/test/good/xyz/005.tiff" },
  ]);
});

Deno.test("readSplit() gives back what was written", () => {
  deepEqual(readSplit(bytesOf(manifest), "split.json"), manifest);
});

Deno.test("readSplit() refuses what is no split, and says where", () => {
  const [category] = manifest.categories, [scan] = category.test;
  const withTest = (...test: unknown[]) => ({ ...manifest, categories: [{ ...category, test }] });
  const wrong: [unknown, RegExp][] = [
    [null, /manifest split\.json: all of it: /],
    [{ ...manifest, schema: "uni3dad.split/2" }, /: schema: /],
    [{ ...manifest, categories: [{ ...category, train: undefined }] }, /: categories\.0\.train: /],
    [withTest({ ...scan, file: 7 }), /: categories\.0\.test\.0\.file: /],
    [withTest({ ...scan, file: "c/../../x.tiff" }), /test\.0\.file: it leads out of the data set's folder/],
    [withTest({ ...scan, file: "/x.tiff" }), /test\.0\.file: it leads out/],
    [withTest({ ...scan, mask: "C:\\x.png" }), /test\.0\.mask: it leads out/],
    [withTest(scan, category.train[0]), /0\.test: "c\/train\/good\/xyz\/000\.tiff" is in train too/],
    [withTest(category.labelledValidation[3]), /test: "c\/test\/cut\/xyz\/003\.tiff" is in labelledValidation too/],
    [withTest(scan, scan), /test: "c\/test\/cut\/xyz\/005\.tiff" is in test too/],
  ];
  for (const [document, words] of wrong) {
    throws(() => readSplit(bytesOf(document), "split.json"), { code: "manifest-refused", message: words });
  }
  throws(() => readSplit(bytesOf(manifest).slice(1), "split.json"), { message: /split\.json: it is not JSON/ });
});
