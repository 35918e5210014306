/** What a fit keeps of each of its generators. @module */
import type { GapStatistics } from "./gap_statistics.ts";
import type { ScannedFrame, TrainedGenerator } from "./trained_generator.ts";

/** A generator with the frame by which the scans of a fit come to it. */
export type PlacedGenerator = TrainedGenerator & { readonly frame: ScannedFrame };

/** A generator with the gaps seen at its points. */
export interface KeptGenerator {
  readonly trained: PlacedGenerator;
  /** Of normal scans that it was not trained on. */
  readonly gaps: GapStatistics;
}
