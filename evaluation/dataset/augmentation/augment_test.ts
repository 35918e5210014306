import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { digestOf, memoryStorage, type Storage } from "../../../core/mod.ts";
import { readPng, readTiff, writeTiff } from "../../../formats/mod.ts";
import { NoScansToDamage } from "../errors.ts";
import { openDataset } from "../layout.ts";
import { loadEntry } from "../load_entry.ts";
import { synthOptions } from "../synthetic/options.ts";
import { synthesise } from "../synthetic/synthesise.ts";
import { augment } from "./augment.ts";
import { augmentOptions, formsOf, SIZE_CLASSES, type SizeClass } from "./options.ts";

async function source(options: Record<string, unknown> = {}): Promise<Storage> {
  const storage = memoryStorage();
  const small = { width: 96, height: 96, train: 2, good: 2, validation: 1, defects: ["hole"], perDefect: 1 };
  await synthesise(synthOptions.parse({ ...small, ...options }), storage);
  return storage;
}

async function made(from: Storage, options: Record<string, unknown> = {}) {
  const into = memoryStorage(), seen: string[] = [];
  const manifest = await augment(augmentOptions.parse(options), {
    from,
    dataset: await openDataset(from, "bagel"),
    into,
    bring: async (file, name) => await into.write(name, await from.read(file)),
    onProgress: (written, all) => seen.push(`${written}/${all}`),
  });
  const hashes: Record<string, string> = {};
  for (const name of await into.list("")) hashes[name] = await digestOf(await into.read(name));
  return { into, manifest, hashes, seen };
}

Deno.test("augment() gives the same bytes twice, and other pieces for another seed", async () => {
  const from = await source();
  const [a, b, c] = [
    await made(from, { perScan: 1 }),
    await made(from, { perScan: 1 }),
    await made(from, { perScan: 1, seed: 1 }),
  ];
  deepEqual(a.hashes, b.hashes);
  deepEqual(Object.keys(a.hashes), Object.keys(c.hashes));
  for (const { file, mask } of a.manifest.files) {
    ok(a.hashes[file] !== c.hashes[file] && a.hashes[mask] !== c.hashes[mask], file);
  }
});

Deno.test("augment() writes a data set that openDataset() reads, its unchanged scans byte for byte", async () => {
  const from = await source(), { into, manifest, seen } = await made(from, { perScan: 2 });
  const { train, validation, test, unpaired } = await openDataset(into, ".");
  deepEqual([train.length, validation.length, unpaired.length], [2, 0, 0]);
  deepEqual(test.map(({ name }) => name), [
    ...["good/000", "good/001", "good/002"],
    ...["missing/000", "missing/001", "missing/002", "missing/003", "missing/004", "missing/005"],
  ]);
  for (const name of ["000", "001"]) {
    deepEqual(await into.read(`train/good/xyz/${name}.tiff`), await from.read(`bagel/train/good/xyz/${name}.tiff`));
    deepEqual(await into.read(`test/good/xyz/${name}.tiff`), await from.read(`bagel/test/good/xyz/${name}.tiff`));
  }
  deepEqual(await into.read("test/good/xyz/002.tiff"), await from.read("bagel/validation/good/xyz/000.tiff"));
  const calibration = "calibration/camera_parameters.json";
  deepEqual(await into.read(calibration), await from.read(`bagel/${calibration}`));
  for (const entry of test) {
    const { truth } = await loadEntry(into, entry);
    equal(truth?.values.some((v) => v > 0), entry.defect === "missing", entry.name);
  }
  deepEqual(manifest.good.map(({ source }) => source), ["good/000", "good/001", "validation/000"]);
  deepEqual(seen, Array.from({ length: 11 }, (_, i) => `${i + 1}/11`));
});

Deno.test("augment() writes a manifest that says what each damaged scan lacks", async () => {
  const from = await source(), { into, manifest } = await made(from, { perScan: 8, seed: 3 });
  const text = new TextDecoder().decode(await into.read("augmentation.json"));
  deepEqual(JSON.parse(text), manifest);
  const { schema, category, seed, options, train, files, refused } = manifest;
  deepEqual([schema, category, seed, options, train, files.length, refused], [
    ...["uni3dad.augment/1", "bagel", 3, { perScan: 8 }],
    ...[2, 24, []],
  ]);
  const fileOf = new Map(
    [...(await openDataset(from, "bagel")).test, ...(await openDataset(from, "bagel")).validation]
      .map(({ name, file }) => [name, file]),
  );
  for (const [at, { file, mask, source, form, share, sizeClass, maskPixels }] of files.entries()) {
    equal(source, ["good/000", "good/001", "validation/000"][Math.floor(at / 8)]);
    const { values } = await readPng(await into.read(mask));
    deepEqual([...new Set(values)].sort((a, b) => a - b), [0, 250]);
    equal(values.filter((v) => v > 0).length, maskPixels);
    const [least, most] = SIZE_CLASSES[sizeClass];
    ok(share >= least && share < most && formsOf(sizeClass).includes(form), `${file}: ${form} ${share}`);
    const [before, after] = [await from.read(fileOf.get(source)!), await into.read(file)];
    const [intact, damaged] = [(await readTiff(before)).values, (await readTiff(after)).values];
    const isOther = (pixel: number) => [0, 1, 2].some((axis) => intact[3 * pixel + axis] !== damaged[3 * pixel + axis]);
    const isGap = (pixel: number) => [0, 1, 2].every((axis) => intact[3 * pixel + axis] === 0);
    const marked = [...values.keys()].filter((pixel) => values[pixel] > 0);
    ok(marked.every((pixel) => isOther(pixel) || isGap(pixel)), `${file}: what is marked is not as it was`);
    ok(marked.filter(isGap).length < 0.1 * marked.length, `${file}: drop-outs are marked only to join the rest`);
  }
  const count = (size: SizeClass) => files.filter(({ sizeClass }) => sizeClass === size).length;
  deepEqual((Object.keys(SIZE_CLASSES) as SizeClass[]).map(count), [6, 6, 6, 6]);
  deepEqual(new Set(files.map(({ form }) => form)), new Set(["silhouette", "inside", "end"]));
});

Deno.test("augment() makes at least two damaged scans of each normal one, and 32 in all", async () => {
  const from = await source({ train: 1, validation: 0 });
  const { manifest } = await made(from);
  deepEqual([manifest.options.perScan, manifest.files.length], [16, 32]);
});

Deno.test("augment() refuses a category whose only normal scans are trained on", async () => {
  const from = await source({ good: 0, validation: 0 });
  await rejects(made(from), (error) => error instanceof NoScansToDamage && /move some/.test(error.message));
});

Deno.test("augment() leaves out a scan that cannot be used and says why, and refuses when there is no other", async () => {
  const from = await source(), { length } = new Float32Array(3 * 96 * 96);
  const empty = writeTiff({ width: 96, height: 96, samples: 3, values: new Float32Array(length) });
  await from.write("bagel/test/good/xyz/001.tiff", empty);
  const { manifest, into } = await made(from, { perScan: 1 });
  deepEqual(manifest.refused.map(({ source, code }) => [source, code]), [["good/001", "scan-refused"]]);
  deepEqual(manifest.good.map(({ source }) => source), ["good/000", "validation/000"]);
  equal((await into.list("test/good/xyz")).length, 2);
  await from.write("bagel/test/good/xyz/000.tiff", empty);
  await from.write("bagel/validation/good/xyz/000.tiff", empty);
  await rejects(made(from), (error) => error instanceof NoScansToDamage && /none of its normal/.test(error.message));
});
