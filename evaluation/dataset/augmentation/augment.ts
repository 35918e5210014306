/** A whole data set of complete and incomplete scans, made of a data set's normal ones in the layout of MVTec 3D-AD. @module */
import { randomStream, type Storage } from "../../../core/mod.ts";
import { Uni3dadError } from "../../../errors.ts";
import { writePng, writeTiff } from "../../../formats/mod.ts";
import { NoScansToDamage } from "../errors.ts";
import { type Dataset, type ScanEntry } from "../layout.ts";
import { loadEntry } from "../load_entry.ts";
import { maskValue } from "../synthetic/defects.ts";
import { dropOutsOf } from "./dropouts.ts";
import type { AugmentedFile, AugmentManifest, KeptFile, RefusedSource } from "./manifest.ts";
import { type AugmentOptions, formsOf, SIZE_CLASSES, type SizeClass } from "./options.ts";
import { partOf } from "./part.ts";
import { removeRegion } from "./remove_region.ts";

/** Version of what is drawn: with another version the same seed may give other scans. */
const GENERATOR_VERSION = 1;
/** Damaged scans in all, and of each normal one, where nothing else is asked for. */
const IN_ALL = 32, OF_EACH = 2;

/** Where an augmented data set comes from and goes to. */
export interface AugmentPlaces {
  readonly from: Storage;
  readonly dataset: Dataset;
  /** The category's folder, empty. */
  readonly into: Storage;
  /** Brings a file of the source, unchanged, under a name in `into`. */
  readonly bring: (file: string, name: string) => Promise<void>;
  /** Called after each scan with the number of scans written and of all. */
  readonly onProgress?: (written: number, all: number) => void;
}

/**
 * Writes the data set: training scans and normal test scans as they are, `test/missing` with masks, and `augmentation.json`, which is
 * written last and is returned. The normal scans are those of `test/good` and `validation/good`, never one that is trained on.
 * The same options give the same bytes.
 * @throws {NoScansToDamage} when there are none, or none of them can be used
 */
export async function augment(options: AugmentOptions, places: AugmentPlaces): Promise<AugmentManifest> {
  const { from, dataset, into, bring } = places, { category, train } = dataset;
  const normal = numbered(dataset);
  if (normal.length === 0) throw new NoScansToDamage(from.label, category);
  const perScan = options.perScan ?? Math.max(OF_EACH, Math.ceil(IN_ALL / normal.length));
  const all = train.length + normal.length * (1 + perScan);
  let written = 0;
  const wrote = (scans = 1) => places.onProgress?.(written += scans, all);
  for (const { file } of train) {
    await bring(file, `train/good/xyz/${lastPart(file)}`);
    wrote();
  }
  for (const { file, name } of await besides(from, train[0])) await bring(file, name);
  const good: KeptFile[] = [], files: AugmentedFile[] = [], refused: RefusedSource[] = [];
  for (const [at, { entry, number }] of normal.entries()) {
    try {
      const made = await damage(entry, at * perScan, perScan, options.seed, places, () => wrote());
      files.push(...made.files);
      const kept = { file: `test/good/xyz/${number}.${extension(entry.file)}`, mask: `test/good/gt/${number}.png` };
      await bring(entry.file, kept.file);
      await into.write(kept.mask, picture(made, new Uint8Array(made.width * made.height)));
      good.push({ ...kept, source: entry.name });
    } catch (error) {
      if (!(error instanceof Uni3dadError) || error.code !== "scan-refused") throw error;
      refused.push({ source: entry.name, code: error.code, problem: error.message });
    }
    wrote();
  }
  if (files.length === 0) throw new NoScansToDamage(from.label, category, refused[0].problem);
  await into.write("class_ids.json", json({ [maskValue("missing")]: "missing", 0: "good" }));
  const manifest: AugmentManifest = {
    schema: "uni3dad.augment/1",
    generatorVersion: GENERATOR_VERSION,
    category,
    seed: options.seed,
    options: { perScan },
    train: train.length,
    good,
    files,
    refused,
  };
  await into.write("augmentation.json", json(manifest));
  return manifest;
}

/** What else goes with the scans: the camera's calibration, and texts such as a licence, which holds for what is made of them too. */
async function besides(from: Storage, { file }: ScanEntry): Promise<{ file: string; name: string }[]> {
  const folder = file.slice(0, -"train/good/xyz/".length - lastPart(file).length);
  return (await from.list(folder.replace(/\/$/, ""))).map((file) => ({ file, name: file.slice(folder.length) }))
    .filter(({ name }) => /^(calibration\/[^/]+|[^/]+\.txt)$/.test(name));
}

/** The normal scans and their numbers in the output: test scans keep theirs, validation scans take the next ones. */
function numbered({ test, validation }: Dataset): { entry: ScanEntry; number: string }[] {
  const good = test.filter(({ defect }) => defect === "good").map((entry) => ({ entry, number: nameOf(entry.file) }));
  const first = 1 + good.reduce((most, { number }) => Math.max(most, /^\d+$/.test(number) ? Number(number) : -1), -1);
  return [...good, ...validation.map((entry, i) => ({ entry, number: String(first + i).padStart(3, "0") }))];
}

/** Damages one scan: size classes take turns from scan to scan, and so do the forms of each class. */
async function damage(
  entry: ScanEntry,
  first: number,
  count: number,
  seed: number,
  { from, dataset: { category }, into }: AugmentPlaces,
  wrote: () => void,
) {
  const scan = await loadEntry(from, { ...entry, mask: undefined }), { width, height } = scan;
  const part = partOf(scan, seed);
  const otherwise = 2 * Math.PI * randomStream(seed, `augment/${category}/shadow`).uniform();
  const dropOuts = dropOutsOf(part, otherwise);
  const sizes = Object.keys(SIZE_CLASSES) as SizeClass[];
  const made = Array.from({ length: count }, (_, i) => {
    const turn = first + i, sizeClass = sizes[turn % sizes.length];
    const forms = formsOf(sizeClass), asked = forms[Math.floor(turn / sizes.length) % forms.length];
    const stream = randomStream(seed, `augment/${category}/${entry.name}/${i}`);
    return { turn, sizeClass, ...removeRegion(part, { size: sizeClass, form: asked }, dropOuts, stream) };
  });
  const files: AugmentedFile[] = [];
  for (const { turn, sizeClass, points, mask: marked, form, share } of made) {
    const number = String(turn).padStart(3, "0"), file = `test/missing/xyz/${number}.tiff`;
    const mask = `test/missing/gt/${number}.png`;
    await into.write(file, writeTiff({ width, height, samples: 3, values: points }));
    await into.write(mask, picture(scan, marked));
    const maskPixels = marked.reduce((sum, v) => sum + v, 0);
    files.push({ file, mask, source: entry.name, form, share, sizeClass, maskPixels });
    wrote();
  }
  return { files, width, height };
}

const picture = ({ width, height }: { width: number; height: number }, marked: Uint8Array) =>
  writePng({ width, height, channels: 1, values: marked.map((v) => v * maskValue("missing")) });

const json = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
const lastPart = (file: string) => file.slice(file.lastIndexOf("/") + 1);
const nameOf = (file: string) => lastPart(file).replace(/\.[^.]*$/, "");
const extension = (file: string) => file.slice(file.lastIndexOf(".") + 1);
