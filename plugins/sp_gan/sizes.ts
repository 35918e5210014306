/** Sizes of SP-GAN: the paper's, and one that two processor cores train. @module */
import type { DiscriminatorWidths } from "./discriminator.ts";
import type { GeneratorWidths } from "./generator.ts";

/** Widths of a generator, and how many points a shape has. */
export interface GeneratorSize {
  /** Points of a shape. */
  readonly points: number;
  /** Widths of the generator. */
  readonly generator: GeneratorWidths;
}

/** Widths of both networks, and how many points a shape has. */
export interface SpGanSize extends GeneratorSize {
  /** Widths of the discriminator. */
  readonly discriminator: DiscriminatorWidths;
}

/** The published networks (585,155 and 980,353 parameters), with Uni-3DAD's 4096 points. */
export const paperSize: SpGanSize = {
  points: 4096,
  generator: { latent: 128, k: 10, style: 128, edges: [64, 128], global: 512, tail: [256, 64] },
  discriminator: { places: [64, 128, 256, 1024], feature: [512, 256, 64] },
};

/** Half as wide, with a quarter of the points: about a twentieth of the work. */
export const smallSize: SpGanSize = {
  points: 1024,
  generator: { latent: 64, k: 10, style: 64, edges: [32, 64], global: 256, tail: [128, 32] },
  discriminator: { places: [32, 64, 128, 512], feature: [256, 128, 32] },
};
