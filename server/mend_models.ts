/** A folder of models after a kill: what was half done is undone. @module */
import type { Log } from "../core/mod.ts";
import { GONE } from "./model_files.ts";

/** What a model is written as before it is renamed, and what the one before is renamed to until then (host/disk.ts, `replaceFolder`). */
const WRITTEN = /^.+\.(\d+)\.tmp$/, REPLACED = /^(.+)\.\d+\.old$/;

/** A model is written in seconds: what nothing was added to for so long, nobody writes any more. */
const STALE_MS = 3_600_000;

/**
 * Removes models that were being deleted, or written by a process of this one's number (as in a container) or long ago; puts one back that was
 * to be replaced, and was not. One that was replaced stays beside the new one: a copy that somebody keeps may have such a name.
 */
export async function mendModels(folder: string, log: Pick<Log, "info" | "warn">): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    const path = `${folder}/${name}`, [, writer] = WRITTEN.exec(name) ?? [], [, replaced] = REPLACED.exec(name) ?? [];
    try {
      if (replaced !== undefined && !await isThere(`${folder}/${replaced}`)) {
        await Deno.rename(path, `${folder}/${replaced}`);
        log.info(`put back the model "${replaced}", which was to be replaced, and was not`);
      } else if (name.startsWith(".") && name.endsWith(GONE) || writer !== undefined && await isStale(path, writer)) {
        await Deno.remove(path, { recursive: true });
        log.info(`removed ${path}, which a stop had left`);
      }
    } catch (error) {
      log.warn(`${path} could not be put in order: ${error instanceof Error ? error.message : error}`);
    }
  }
}

const isStale = async (path: string, writer: string) =>
  Number(writer) === Deno.pid || Date.now() - ((await Deno.stat(path)).mtime?.getTime() ?? 0) > STALE_MS;

const isThere = (path: string) => Deno.lstat(path).then(() => true, () => false);
