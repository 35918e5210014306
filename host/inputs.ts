/** Scans by name: of a data set, or of files. @module */
import { type NamedScan, readScan, type ReadScanOptions } from "../core/mod.ts";
import { loadEntry, type ScanEntry } from "../evaluation/mod.ts";
import type { Storage } from "../core/mod.ts";
import { readFile } from "./disk.ts";

/** A scan to be scored. */
export interface InputScan extends NamedScan {
  /** Defect type, where the data set says one; `good` is none. */
  readonly defect?: string;
  /** Where its results go below each kind's folder, without extension, such as `cable_gland/test/bent/005`. */
  readonly place: string;
}

/** The scans of a data set's entries. */
export function entryScans(storage: Storage, category: string, entries: readonly ScanEntry[]): InputScan[] {
  const used = new Set<string>();
  return entries.map((entry) => ({
    name: entry.name,
    defect: entry.defect,
    place: freePlace(safePlace(`${category}/test/${entry.name}`), used),
    load: () => loadEntry(storage, entry),
  }));
}

/** Scans of loose files; two files of one name get a number. */
export function fileScans(paths: readonly string[], options: ReadScanOptions = {}): InputScan[] {
  const used = new Set<string>();
  return paths.map((path) => {
    const base = safePlace(path.split("/").at(-1)!.replace(/\.[^.]*$/, "") || "scan");
    return {
      name: path,
      place: freePlace(base, used),
      load: async () => await readScan(path, await readFile(path), options),
    };
  });
}

/** A relative path that stays below its folder on every system. */
function safePlace(name: string): string {
  const parts = name.split("/").map((part) => part.replace(/[^\p{L}\p{N}._-]/gu, "_")).filter((part) =>
    part !== "" && part !== "." && part !== ".."
  );
  return parts.join("/") || "scan";
}

/** The place, or the first of `place-2`, `place-3`, … that is not in use yet; it is from now on. */
function freePlace(place: string, used: Set<string>): string {
  let free = place;
  for (let n = 2; used.has(free.toLowerCase()); n++) free = `${place}-${n}`; // some systems' folders do not tell A from a
  used.add(free.toLowerCase());
  return free;
}
