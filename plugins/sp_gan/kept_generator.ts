/** What a fit keeps of each of its generators. @module */
import type { GapStatistics } from "./gap_statistics.ts";
import type { NamedFrame, TrainedGenerator } from "./trained_generator.ts";

/** A generator with its product's frame, the scans that it was trained on, and the gaps seen at its points. */
export interface KeptGenerator {
  readonly trained: TrainedGenerator & { readonly frame: NamedFrame };
  /** Names of the normal scans that it was trained on. */
  readonly learned: ReadonlySet<string>;
  /** Of normal scans that it was not trained on. */
  readonly gaps: GapStatistics;
}
