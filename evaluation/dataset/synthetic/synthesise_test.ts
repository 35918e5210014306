import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { digestOf, memoryStorage } from "../../../core/mod.ts";
import { readPng, readTiff } from "../../../formats/mod.ts";
import { openDataset } from "../layout.ts";
import { loadEntry } from "../load_entry.ts";
import { DEFECTS, synthOptions } from "./options.ts";
import { synthesise } from "./synthesise.ts";

const small = {
  product: "bagel",
  seed: 4,
  width: 96,
  height: 80,
  train: 2,
  validation: 1,
  good: 1,
  perDefect: 1,
} as const;

async function made(options: Record<string, unknown>) {
  const storage = memoryStorage();
  const manifest = await synthesise(synthOptions.parse(options), storage);
  const hashes: Record<string, string> = {};
  for (const name of await storage.list("")) hashes[name] = await digestOf(await storage.read(name));
  return { storage, manifest, hashes };
}

Deno.test("synthesise() gives the same bytes twice, and other scans for another seed", async () => {
  const [a, b, c] = [await made(small), await made(small), await made({ ...small, seed: 5 })];
  deepEqual(a.hashes, b.hashes);
  deepEqual(Object.keys(a.hashes), Object.keys(c.hashes));
  for (const name of Object.keys(a.hashes).filter((n) => n.endsWith(".tiff"))) {
    notDeepEqual(a.hashes[name], c.hashes[name], name);
  }
  equal(
    new Set(Object.entries(a.hashes).flatMap(([n, h]) => n.endsWith(".tiff") ? h : [])).size,
    10,
    "no scan comes twice",
  );
});

Deno.test("synthesise() writes a data set that openDataset() and loadEntry() read", async () => {
  const { storage, manifest } = await made(small);
  const { train, validation, test, unpaired } = await openDataset(storage, "bagel");
  deepEqual([train.length, validation.length, test.length, unpaired.length], [2, 1, 7, 0]);
  for (const entry of [...train, ...validation, ...test]) {
    const scan = await loadEntry(storage, entry);
    deepEqual([scan.width, scan.height], [96, 80]);
    equal(scan.truth?.values.some((v) => v > 0), entry.defect !== "good", entry.name);
    const listed = manifest.files.find((f) => `bagel/${f.file}` === entry.file);
    equal(listed?.maskPixels, scan.truth?.values.reduce((sum, v) => sum + v, 0));
  }
});

Deno.test("synthesise() writes what MVTec 3D-AD has: float32 xyz, one mask value a type, a calibration", async () => {
  const { storage, manifest } = await made(small);
  const { width, height, samples, values } = await readTiff(await storage.read("bagel/train/good/xyz/000.tiff"));
  deepEqual([width, height, samples, values.constructor], [96, 80, 3, Float32Array]);
  for (const [i, defect] of DEFECTS.entries()) {
    const { channels, depth, values } = await readPng(await storage.read(`bagel/test/${defect}/gt/000.png`));
    deepEqual([channels, depth], [1, 8]);
    deepEqual([...new Set(values)].sort(), [0, 255 - i]);
  }
  const json = async (name: string) => JSON.parse(new TextDecoder().decode(await storage.read(`bagel/${name}`)));
  const { focus, sx, cx, image_width } = await json("calibration/camera_parameters.json");
  ok(Math.abs(focus / sx * (0.12 / 80) - 0.65) < 0.006, "80 pixels see 120 mm at 0.65 m");
  deepEqual([cx, image_width], [47.5, 96]);
  deepEqual(await json("manifest.json"), JSON.parse(JSON.stringify(manifest)));
  equal((await json("class_ids.json"))["254"], "contamination");
});

Deno.test("synthesise() reports each scan and makes only the defects asked for", async () => {
  const storage = memoryStorage(), seen: string[] = [];
  const options = synthOptions.parse({ ...small, defects: ["hole"], perDefect: 2 });
  await synthesise(options, storage, (written, all) => seen.push(`${written}/${all}`));
  deepEqual(seen, ["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"]);
  equal((await openDataset(storage, "bagel")).test.map((e) => e.name).join(" "), "good/000 hole/000 hole/001");
});

Deno.test("synthesise() says in its manifest how much was asked to vary, and which instances had to vary less", async () => {
  const only = { ...small, width: 64, height: 64, validation: 0, good: 0, perDefect: 0 };
  const { manifest, hashes } = await made({ ...only, product: "potato", train: 24, vary: 4 });
  equal(manifest.options.vary, 4);
  const less = manifest.files.filter(({ vary }) => vary !== undefined);
  ok(less.length > 0 && less.length < 12, `${less.length} of 24`);
  ok(less.every(({ vary }) => vary! >= 1 && vary! < 4));
  const usual = await made({ ...only, product: "potato", train: 24, vary: 1 });
  ok(usual.manifest.files.every((file) => !("vary" in file)));
  deepEqual(usual.hashes, (await made({ ...only, product: "potato", train: 24 })).hashes);
  const scan = "potato/train/good/xyz/000.tiff";
  notDeepEqual(hashes[scan], usual.hashes[scan]);
});

Deno.test("synthOptions has the documented defaults and refuses what it does not know", () => {
  const { product, width, height, train, validation, good, perDefect, noiseMm, vary, defects } = synthOptions.parse({});
  deepEqual([product, width, height, train, validation, good, perDefect, noiseMm, vary], [
    "bagel",
    256,
    256,
    12,
    0,
    4,
    2,
    0.05,
    1,
  ]);
  deepEqual(defects, [...DEFECTS]);
  for (const wrong of [{ product: "brick" }, { width: 8 }, { seed: -1 }, { noise: 1 }, { vary: 4.1 }, { vary: -1 }]) {
    equal(synthOptions.safeParse(wrong).success, false);
  }
});
