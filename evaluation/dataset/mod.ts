/** Data sets: the layout of MVTec 3D-AD, and synthetic ones in it. @module */
export { assertDisjoint, type ScanSet } from "./disjoint.ts";
export { MaskSizeMismatch, NoSuchCategory, NoTrainScans, OverlappingSets } from "./errors.ts";
export { type Dataset, listCategories, openDataset, type ScanEntry } from "./layout.ts";
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
