/** Refusal of sets that share scans: what a model has seen must not be what it is judged by. @module */
import type { Storage } from "../../core/mod.ts";
import { OverlappingSets } from "./errors.ts";
import type { ScanEntry } from "./layout.ts";

/** Scans of one storage that belong together, such as everything a model was trained on. */
export interface ScanSet {
  /** What messages call it, such as `train`. */
  readonly label: string;
  readonly storage: Storage;
  readonly entries: readonly Pick<ScanEntry, "file">[];
}

/** Lower-case hexadecimal sha-256 of a file's bytes. */
export async function contentHash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Content hash to file name of every scan of a set; of equal files the first is named. Reads one file at a time. */
async function hashes(set: ScanSet): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { file } of set.entries) {
    const bytes = await set.storage.read(file);
    if (bytes.length === 0) continue; // no scan at all, refused when it is its turn
    const hash = await contentHash(bytes);
    if (!found.has(hash)) found.set(hash, file);
  }
  return found;
}

/**
 * Checks that no file's bytes are in both sets, whatever the files are called; empty files are passed over. The same points written in
 * another way (compressed, say) have other bytes and are not found.
 * @throws {OverlappingSets} with every pair
 */
export async function assertDisjoint(a: ScanSet, b: ScanSet): Promise<void> {
  const ours = await hashes(a);
  const pairs: [string, string][] = [];
  for (const { file } of b.entries) {
    const same = ours.get(await contentHash(await b.storage.read(file)));
    if (same !== undefined) pairs.push([same, file]);
  }
  if (pairs.length > 0) throw new OverlappingSets(a.label, b.label, pairs);
}
