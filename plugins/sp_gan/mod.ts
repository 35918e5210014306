/**
 * `sp-gan`: a generator of a product's normal shapes, trained on its normal scans, gives the whole shape that a scan should have had. @module
 *
 * Liu, Mou, Gaw, Wang, "Uni-3DAD", section 3.3; Li et al., "SP-GAN", SIGGRAPH 2021; Zhang et al., "Unsupervised 3D Shape Completion through GAN
 * Inversion", CVPR 2021.
 */
import type { FittedReconstructor, Reconstructor } from "../../core/mod.ts";
import { fitGenerators, loadGenerators } from "./fitted.ts";
import { options, presets, type SpGanOptions } from "./options.ts";

export type { DiscriminatorWidths } from "./discriminator.ts";
export type { GeneratorWidths } from "./generator.ts";
export type { ShapeQuality } from "./shape_quality.ts";
export { type Share, sharesOf } from "./shares.ts";
export type { GeneratorSize, SpGanSize } from "./sizes.ts";
export { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
export { TrainingDiverged, WeightsRefused } from "./errors.ts";
export {
  identityOf,
  type NormalCloud,
  type NormalShapes,
  normalShapes,
  type ProductFrame,
  TRAINING_SAMPLES,
} from "./normal_shapes.ts";
export { importDiscriminator, importGenerator, type PublishedTensors } from "./published_weights.ts";
export {
  bestOf,
  isTrained,
  trainGenerator,
  type TrainingLook,
  type TrainingPlan,
  type TrainingReport,
  type TrainingWatcher,
  watchesHeldOut,
} from "./train_generator.ts";
export { taughtLatents, type TrainingLosses, type TrainingOptions } from "./training.ts";
export { saveGenerator, type ScannedFrame, type TrainedGenerator } from "./trained_generator.ts";
export { type SizedTraining, sizedTrainings } from "./training_defaults.ts";
export type { SpGanOptions } from "./options.ts";

/** The reconstructor that takes whole shapes from a generator. */
export const spGan: Reconstructor<SpGanOptions> = {
  kind: "reconstructor",
  name: "sp-gan",
  version: "1.0.0",
  api: 1,
  options,
  presets,
  registers: () => true,
  takesTrained: true,
  fit: (normal, given, run, registry, trained): Promise<FittedReconstructor> =>
    fitGenerators(normal, given, run, registry, trained),
  load: (model, given, run): Promise<FittedReconstructor> => loadGenerators(model, given, run),
};
