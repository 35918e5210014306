/** The work of `augment`: an augmented data set in a folder, whole or not at all. @module */
import { throwIfAborted } from "../core/mod.ts";
import { augment, type AugmentManifest, type AugmentOptions, openDataset } from "../evaluation/mod.ts";
import { assertReplaceable, diskStorage, folderOf, replaceFolder } from "./disk.ts";
import { OutputUnwritable } from "./errors.ts";

/** What {@linkcode augmentFolder} takes. */
export interface AugmentFolderOptions {
  /** Folder of the data set. */
  readonly data: string;
  /** One of its categories. */
  readonly category: string;
  /** The data set is written below it, as OUTPUT/CATEGORY. */
  readonly output: string;
  /** What is removed, and how often. */
  readonly options: AugmentOptions;
  /** Copy the scans that stay as they are, instead of linking them. */
  readonly copy: boolean;
  /** Stops between two scans. */
  readonly signal: AbortSignal;
  /** Told after each scan. */
  readonly progress: (step: string, done: number, total: number) => void;
}

/**
 * Makes OUTPUT/CATEGORY of a category. Scans that stay as they are become hard links to the source's files, symbolic ones where the
 * disk refuses, else copies. @throws {OutputUnwritable} when the folder holds something; and what `openDataset` and `augment` throw
 */
export async function augmentFolder(
  { data, category, output, options, copy, signal, progress }: AugmentFolderOptions,
): Promise<AugmentManifest> {
  const from = diskStorage(data);
  const dataset = await openDataset(from, category);
  const folder = `${output.replace(/(?<=.)\/+$/, "")}/${dataset.category}`, never = () => false;
  await assertReplaceable(folder, never);
  const held: { manifest?: AugmentManifest } = {};
  await replaceFolder(folder, never, async (into) => {
    const bring = async (file: string, name: string) => {
      if (copy) return await into.write(name, await from.read(file));
      await link(`${data}/${file}`, `${into.label}/${name}`);
    };
    const onProgress = (done: number, total: number) => {
      throwIfAborted({ signal });
      progress("removing pieces", done, total);
    };
    held.manifest = await augment(options, { from, dataset, into, bring, onProgress });
  });
  return held.manifest!;
}

/** A second name for a file, or a pointer to it, or a copy of it. @throws {OutputUnwritable} */
async function link(file: string, name: string): Promise<void> {
  try {
    await Deno.mkdir(folderOf(name), { recursive: true });
    const real = await Deno.realPath(file);
    const ways = [() => Deno.link(real, name), () => Deno.symlink(real, name), () => Deno.copyFile(real, name)];
    for (const [at, way] of ways.entries()) {
      try {
        return await way();
      } catch (cause) {
        if (at === ways.length - 1) throw cause;
      }
    }
  } catch (cause) {
    throw new OutputUnwritable(name, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
