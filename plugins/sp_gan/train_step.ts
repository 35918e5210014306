/** One iteration of SP-GAN's training: a step of the discriminator, then one of the generator. @module
 *
 * Least-squares losses (Mao et al. 2017), L_D = ½ [mean D(G(z))² + mean (D(x) − 1)²] and L_G = mean (D(G(z)) − 1)², a fresh latent for each, in the
 * published order. Real and generated clouds pass the discriminator as two batches, each with its own statistics.
 */
import type { Gpu, GpuBuffer, Rows } from "../../kernels/mod.ts";
import {
  type Adam,
  type AdamOptions,
  featureGraph,
  knownGraph,
  leastSquares,
  type Parameters,
  Tape,
} from "../../nets/mod.ts";
import type { BallRows } from "./ball.ts";
import { discriminate, moveStatistics } from "./discriminator.ts";
import { clearDeadGradients, generate } from "./generator.ts";

/** Both networks while they learn. */
export interface Adversaries {
  readonly generator: Parameters;
  readonly discriminator: Parameters;
  readonly generatorAdam: Adam;
  readonly discriminatorAdam: Adam;
  /** Neighbours in the edge blocks. */
  readonly k: number;
}

/** What an iteration is given. */
export interface TrainBatch {
  readonly ball: BallRows;
  readonly clouds: number;
  /** Clouds · N × 3: normal shapes in the unit ball. */
  readonly real: Rows;
  /** Clouds × latent, for the discriminator's step and for the generator's. */
  readonly latents: readonly [Rows, Rows];
  /** L_D and L_G of the iteration are added to its first two elements. */
  readonly losses: GpuBuffer<"f32">;
}

/** Runs it, as one submission; nothing is read back. */
export function trainStep(gpu: Gpu, nets: Adversaries, batch: TrainBatch, options: AdamOptions): void {
  const { clouds, real, latents: [first, second], losses } = batch;
  const generated = (tape: Tape, parameters: Parameters, latents: Rows) => {
    const { one, all, neighbours } = batch.ball;
    const ball = {
      one: tape.constant(one),
      all: tape.constant(all),
      graph: knownGraph(tape, neighbours, one.count),
      clouds,
    };
    return generate(tape, parameters, ball, tape.constant(latents), (x) => featureGraph(tape, x, clouds, nets.k))
      .points;
  };

  using forDiscriminator = new Tape(gpu, true);
  const fake = generated(forDiscriminator, nets.generator.frozen(), first);
  for (const [points, goal] of [[forDiscriminator.constant(real), 1], [fake, 0]] as const) {
    const { scores } = discriminate(forDiscriminator, nets.discriminator, points, clouds);
    leastSquares(forDiscriminator, scores, { goal, weight: 0.5, into: losses, at: 0 });
  }
  forDiscriminator.backward();
  nets.discriminatorAdam.step(options);

  using forGenerator = new Tape(gpu, true);
  const frozen = nets.discriminator.frozen(), points = generated(forGenerator, nets.generator, second);
  moveStatistics(forGenerator, frozen, forGenerator.constant(real)); // as the published code passes them here, too
  const { scores } = discriminate(forGenerator, frozen, points, clouds);
  leastSquares(forGenerator, scores, { goal: 1, weight: 1, into: losses, at: 1 });
  forGenerator.backward();
  clearDeadGradients(gpu, nets.generator);
  nets.generatorAdam.step(options);
  gpu.submit();
}
