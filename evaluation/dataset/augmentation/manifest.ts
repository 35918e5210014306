/** `augmentation.json`: how an augmented data set was made. @module */
import type { RemovedForm, SizeClass } from "./options.ts";

/** One damaged scan. Files are named relative to the category's folder. */
export interface AugmentedFile {
  /** The scan. */
  readonly file: string;
  /** Where its piece is missing. */
  readonly mask: string;
  /** The normal scan that was damaged, as the source names it, such as `good/003`. */
  readonly source: string;
  /** What the piece looks like. */
  readonly form: RemovedForm;
  /** Missing pixels as a share of the part's in the source, both counted at the scan's own resolution. */
  readonly share: number;
  /** The class that the share lies in, per cent. */
  readonly sizeClass: SizeClass;
  /** Pixels of the mask. */
  readonly maskPixels: number;
}

/** A normal scan in the test set, untouched. */
export interface KeptFile {
  /** The scan. */
  readonly file: string;
  /** All zeros. */
  readonly mask: string;
  /** Its name in the source. */
  readonly source: string;
}

/** A normal scan that no piece could be taken from, and why. */
export interface RefusedSource {
  /** Its name in the source. */
  readonly source: string;
  /** The error's stable name. */
  readonly code: string;
  /** The error's words for people. */
  readonly problem: string;
}

/** The manifest. */
export interface AugmentManifest {
  /** Name and version of this form. */
  readonly schema: "uni3dad.augment/1";
  /** With another version the same seed may give other scans. */
  readonly generatorVersion: number;
  /** Of the source. */
  readonly category: string;
  /** Every choice comes from it. */
  readonly seed: number;
  /** As they were used. */
  readonly options: { readonly perScan: number };
  /** Training scans, which are those of the source. */
  readonly train: number;
  /** Complete test scans. */
  readonly good: readonly KeptFile[];
  /** Incomplete ones. */
  readonly files: readonly AugmentedFile[];
  /** Left out. */
  readonly refused: readonly RefusedSource[];
}
