/** One entry of a data set, read: the scan with its ground truth. @module */
import { readScan, type Scan, type Storage } from "../../core/mod.ts";
import { readMask } from "../../formats/mod.ts";
import { MaskSizeMismatch } from "./errors.ts";
import type { ScanEntry } from "./layout.ts";

/**
 * Reads a scan and its mask. A good scan without a mask file gets a truth of zeros; a defective one without gets none.
 * @throws {MaskSizeMismatch} and what reading throws: `FileMissing`, the readers' errors, `ScanRefused`
 */
export async function loadEntry(storage: Storage, entry: ScanEntry): Promise<Scan> {
  const scan = await readScan(entry.name, await storage.read(entry.file));
  const { width, height } = scan;
  if (entry.mask === undefined) {
    return entry.defect === "good"
      ? { ...scan, truth: { width, height, values: new Uint8Array(width * height) } }
      : scan;
  }
  const truth = await readMask(await storage.read(entry.mask));
  if (truth.width !== width || truth.height !== height) {
    throw new MaskSizeMismatch(entry.file, [width, height], entry.mask, [truth.width, truth.height]);
  }
  return { ...scan, truth };
}
