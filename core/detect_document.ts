/** The document that `detect` gives, as verb and server write it: `uni3dad.detect/1`. @module */

/** A connected place above the threshold. */
export interface Region {
  /** Surface of the part that it covers, square millimetres; of what is missing, the area that it had across the viewing direction. */
  readonly areaMm2: number;
  /** Centre of the region's points in the camera's frame, millimetres; of what is missing, where it should have been. */
  readonly centreMm: readonly [number, number, number];
  /** Largest score in it. */
  readonly peak: number;
  /** Which branch saw it: `feature` an odd surface, `reconstruction` something that is missing. */
  readonly branch: "feature" | "reconstruction";
}

/** How near a scan came to normal scans of its pose. */
export interface Pose {
  /** Mean distance of its surface to those of the normal scans that it was brought to, millimetres. */
  readonly costMm: number;
  /** Whether normal scans come no nearer to each other: else the p-value is not to be relied on. */
  readonly covered: boolean;
  /** Whether it is like any normal scan at all: else it is another product, or upside down. */
  readonly fits: boolean;
}

/** What was found in one scan. */
export interface ScanFound {
  /** Path of the file, or the scan's name in its data set. */
  readonly input: string;
  /** Higher is more anomalous; the unit is the method's own. */
  readonly score: number;
  /** Share of held-out normal scans that score at least as high, (1 + count) / (1 + n); null where the model has no calibration. */
  readonly pValue: number | null;
  /** The scan is anomalous when its score is above this; null where none is known or reachable. */
  readonly threshold: number | null;
  /** Where the threshold comes from, in words. */
  readonly thresholdOrigin: string;
  /** `normal` too where no threshold is known. */
  readonly decision: "normal" | "anomalous";
  /** The branch that the map's highest place comes from; null for methods with one branch. */
  readonly decidedBy: Region["branch"] | null;
  /** What people should know before they trust the decision, such as an odd size or a pose that no normal scan has. */
  readonly notes: readonly string[];
  /** Null where the method does not register scans, or the model has no calibration. */
  readonly pose: Pose | null;
  /** Connected places above the map's threshold, largest peak first. */
  readonly regions: readonly Region[];
  /** What was written for the scan, by kind, relative to the output folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Wall seconds from reading the scan to the decision; writing the files is not in them. */
  readonly seconds: number;
  /** Defect type, where the data set says one. */
  readonly truth?: string;
}

/** A scan that could not be used; the rest of the batch is done. */
export interface ScanFailed {
  /** Path of the file, or the scan's name in its data set. */
  readonly input: string;
  /** Why: the error's stable name, and its words for people. */
  readonly error: { readonly code: string; readonly message: string };
}

/** What produced the results. */
export interface ModelFacts {
  /** What it was fitted to: a category, or a folder's name. */
  readonly name: string;
  /** As given, such as `fpfh`. */
  readonly method: string;
  /** Name of the option set that the method started from. */
  readonly preset: string;
  /** The version of uni3dad that computed the results. */
  readonly version: string;
  /** How many normal scans it was fitted on. */
  readonly trainScans: number;
  /** Training scans that score as if they were defective, the most suspect first. */
  readonly suspects: readonly string[];
  /** SHA-256 over the training scans' points, hexadecimal. */
  readonly fingerprint: string;
  /** What the method's parts say of themselves, such as `{ bankRows: 2508 }`. */
  readonly facts: Readonly<Record<string, number | string>>;
  /** How thresholds come about: kind, held-out scans, least reachable false-alarm rate; null without one. */
  readonly calibration: { readonly kind: string; readonly scans: number; readonly reachableAlpha: number } | null;
}

/** `uni3dad.detect/1`. */
export interface DetectDocument {
  /** Name and version of this form. */
  readonly schema: "uni3dad.detect/1";
  /** The driver's words, and whether the "GPU" was the processor. */
  readonly adapter: { readonly description: string; readonly software: boolean };
  /** The model that scored all scans. */
  readonly model: ModelFacts;
  /** Refused training scans first, then the inputs in their order. */
  readonly scans: readonly (ScanFound | ScanFailed)[];
}

/** Tells a result from a refusal. */
export const isFound = (scan: ScanFound | ScanFailed): scan is ScanFound => !("error" in scan);
