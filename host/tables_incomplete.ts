/** Incomplete test scans for `tables`, kept in a folder and made once. @module */
import { digestOf, throwIfAborted } from "../core/mod.ts";
import { augment, type AugmentManifest, augmentOptions, GOOD } from "../evaluation/mod.ts";
import { diskStorage, replaceFolder } from "./disk.ts";
import type { OpenDataset } from "./fit.ts";
import type { OpenRun } from "./open_run.ts";

/** The type of defect of incomplete scans that were made here: a data set may have its own `missing`. */
export const INCOMPLETE = "incomplete";

const MANIFEST = "augmentation.json";

/** Incomplete scans and what they were made of. */
export interface IncompleteSet {
  /** The folder that they lie in, `test/missing` and its manifest. */
  readonly folder: string;
  /** The good test scan that each was made of, by its name. */
  readonly sources: ReadonlyMap<string, string>;
  /** How they were made. */
  readonly manifest: AugmentManifest;
}

/** Where they come from and go to. */
export interface IncompletePlaces {
  readonly open: OpenDataset;
  /** Of each scan's file. */
  readonly digests: ReadonlyMap<string, string>;
  /** They go to `augmented/CATEGORY` below it. */
  readonly output: string;
}

/**
 * The incomplete scans of a category, made of its good test scans alone: normal scans for the calibration are what fusers learn from, so
 * nothing that is made of them may be tested. @throws {NoScansToDamage} @throws {OutputUnwritable}
 */
export async function incompleteSet(
  { open: { storage, dataset }, digests, output }: IncompletePlaces,
  run: OpenRun,
): Promise<IncompleteSet> {
  const options = augmentOptions.parse({ seed: run.seed });
  const good = dataset.test.filter(({ defect }) => defect === GOOD);
  const made = JSON.stringify([options, good.map(({ name, file }) => [name, digests.get(file)])]);
  const key = (await digestOf(new TextEncoder().encode(made))).slice(0, 16);
  const folder = `${output}/augmented/${dataset.category}/${key}`, disk = diskStorage(folder);
  if (!(await disk.list("")).includes(MANIFEST)) {
    await replaceFolder(folder, () => true, async (into) => {
      await augment(options, {
        from: storage,
        dataset: { ...dataset, validation: [] },
        into,
        bring: () => Promise.resolve(), // complete scans are read where they are
        onProgress: (done, total) => {
          throwIfAborted(run);
          run.progress(`${dataset.category}: removing pieces`, done, total);
        },
      });
    });
  }
  const manifest: AugmentManifest = JSON.parse(new TextDecoder().decode(await disk.read(MANIFEST)));
  const sources = manifest.files.map(({ file, source }) =>
    [file.replace(/^test\/missing\/xyz\/(.*)\.[^.]*$/, `${INCOMPLETE}/$1`), source] as const
  );
  return { folder, sources: new Map(sources), manifest };
}
