/** The plugins that come with the package. @module */
import { calibrated } from "./calibrated/mod.ts";
import { fpfh, type FpfhOptions } from "./fpfh/mod.ts";
import { meanStd } from "./mean_std/mod.ts";
import { patchCore, type PatchCoreOptions } from "./patchcore/mod.ts";
import { nearestNormal } from "./nearest_normal/mod.ts";
import { ocsvm } from "./ocsvm/mod.ts";
import { spGan } from "./sp_gan/mod.ts";
import type { Extractor, Registry } from "../core/mod.ts";

export { calibrated, type CalibratedOptions } from "./calibrated/mod.ts";
export { fpfh, type FpfhOptions } from "./fpfh/mod.ts";
export { meanStd, type MeanStdOptions } from "./mean_std/mod.ts";
export { nearestNormal, type NearestNormalOptions } from "./nearest_normal/mod.ts";
export { ocsvm, type OcsvmOptions } from "./ocsvm/mod.ts";
export { type BankOptions, type Channel, channels, patchCore, type PatchCoreOptions } from "./patchcore/mod.ts";
export {
  bestOf,
  type DiscriminatorWidths,
  type GeneratorSize,
  type GeneratorWidths,
  identityOf,
  importDiscriminator,
  importGenerator,
  isTrained,
  loadCheckpoint,
  type NormalCloud,
  type NormalShapes,
  normalShapes,
  type ProductFrame,
  type PublishedTensors,
  saveCheckpoint,
  saveGenerator,
  type ScannedFrame,
  type ShapeQuality,
  type Share,
  sharesOf,
  type SizedTraining,
  sizedTrainings,
  spGan,
  type SpGanOptions,
  type SpGanSize,
  taughtLatents,
  type TrainedGenerator,
  trainGenerator,
  TRAINING_SAMPLES,
  TrainingDiverged,
  type TrainingLook,
  type TrainingLosses,
  type TrainingOptions,
  type TrainingPlan,
  type TrainingReport,
  type TrainingWatcher,
  watchesHeldOut,
  WeightsRefused,
} from "./sp_gan/mod.ts";

/** `fpfh` as a whole feature branch: the descriptor under PatchCore. */
export const fpfhExtractor: Extractor<PatchCoreOptions<FpfhOptions>> = patchCore({ descriptor: fpfh });

/** All built-in plugins, which names on the command line and in models stand for. */
export const builtIn: Registry = { plugins: [fpfh, fpfhExtractor, nearestNormal, spGan, meanStd, ocsvm, calibrated] };
