/** What generators are trained on: a data set's normal scans as clouds in the product's frame. @module */
import {
  digestedScans,
  fitRegistry,
  type NamedScan,
  preparePresets,
  type Run,
  scanSource,
  TooFewScans,
} from "../core/mod.ts";
import type { Uni3dadError } from "../errors.ts";
import { type NormalCloud, normalShapes, type ScannedFrame, TRAINING_SAMPLES } from "../plugins/mod.ts";
import { type OpenDataset, refusal, type Refused } from "./fit.ts";
import { entryScans } from "./inputs.ts";

/** Normal scans to learn from. */
export interface TrainingClouds {
  /** Of all scans that were brought to others. */
  readonly clouds: readonly NormalCloud[];
  /** Where they lie. */
  readonly frame: ScannedFrame;
  /** SHA-256 over the scans' points. */
  readonly fingerprint: string;
  /** Scans that could not be used. */
  readonly refused: readonly Refused[];
}

/** Scans that shapes can be learned from: each is brought to others. */
const FEWEST = 2;

/** Samples the scans, once for all generators, and says what is left out. @throws {TooFewScans} @throws {RunAborted} */
export async function trainingClouds(
  { storage, dataset: { category, train } }: OpenDataset,
  points: number,
  run: Run,
): Promise<TrainingClouds> {
  const refused = new Map<string, Refused>(), digested = digestedScans(entryScans(storage, category, train));
  const onRefused = (scan: string, error: Uni3dadError) => {
    if (refused.has(scan)) return;
    run.log.warn(error.message);
    refused.set(scan, refusal(scan, error));
  };
  const source = (scans: readonly NamedScan[], task: string) =>
    scanSource({ scans, prepare: preparePresets.default, run, task, onRefused });
  using registry = await fitRegistry(source(digested.scans, "laying out"), run);
  if (registry.names.length < FEWEST) throw new TooFewScans(registry.names.length, FEWEST, "learn shapes");
  const usable = digested.scans.filter((scan) => !refused.has(scan.name));
  const { frame, clouds, identities } = await normalShapes(
    source(usable, "sampling shapes"),
    registry,
    { points, samples: TRAINING_SAMPLES },
    run,
  );
  const copies = digested.copies(registry.names).length;
  if (copies > 0) {
    run.log.warn(`${copies} of ${registry.names.length} normal scans are copies, which teach nothing new`);
  }
  if (clouds.length < registry.names.length) {
    run.log.warn(
      `${registry.names.length - clouds.length} normal scans could not be brought to others, and are left out`,
    );
  }
  return {
    clouds,
    frame: { ...frame, scans: identities },
    fingerprint: await digested.fingerprint(registry.names),
    refused: [...refused.values()],
  };
}
