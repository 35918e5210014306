/**
 * The layout of MVTec 3D-AD: which files of a folder are normal scans, test scans and their masks. @module
 *
 * `CATEGORY/{train,validation}/good/xyz/NNN.EXT` and `CATEGORY/test/TYPE/{xyz,gt}/NNN.{EXT,png}`, TYPE `good` included; EXT is
 * tiff, tif, npy or npz. `rgb` and `validation` may be missing. A scan and its mask are paired by NNN, never by their
 * order, so that one missing file cannot shift the others.
 */
import type { Storage } from "../../core/mod.ts";
import { NoSuchCategory, NoTrainScans } from "./errors.ts";

/** One scan of a data set and where its files lie. */
export interface ScanEntry {
  /** `TYPE/NNN` in the test set, `train/NNN` and `validation/NNN` in the others: unique in the data set. */
  readonly name: string;
  /** The defect's type, `good` for a normal scan. */
  readonly defect: string;
  /** The scan's file, as the storage knows it. */
  readonly file: string;
  /** The mask's file. A good scan may go without, a defective one then has no ground truth. */
  readonly mask?: string;
}

/** One category: its scans, sorted by type and then by name. */
export interface Dataset {
  /** Name of its folder; empty where the data set's folder is the category itself. */
  readonly category: string;
  /** Normal scans to fit on. */
  readonly train: readonly ScanEntry[];
  /** Normal scans held out for the calibration; may be none. */
  readonly validation: readonly ScanEntry[];
  /** Defective scans without a mask are among them, without `mask`, and are named in `unpaired` too. */
  readonly test: readonly ScanEntry[];
  /** Files without their other half: masks without a scan, defective scans without a mask, second scans of one name. */
  readonly unpaired: readonly string[];
}

/** Extensions of scans; where one name has several, the first of these is read. */
const SCAN_EXTENSIONS = ["tiff", "tif", "npy", "npz"];

/** Part of a file's path inside a category that says what it is. */
const PLACE = /^(?:(train|validation)\/good\/xyz|test\/([^/]+)\/(xyz|gt))\/([^/]+)\.([^./]+)$/;

interface Placed {
  readonly file: string;
  readonly split: "train" | "validation" | "test";
  readonly defect: string;
  readonly isMask: boolean;
  readonly number: string;
  readonly rank: number;
}

/** What a file inside a category is, undefined if it is none of ours. */
function place(file: string, inside: string): Placed | undefined {
  const [, split, defect, kind, number, extension] = PLACE.exec(inside) ?? [];
  if (number === undefined) return undefined;
  const isMask = kind === "gt";
  const rank = (isMask ? ["png"] : SCAN_EXTENSIONS).indexOf(extension.toLowerCase());
  if (rank < 0) return undefined;
  return { file, split: (split as "train" | undefined) ?? "test", defect: defect ?? "good", isMask, number, rank };
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** `""` for the storage's root, else the folder without slashes and dots at its ends. */
export const folderOf = (category: string) =>
  category.split("/").filter((part) => part !== "" && part !== ".").join("/");

/** The last part of a path, as a name for a category that is the storage's root. */
const lastPart = (label: string) => label.split(/[/\\]/).filter((part) => part !== "").at(-1) ?? label;

/**
 * The categories in a folder, sorted; `"."` stands for the folder itself.
 * A category is a folder with scans where the layout puts them.
 */
export async function listCategories(storage: Storage): Promise<string[]> {
  const found = new Set<string>();
  for (const file of await storage.list("")) {
    const [, folder, inside] = /^(?:(.+)\/)?((?:train|validation|test)\/[^/]+\/xyz\/[^/]+)$/.exec(file) ?? [];
    if (inside !== undefined && place(file, inside)) found.add(folder ?? ".");
  }
  return [...found].sort(byText);
}

/**
 * The scans of one category. Nothing is read but the names; files that are not ours are passed over.
 * @param category its folder in the storage; `""` or `"."` where the storage is the category itself
 * @param options `needsTrain`: false for scans that a fitted model judges
 * @throws {NoSuchCategory} {@linkcode NoTrainScans}
 */
export async function openDataset(
  storage: Storage,
  category: string,
  { needsTrain = true }: { needsTrain?: boolean } = {},
): Promise<Dataset> {
  const folder = folderOf(category);
  const prefix = folder === "" ? "" : `${folder}/`;
  const placed = (await storage.list(folder)).flatMap((file) => place(file, file.slice(prefix.length)) ?? []);
  if (!placed.some((p) => !p.isMask)) {
    throw new NoSuchCategory(storage.label, category, await listCategories(storage));
  }
  placed.sort((a, b) => byText(a.defect, b.defect) || byText(a.number, b.number) || a.rank - b.rank);
  const masks = new Map(placed.filter((p) => p.isMask).map((p) => [`${p.defect}/${p.number}`, p.file]));
  const sets = { train: [] as ScanEntry[], validation: [] as ScanEntry[], test: [] as ScanEntry[] };
  const unpaired: string[] = [];
  const named = new Set<string>();
  for (const { file, split, defect, isMask, number } of placed) {
    if (isMask) continue;
    const name = `${split === "test" ? defect : split}/${number}`;
    const slot = `${split}/${defect}/${number}`;
    if (named.has(slot)) {
      unpaired.push(file);
      continue;
    }
    named.add(slot);
    const mask = split === "test" ? masks.get(name) : undefined;
    if (split === "test") masks.delete(name);
    sets[split].push({ name, defect, file, ...(mask === undefined ? {} : { mask }) });
    if (split === "test" && defect !== "good" && mask === undefined) unpaired.push(file);
  }
  if (needsTrain && sets.train.length === 0) throw new NoTrainScans(storage.label, `${prefix}train/good/xyz`);
  unpaired.push(...masks.values());
  return { category: folder === "" ? lastPart(storage.label) : folder, ...sets, unpaired: unpaired.sort(byText) };
}
