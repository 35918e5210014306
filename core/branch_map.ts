/** The map of the reconstruction branch: a scan, the whole shape it should have had, and what of that it lacks. @module */
import { ScanRefused } from "./errors.ts";
import type { ReconstructionBranch } from "./fitted_model.ts";
import { heaviestShape } from "./heaviest_shape.ts";
import { missingRegion } from "./missing_region.ts";
import type { Prepared, ScoreMap } from "./prepared.ts";
import type { Registration } from "./registered.ts";
import { type Run, stage } from "./run.ts";

/** What is wanted of the branch besides its map, and of which scan. */
export interface MissingMapOptions {
  /** Takes the scan as unseen, though the branch was fitted on it. */
  readonly heldOut?: boolean;
  /** Adds the shape. */
  readonly shape?: boolean;
}

/** What a scan lacks. */
export interface MissingMap {
  /** Where. */
  readonly map: ScoreMap;
  /** `count × 3`: the points of the shape that counts most, in the scan's camera frame, metres; where it was asked for. */
  readonly shape?: Float32Array;
}

/** The scan as a branch sees it: brought to normal scans where it asked for that. */
export const seenBy = (asks: boolean, scan: Prepared, registration: Registration | undefined): Prepared =>
  asks && registration ? { ...scan, registration } : scan;

/**
 * What a scan lacks of whole normal shapes. Read back: what the reconstructor reads, the map, and the shape.
 * @throws {ScanRefused} where no normal shape fits, or none could be brought to it @throws {RunAborted}
 */
export async function missingMap(
  { reconstructor, registry, missing }: ReconstructionBranch,
  scan: Prepared,
  registration: Registration | undefined,
  run: Run,
  { heldOut = false, shape = false }: MissingMapOptions = {},
): Promise<MissingMap> {
  if (registry && !registration) {
    throw new ScanRefused(scan.name, "not-registered", "it could not be brought to any normal scan");
  }
  const seen = seenBy(registry !== undefined, scan, registration);
  using reconstruction = await stage(run, "reconstruct", () => reconstructor.reconstruct(seen, run, { heldOut }));
  const map = await stage(run, "missing", () => missingRegion(seen, reconstruction, missing, run));
  return shape ? { map, shape: await heaviestShape(reconstruction, run.gpu) } : { map };
}
