/** `augmentation.json`: how an augmented data set was made. @module */
import type { RemovedForm, SizeClass } from "./options.ts";

/** One damaged scan. Files are named relative to the category's folder. */
export interface AugmentedFile {
  readonly file: string;
  readonly mask: string;
  /** The normal scan that was damaged, as the source names it, such as `good/003`. */
  readonly source: string;
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
  readonly file: string;
  readonly mask: string;
  readonly source: string;
}

/** A normal scan that no piece could be taken from, and why. */
export interface RefusedSource {
  readonly source: string;
  readonly code: string;
  readonly problem: string;
}

/** The manifest. */
export interface AugmentManifest {
  readonly schema: "uni3dad.augment/1";
  readonly generatorVersion: number;
  readonly category: string;
  readonly seed: number;
  readonly options: { readonly perScan: number };
  /** Training scans, which are those of the source. */
  readonly train: number;
  readonly good: readonly KeptFile[];
  readonly files: readonly AugmentedFile[];
  readonly refused: readonly RefusedSource[];
}
