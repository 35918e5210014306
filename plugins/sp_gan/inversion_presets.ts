/** How a generator is inverted: the published code's way, the paper's, and ours. @module */
import type { InversionTerms } from "./inversion_step.ts";

/** A stage of an inversion. */
export interface InversionStage {
  readonly iterations: number;
  /** Rates of Adam; 0: stays as it is. */
  readonly latentRate: number;
  readonly weightRate: number;
}

/** A way to invert. */
export interface InversionPreset {
  readonly terms: InversionTerms;
  readonly stages: readonly InversionStage[];
  /** A latent for each place, or one for the cloud. */
  readonly latents: "place" | "cloud";
  /** Whether the scan's pose is estimated too: every few steps it is laid on the shape that there is by then. */
  readonly pose: boolean;
  /** Whether a stage ends as soon as some steps bring hardly anything. */
  readonly stopsEarly: boolean;
}

/** How far latent and weights move, and what else does. */
const ours: Omit<InversionPreset, "terms"> = {
  stages: [
    { iterations: 20, latentRate: 0.02, weightRate: 1e-4 },
    { iterations: 10, latentRate: 0.005, weightRate: 2e-5 },
  ],
  latents: "cloud",
  pose: true,
  stopsEarly: true,
};

/** Names of the ways. */
export const ways = ["default", "paper", "reference", "feature"] as const;

/**
 * `reference`, Uni-3DAD's code: sums of squares across the viewing direction, a latent for each place, k-mask 5. `paper`, its text: means of
 * distances, no mask. `default`: the same distances with the mask, one latent, weights that move little, from the start that covers the scan best,
 * with steps that fit a latent's deviation. What moves, and how far, is decided on normal scans with pieces cut out: docs/results.md,
 * "What an inversion may move". `feature`: squares with the mask, and the discriminator's feature of what the mask keeps, as ShapeInversion has it
 * (Zhang et al. 2021; its weights), with the steps of `default`.
 */
export const inversionPresets: Readonly<Record<typeof ways[number], InversionPreset>> = {
  default: {
    terms: {
      toScan: { form: "norm", dimensions: 3, weight: 1, mean: true, mask: 5 },
      toShape: { form: "norm", dimensions: 3, weight: 1, mean: true },
      latent: 0,
    },
    ...ours,
  },
  feature: {
    terms: {
      toScan: { form: "squared", dimensions: 3, weight: 1, mean: true, mask: 5 },
      toShape: { form: "squared", dimensions: 3, weight: 1, mean: true },
      feature: { weight: 0.1 },
      latent: 0.001,
    },
    ...ours,
  },
  reference: {
    terms: {
      toScan: { form: "squared", dimensions: 2, weight: 1, mean: false, mask: 5 },
      toShape: { form: "squared", dimensions: 2, weight: 1, mean: false },
      score: { goal: "one", weight: 1 },
      latent: 1,
    },
    stages: [
      { iterations: 40, latentRate: 1e-4, weightRate: 2e-5 },
      { iterations: 40, latentRate: 1e-5, weightRate: 1e-5 },
    ],
    latents: "place",
    pose: false,
    stopsEarly: false,
  },
  paper: {
    terms: {
      toScan: { form: "norm", dimensions: 3, weight: 1, mean: true },
      toShape: { form: "norm", dimensions: 3, weight: 1, mean: true },
      score: { goal: "scan", weight: 1 },
      latent: 0,
    },
    stages: [
      { iterations: 40, latentRate: 2e-5, weightRate: 1e-4 },
      { iterations: 40, latentRate: 1e-5, weightRate: 1e-5 },
    ],
    latents: "cloud",
    pose: false,
    stopsEarly: false,
  },
};

/** A way to invert, with so many steps at each stage instead of its own. */
export function inversionOf(
  { way, steps }: { readonly way: typeof ways[number]; readonly steps: number },
): InversionPreset {
  const preset = inversionPresets[way];
  return steps === 0 ? preset : { ...preset, stages: preset.stages.map((stage) => ({ ...stage, iterations: steps })) };
}
