/** Scored maps on disk, so that a thousand of them take no memory. @module */
import type { ScoredMap, ScoredMaps } from "../evaluation/mod.ts";

/** A file that maps are appended to and walked from; it is removed when disposed. */
export interface Spool extends ScoredMaps, Disposable {
  /** Appends a map; the arrays are the caller's again when it is done. */
  add(map: ScoredMap): Promise<void>;
  /** How many maps were added. */
  readonly count: number;
}

/** Opens an empty spool in the system's folder for temporary files. */
export async function openSpool(): Promise<Spool> {
  const path = await Deno.makeTempFile({ prefix: "uni3dad-", suffix: ".maps" });
  const file = await Deno.open(path, { read: true, write: true, truncate: true });
  const index: Omit<ScoredMap, "scores" | "truth">[] = [];
  return {
    get count() {
      return index.length;
    },
    async add({ width, height, scores, truth, defect, name }) {
      await writeAll(file, new Uint8Array(scores.buffer as ArrayBuffer, scores.byteOffset, scores.byteLength));
      await writeAll(file, truth);
      index.push({ width, height, defect, name });
    },
    async *walk() {
      using reader = await Deno.open(path, { read: true });
      for (const entry of index) {
        const places = entry.width * entry.height;
        const scores = new Float32Array(places), truth = new Uint8Array(places);
        await readAll(reader, new Uint8Array(scores.buffer));
        await readAll(reader, truth);
        yield { ...entry, scores, truth };
      }
    },
    [Symbol.dispose]() {
      file.close();
      Deno.removeSync(path);
    },
  };
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

async function readAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const read = await file.read(bytes.subarray(done));
    if (read === null) throw new Error(`Cannot read the spool: it ends after ${done} of ${bytes.length} bytes`);
    done += read;
  }
}
