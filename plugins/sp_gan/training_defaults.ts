/** How networks of each size are trained unless said otherwise. @module */
import { paperSize, smallSize, type SpGanSize } from "./sizes.ts";
import type { TrainingPlan } from "./train_generator.ts";
import type { TrainingOptions } from "./training.ts";

/** A size with its training. */
export interface SizedTraining {
  /** Widths, and how many points a shape has. */
  readonly size: SpGanSize;
  /** How it is trained. */
  readonly options: TrainingOptions;
  /** For how long. */
  readonly plan: TrainingPlan;
}

/** `paper` as Uni-3DAD's code: batches of 15, rate 1e-4, σ 0.2, the adversaries alone. `small` learns the normal shapes beside them. */
export const sizedTrainings: Readonly<Record<"small" | "paper", SizedTraining>> = {
  small: {
    size: smallSize,
    options: { clouds: 8, rate: 1e-3, latentRate: 1e-2, sigma: 0.2, reconstructions: 8, adversarial: true },
    plan: { iterations: 120, every: 10, patience: 6 },
  },
  paper: {
    size: paperSize,
    options: { clouds: 15, rate: 1e-4, latentRate: 1e-2, sigma: 0.2, reconstructions: 0, adversarial: true },
    plan: { iterations: 20_000, every: 200, patience: 25 },
  },
};
