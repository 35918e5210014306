/** Data sets: the layout of MVTec 3D-AD, and synthetic ones in it. @module */
export { augment, type AugmentPlaces } from "./augmentation/augment.ts";
export type { AugmentedFile, AugmentManifest, KeptFile, RefusedSource } from "./augmentation/manifest.ts";
export { type AugmentOptions, augmentOptions, type RemovedForm, type SizeClass } from "./augmentation/options.ts";
export { assertDisjoint, type ScanSet } from "./disjoint.ts";
export {
  ManifestRefused,
  MaskSizeMismatch,
  NoScansToDamage,
  NoSuchCategory,
  NoTrainScans,
  OverlappingSets,
  SplitImpossible,
} from "./errors.ts";
export { type Dataset, listCategories, openDataset, type ScanEntry } from "./layout.ts";
export { LABELLED_PER_TYPE, type PaperSplit, paperSplit } from "./paper_split.ts";
export { sizeClasses } from "./size_classes.ts";
export { readSplit, type SplitCategory, splitCategory, type SplitManifest, splitManifest } from "./split_manifest.ts";
export { loadEntry } from "./load_entry.ts";
export {
  type DefectName,
  DEFECTS,
  type ProductName,
  PRODUCTS,
  type SynthOptions,
  synthOptions,
} from "./synthetic/options.ts";
export { type Manifest, type ManifestFile, synthesise } from "./synthetic/synthesise.ts";
