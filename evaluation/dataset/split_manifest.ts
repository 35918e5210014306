/** `uni3dad.split/1`: which scans are in which set, as a document. Files stay where they are. @module */
import { z } from "zod";
import type { Dataset, ScanEntry } from "./layout.ts";
import { LABELLED_PER_TYPE, paperSplit } from "./paper_split.ts";
import { parseManifest } from "./parse_manifest.ts";

/** The sets of a category. Files are named relative to the data set's folder. */
export interface SplitCategory {
  /** Its name. */
  readonly category: string;
  /** Normal scans to fit on. */
  readonly train: readonly ScanEntry[];
  /** Normal scans of `validation/good`, held out for the calibration; the paper has none. */
  readonly officialValidation: readonly ScanEntry[];
  /** Labelled scans taken out of the test set. */
  readonly labelledValidation: readonly ScanEntry[];
  /** The reduced test set. */
  readonly test: readonly ScanEntry[];
}

/** The document. */
export interface SplitManifest {
  /** Name and version of this form. */
  readonly schema: "uni3dad.split/1";
  /** How many scans of each type, the first by name, are the labelled validation. */
  readonly labelledPerType: number;
  /** Those that could be split. */
  readonly categories: readonly SplitCategory[];
  /** Those that could not, and why. */
  readonly refused: readonly {
    readonly input: string;
    readonly error: { readonly code: string; readonly message: string };
  }[];
}

/** The sets of a category by the paper's rule. @throws {SplitImpossible} */
export function splitCategory(dataset: Dataset): SplitCategory {
  const { category, train, validation: officialValidation } = dataset;
  const { validation: labelledValidation, test } = paperSplit(dataset);
  return { category, train, officialValidation, labelledValidation, test };
}

/** The document of categories that are split, and of those that are not. */
export function splitManifest(
  categories: readonly SplitCategory[],
  refused: SplitManifest["refused"],
): SplitManifest {
  return { schema: "uni3dad.split/1", labelledPerType: LABELLED_PER_TYPE, categories, refused };
}

/** A place inside the data set's folder: a document from elsewhere must not lead out of it. */
const file = z.string().min(1).refine(
  (path) => !/^([/\\]|[A-Za-z]:)/.test(path) && !path.split(/[/\\]/).includes(".."),
  "it leads out of the data set's folder",
);
const scans = z.array(z.strictObject({ name: z.string(), defect: z.string(), file, mask: file.optional() }));
const SETS = ["train", "officialValidation", "labelledValidation", "test"] as const;

const category = z.strictObject({
  category: z.string(),
  train: scans,
  officialValidation: scans,
  labelledValidation: scans,
  test: scans,
}).superRefine((sets, context) => {
  const seen = new Map<string, string>();
  for (const set of SETS) {
    for (const { file } of sets[set]) {
      const other = seen.get(file);
      if (other !== undefined) {
        context.addIssue({ code: "custom", path: [set], message: `"${file}" is in ${other} too` });
        return;
      }
      seen.set(file, set);
    }
  }
});

const schema = z.strictObject({
  schema: z.literal("uni3dad.split/1"),
  labelledPerType: z.int().positive(),
  categories: z.array(category),
  refused: z.array(
    z.strictObject({ input: z.string(), error: z.strictObject({ code: z.string(), message: z.string() }) }),
  ),
});

/**
 * Reads the document back; `place` is where it comes from, for messages. No scan is in two sets, and no file lies outside of the data
 * set's folder. @throws {ManifestRefused}
 */
export const readSplit = (bytes: Uint8Array, place: string): SplitManifest => parseManifest(bytes, schema, place);
