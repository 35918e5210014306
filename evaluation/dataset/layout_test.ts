import { deepEqual, equal, rejects } from "node:assert/strict";
import { memoryStorage } from "../../core/mod.ts";
import { sharedData } from "../../tests/shared_data.ts";
import { NoSuchCategory, NoTrainScans } from "./errors.ts";
import { listCategories, openDataset } from "./layout.ts";

const files = (...names: string[]) =>
  memoryStorage(Object.fromEntries(names.map((name) => [name, new Uint8Array()])), "here");
const names = (entries: readonly { name: string }[]) => entries.map((e) => e.name).join(" ");

const complete = [
  "c/calibration/camera_parameters.json",
  "c/train/good/rgb/000.png",
  "c/train/good/xyz/001.tiff",
  "c/train/good/xyz/000.tif",
  "c/validation/good/xyz/000.npy",
  "c/test/hole/xyz/003.tiff",
  "c/test/hole/gt/003.png",
  "c/test/bent/gt/010.png",
  "c/test/bent/xyz/010.tiff",
  "c/test/bent/xyz/002.tiff",
  "c/test/bent/gt/002.png",
  "c/test/good/xyz/000.tiff",
];

Deno.test("openDataset() sorts by type, then by name, and passes over other files", async () => {
  const { category, train, validation, test, unpaired } = await openDataset(files(...complete), "c");
  equal(category, "c");
  equal(names(train), "train/000 train/001");
  equal(names(validation), "validation/000");
  equal(names(test), "bent/002 bent/010 good/000 hole/003");
  deepEqual(test[1], {
    name: "bent/010",
    defect: "bent",
    file: "c/test/bent/xyz/010.tiff",
    mask: "c/test/bent/gt/010.png",
  });
  equal(test[2].mask, undefined);
  deepEqual(unpaired, []);
});

Deno.test("openDataset() pairs by name, so that a missing file shifts no other", async () => {
  const gone = complete.filter((f) => f !== "c/test/bent/xyz/002.tiff" && f !== "c/test/hole/gt/003.png");
  const { test, unpaired } = await openDataset(files(...gone), "c");
  equal(test.find((e) => e.name === "bent/010")?.mask, "c/test/bent/gt/010.png");
  equal(test.find((e) => e.name === "hole/003")?.mask, undefined);
  deepEqual(unpaired, ["c/test/bent/gt/002.png", "c/test/hole/xyz/003.tiff"]);
});

Deno.test("openDataset() reads one of two scans of a name and names the other", async () => {
  const { train, unpaired } = await openDataset(files(...complete, "c/train/good/xyz/001.npy"), "c");
  equal(train[1].file, "c/train/good/xyz/001.tiff");
  deepEqual(unpaired, ["c/train/good/xyz/001.npy"]);
});

Deno.test("openDataset() takes a folder that is the category itself", async () => {
  const inside = files(...complete.map((f) => f.slice(2)));
  for (const category of ["", ".", "./"]) {
    const dataset = await openDataset(inside, category);
    equal(dataset.category, "here");
    equal(dataset.test[0].file, "test/bent/xyz/002.tiff");
  }
  equal((await openDataset(files(...complete.map((f) => `sets/${f}`)), "sets/c/")).test.length, 4);
});

Deno.test("openDataset() does without test and validation", async () => {
  const { validation, test } = await openDataset(files("c/train/good/xyz/000.tiff"), "c");
  deepEqual([validation, test], [[], []]);
});

Deno.test("openDataset() names the categories that are there", async () => {
  await rejects(openDataset(files(...complete, "d/test/good/xyz/1.npy"), "e"), (e: unknown) => {
    return e instanceof NoSuchCategory && e.code === "no-such-category" && e.message.includes("c, d");
  });
});

Deno.test("openDataset() refuses a category without training scans", async () => {
  await rejects(openDataset(files(...complete.filter((f) => !f.includes("train"))), "c"), (e: unknown) => {
    return e instanceof NoTrainScans && e.code === "no-train-scans" && e.message.includes("c/train/good/xyz");
  });
});

Deno.test("listCategories() finds categories at any depth", async () => {
  deepEqual(await listCategories(files(...complete, "x/d/train/good/xyz/0.tiff", "x/e/readme.txt")), ["c", "x/d"]);
  deepEqual(await listCategories(files("train/good/xyz/0.tiff")), ["."]);
  deepEqual(await listCategories(files("notes.txt")), []);
});

const real = sharedData("data/mvtec3d");
Deno.test({
  name: "openDataset() finds every scan and mask of the real cable gland",
  ignore: real === undefined,
  async fn() {
    const listed: string[] = [];
    const walk = (folder: string) => {
      for (const entry of Deno.readDirSync(`${real}/${folder}`)) {
        const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory) walk(name);
        else listed.push(name);
      }
    };
    walk("");
    const { train, validation, test, unpaired } = await openDataset(files(...listed), "cable_gland");
    equal(train.length, 32);
    equal(validation.length, 0);
    deepEqual(Object.fromEntries(Map.groupBy(test, (e) => e.defect).entries().map(([k, v]) => [k, v.length])), {
      bent: 6,
      cut: 6,
      good: 8,
      hole: 6,
      thread: 6,
    });
    equal(test.every((e) => e.mask !== undefined), true);
    deepEqual(unpaired, []);
  },
});

Deno.test("openDataset() opens a test set alone for a model that is fitted already", async () => {
  const storage = memoryStorage({ "x/test/good/xyz/000.tiff": new Uint8Array(1) });
  await rejects(() => openDataset(storage, "x"), NoTrainScans);
  deepEqual((await openDataset(storage, "x", { needsTrain: false })).test.map(({ name }) => name), ["good/000"]);
});
