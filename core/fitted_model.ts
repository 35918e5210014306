/** A method fitted to normal scans, as it lies in memory. @module */
import type { Calibration } from "./calibration.ts";
import type { Method } from "./method.ts";
import type { MissingOptions } from "./missing_region.ts";
import type { PartSizes } from "./part_size.ts";
import type { FittedExtractor, FittedFuser, FittedReconstructor } from "./plugin.ts";
import type { ScanRegistry } from "./scan_registry.ts";

/** What held-out normal scans score: the scan score, and the map's maximum, from which regions get their threshold. */
export interface ModelCalibration {
  /** Scan scores: the decision's threshold. */
  readonly scan: Calibration;
  /** Largest values of the maps: the regions' threshold. */
  readonly peak: Calibration;
}

/** The branch that finds what a scan lacks. */
export interface ReconstructionBranch {
  /** Gives whole shapes. */
  readonly reconstructor: FittedReconstructor;
  /** How their map is made. */
  readonly missing: MissingOptions;
  /** The normal scans that others are brought to, where the reconstructor asks for it. */
  readonly registry?: ScanRegistry;
}

/** The fitted branches of a method. */
export interface FittedBranches {
  /** The feature branch, ready to score. */
  readonly extractor: FittedExtractor;
  /** The normal scans that others are brought to, where the extractor asks for it. */
  readonly registry?: ScanRegistry;
  /** The other branch, of methods that have two; its registry is the same one where both ask for it. */
  readonly reconstruction?: ReconstructionBranch;
}

/** A method fitted to normal scans. Owns GPU memory. */
export interface Model extends FittedBranches, Disposable {
  /** What it is called in results: a folder's name, or a category. */
  readonly name: string;
  /** The method with the options it was fitted with. */
  readonly method: Method;
  /** What makes one map of two, where the method has two branches. */
  readonly fuser?: FittedFuser;
  /** Absent where it was fitted without. */
  readonly calibration?: ModelCalibration;
  /** How large the parts are that it was fitted on. */
  readonly partSizes: PartSizes;
  /** The scans that it was fitted on, refused ones left out. */
  readonly trainNames: readonly string[];
  /** Those of them that score by the others as if they were defective, the most suspect first; they are in the model all the same. */
  readonly suspects: readonly string[];
  /** SHA-256 over the training scans' points, in their order. */
  readonly fingerprint: string;
}

/** The normal scans that a method's scans are brought to, whichever branch asked for them. */
export const registryOf = ({ registry, reconstruction }: FittedBranches): ScanRegistry | undefined =>
  registry ?? reconstruction?.registry;

/** What the parts of a model say of themselves, such as `{ bankRows: 2508, shapes: 32 }`. */
export const modelFacts = ({ extractor, reconstruction, fuser }: Model): Readonly<Record<string, number | string>> => ({
  ...extractor.facts,
  ...reconstruction?.reconstructor.facts,
  ...fuser?.facts,
});
