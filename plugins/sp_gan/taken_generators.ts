/** The generators of a fit where they were trained before: on these normal scans, or on others of the product. @module */
import { type ModelFolder, type Run, throwIfAborted } from "../../core/mod.ts";
import { foreignFrame } from "./foreign_frame.ts";
import type { PlacedGenerator } from "./kept_generator.ts";
import type { NormalShapes, ProductFrame } from "./normal_shapes.ts";
import { readyGenerator, startShapes } from "./reconstructing.ts";
import { loadGenerator, type ScannedFrame, type TrainedGenerator } from "./trained_generator.ts";

/**
 * Opens them, and finds where their balls lie among these scans: by the scans themselves where they were trained on some of them, else by their
 * shapes. @throws {ModelRefused} @throws {RunAborted}
 */
export async function takeGenerators(
  trained: readonly ModelFolder[],
  shapes: NormalShapes,
  sigma: number,
  run: Run,
): Promise<PlacedGenerator[]> {
  const generators: PlacedGenerator[] = [];
  for (const model of trained) {
    throwIfAborted(run);
    const generator = loadGenerator(model), known = generator.frame && sameScans(generator.frame, shapes);
    const frame = known ?? await placed(generator, shapes, sigma, run);
    generators.push({ ...generator, frame: { ...frame, scans: shapes.identities } });
  }
  return generators;
}

/** The frame for the scans of this fit, where the generator's frame knows any of them. */
function sameScans({ scans, motions, centre, radius }: ScannedFrame, { identities }: NormalShapes) {
  const own = identities.map((identity) => motions[scans.indexOf(identity)]);
  return own.some((motion) => motion) ? { motions: own, centre, radius } : undefined;
}

async function placed(
  generator: TrainedGenerator,
  shapes: NormalShapes,
  sigma: number,
  run: Run,
): Promise<ProductFrame> {
  run.log.info("the generator was trained on other scans: looking for how these lie to its shapes");
  const frame = { ...shapes.frame, scans: shapes.identities }; // any will do: only its shapes are looked at
  using ready = await readyGenerator({ ...generator, frame }, sigma, run);
  return await foreignFrame({ shapes: await startShapes(ready, run), ball: generator.frame }, shapes, run);
}
