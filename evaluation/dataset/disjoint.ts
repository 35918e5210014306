/** Refusal of sets that share scans: what a model has seen must not be what it is judged by. @module */
import { digestOf, readScan, type Storage } from "../../core/mod.ts";
import { Uni3dadError } from "../../errors.ts";
import { OverlappingSets } from "./errors.ts";
import type { ScanEntry } from "./layout.ts";

/** Scans of one storage that belong together, such as everything a model was trained on. */
export interface ScanSet {
  /** What messages call it, such as `train`. */
  readonly label: string;
  readonly storage: Storage;
  readonly entries: readonly Pick<ScanEntry, "file">[];
}

/** SHA-256 of a scan's points, however the file packs them; of the bytes of a file that is no scan. */
async function scanHash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    const { points } = await readScan("scan", bytes);
    return await digestOf(new Uint8Array(points.buffer as ArrayBuffer, points.byteOffset, points.byteLength));
  } catch (error) {
    if (!(error instanceof Uni3dadError)) throw error;
    return await digestOf(bytes); // refused when it is its turn
  }
}

/** Hash to file name of every scan of a set; of equal files the first is named. Reads one file at a time. */
async function hashes(set: ScanSet): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { file } of set.entries) {
    const bytes = await set.storage.read(file);
    if (bytes.length === 0) continue; // no scan at all, refused when it is its turn
    const hash = await scanHash(bytes);
    if (!found.has(hash)) found.set(hash, file);
  }
  return found;
}

/**
 * Checks that no scan is in both sets, whatever the files are called and however they pack the points; empty files are passed over.
 * @throws {OverlappingSets} with every pair
 */
export async function assertDisjoint(a: ScanSet, b: ScanSet): Promise<void> {
  const ours = await hashes(a);
  const pairs: [string, string][] = [];
  for (const { file } of b.entries) {
    const same = ours.get(await scanHash(await b.storage.read(file)));
    if (same !== undefined) pairs.push([same, file]);
  }
  if (pairs.length > 0) throw new OverlappingSets(a.label, b.label, pairs);
}
