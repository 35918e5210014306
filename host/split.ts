/** The work of `split`: the paper's split of the categories of a data set, as a document. @module */
import { Uni3dadError } from "../errors.ts";
import { type Log, throwIfAborted } from "../core/mod.ts";
import { readSplit, type SplitCategory, splitCategory, type SplitManifest, splitManifest } from "../evaluation/mod.ts";
import { readFile, writeWhole } from "./disk.ts";
import { OutputUnwritable } from "./errors.ts";
import { openCategory, refusal, type Refused } from "./fit.ts";

/** What {@linkcode splitFolder} takes. */
export interface SplitFolderOptions {
  /** Folder of the data set; nothing in it is moved or written. */
  readonly data: string;
  /** Names of its folders. */
  readonly categories: readonly string[];
  /** File that the document is written to, if any. */
  readonly output?: string;
  /** Stops between two categories. */
  readonly signal: AbortSignal;
  /** Told what has no other half. */
  readonly log: Log;
}

/**
 * Splits each category by its files' names. One that cannot be split is named in the document; the rest is split.
 * @throws {OutputUnwritable} also where `output` holds anything but a split @throws {RunAborted}
 */
export async function splitFolder(
  { data, categories, output, signal, log }: SplitFolderOptions,
): Promise<SplitManifest> {
  if (output !== undefined) await assertSplit(output);
  const split: SplitCategory[] = [], refused: Refused[] = [];
  for (const category of categories) {
    throwIfAborted({ signal });
    try {
      split.push(splitCategory((await openCategory(data, category, { log })).dataset));
    } catch (error) {
      if (!(error instanceof Uni3dadError)) throw error;
      refused.push(refusal(category, error));
    }
  }
  const manifest = splitManifest(split, refused);
  if (output !== undefined) {
    await writeWhole(output, new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`));
  }
  return manifest;
}

/** Refuses to write over a file that is no split: a slip of the pen must not cost a scan. @throws {OutputUnwritable} */
async function assertSplit(path: string): Promise<void> {
  const there = await Deno.stat(path).catch(() => undefined);
  if (there === undefined) return;
  if (!there.isFile) throw new OutputUnwritable(path, "it is a folder, not a file");
  try {
    readSplit(await readFile(path), path);
  } catch (cause) {
    if (!(cause instanceof Uni3dadError)) throw cause;
    throw new OutputUnwritable(path, "it holds something else than a split, which would be lost", { cause });
  }
}
