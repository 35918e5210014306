/** The generators of a fit, trained on the spot: each on all normal shapes but its share. @module */
import type { Run } from "../../core/mod.ts";
import type { PlacedGenerator } from "./kept_generator.ts";
import { identityOf, type NormalShapes } from "./normal_shapes.ts";
import type { SpGanOptions } from "./options.ts";
import { sharesOf } from "./shares.ts";
import { trainGenerator, type TrainingSet } from "./train_generator.ts";
import { type SizedTraining, sizedTrainings } from "./training_defaults.ts";
import { taughtLatents, type TrainingState } from "./training.ts";

/** Networks and training that the options ask for. */
export function trainingOf({ size: name, points, iterations }: SpGanOptions): SizedTraining {
  const { size, options, plan } = sizedTrainings[name];
  return {
    size: { ...size, points: points || size.points },
    options,
    plan: { ...plan, iterations: iterations || plan.iterations },
  };
}

/** Trains them one after the other; of each the state is kept from which its share was reached best. @throws {TrainingDiverged} @throws {RunAborted} */
export async function trainShares(
  { frame, clouds, identities }: NormalShapes,
  options: SpGanOptions,
  run: Run,
): Promise<PlacedGenerator[]> {
  const training = trainingOf(options), { size } = training, generators: PlacedGenerator[] = [];
  for (const { learned, heldOut } of sharesOf(clouds, options.generators)) {
    const state = await bestState({ clouds: learned, heldOut, radius: frame.radius }, training, run);
    generators.push({
      size: { points: size.points, generator: size.generator },
      generator: state.averageGenerator,
      discriminator: { widths: size.discriminator, values: state.discriminator },
      latents: taughtLatents(state, training.options),
      learned: learned.map(identityOf),
      frame: { ...frame, scans: identities },
    });
  }
  return generators;
}

async function bestState(set: TrainingSet, { size, options, plan }: SizedTraining, run: Run): Promise<TrainingState> {
  let best: TrainingState | undefined;
  await trainGenerator(set, size, options, plan, run, {
    report: ({ iteration, inverted, reconstruction }) => {
      const own = reconstruction === null ? "" : `, normal shapes to ${(1000 * reconstruction).toFixed(2)} mm`;
      run.log.debug(`sp-gan: iteration ${iteration}: held-out shapes to ${(1000 * inverted).toFixed(2)} mm${own}`);
    },
    checkpoint: ({ state, isBest }) => {
      if (isBest) best = state;
    },
  });
  return best!;
}
