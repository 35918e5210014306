import { deepEqual, equal, throws } from "node:assert/strict";
import { memoryStorage } from "../../core/mod.ts";
import { sharedData } from "../../tests/shared_data.ts";
import { SplitImpossible } from "./errors.ts";
import { openDataset, type ScanEntry } from "./layout.ts";
import { paperSplit } from "./paper_split.ts";

/** Scans by type, as the layout sorts them: of each type the numbers given. */
const scans = (types: Readonly<Record<string, readonly string[]>>): ScanEntry[] =>
  Object.keys(types).sort().flatMap((defect) =>
    types[defect].toSorted().map((number) => ({
      name: `${defect}/${number}`,
      defect,
      file: `c/test/${defect}/xyz/${number}.tiff`,
      ...(defect === "hole" ? {} : { mask: `c/test/${defect}/gt/${number}.png` }),
    }))
  );
const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i).padStart(3, "0"));
const names = (entries: readonly ScanEntry[]) => entries.map(({ name }) => name).join(" ");

Deno.test("paperSplit() takes the first five by name of each type, good included, and leaves the others", () => {
  const test = scans({ good: numbers(6), hole: ["003", "010", "011", "2", "1", "000", "004"] });
  const { validation, test: rest } = paperSplit({ category: "c", test });
  equal(names(validation), "good/000 good/001 good/002 good/003 good/004 hole/000 hole/003 hole/004 hole/010 hole/011");
  equal(names(rest), "good/005 hole/1 hole/2");
  deepEqual([...validation, ...rest].toSorted((a, b) => a.file < b.file ? -1 : 1), test);
});

Deno.test("paperSplit() refuses types that would go from the test set, and names them all", () => {
  const test = scans({ bent: numbers(6), cut: numbers(5), good: numbers(2) });
  throws(() => paperSplit({ category: "tire", test }), (error: SplitImpossible) => {
    equal(error.code, "split-impossible");
    equal(
      error.message,
      'Cannot split "tire": the first 5 of each type are taken out of the test set, and it has 5 of "cut", 2 of "good"; ' +
        "give each type at least 6 scans",
    );
    return error.category === "tire";
  });
});

Deno.test("paperSplit() refuses a test set without scans or without defects", () => {
  throws(() => paperSplit({ category: "c", test: [] }), /"c": it has no test scan/);
  throws(() => paperSplit({ category: "c", test: scans({ good: numbers(9) }) }), /no defective test scan/);
});

Deno.test("paperSplit() goes without good test scans", () => {
  const { validation, test } = paperSplit({ category: "c", test: scans({ cut: numbers(7) }) });
  deepEqual([validation.length, names(test)], [5, "cut/005 cut/006"]);
});

const real = sharedData("data/mvtec3d");
Deno.test({
  name: "paperSplit() leaves one scan of each defect and three good ones of the real part",
  ignore: real === undefined,
  fn: async () => {
    const files: Record<string, Uint8Array<ArrayBuffer>> = {};
    for (const set of ["train/good", ...["bent", "cut", "good", "hole", "thread"].map((type) => `test/${type}`)]) {
      for (const kind of set.startsWith("test") ? ["xyz", "gt"] : ["xyz"]) {
        for (const { name } of Deno.readDirSync(`${real}/cable_gland/${set}/${kind}`)) {
          files[`cable_gland/${set}/${kind}/${name}`] = new Uint8Array();
        }
      }
    }
    const { validation, test } = paperSplit(await openDataset(memoryStorage(files), "cable_gland"));
    equal(validation.length, 25);
    equal(names(test), "bent/017 cut/019 good/014 good/017 good/020 hole/018 thread/020");
    deepEqual(validation[0], {
      name: "bent/005",
      defect: "bent",
      file: "cable_gland/test/bent/xyz/005.tiff",
      mask: "cable_gland/test/bent/gt/005.png",
    });
    equal([...validation, ...test].every(({ mask }) => mask !== undefined), true);
  },
});
