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
  leastSquares,
  type Parameters,
  Tape,
  type Tensor,
} from "../../nets/mod.ts";
import { ballOn, type BallRows } from "./ball.ts";
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
  /** Clouds · N × 3: normal shapes in the unit ball. */
  readonly real: Rows;
  /** Clouds × latent, for the discriminator's step and for the generator's. */
  readonly latents: readonly [Rows, Rows];
  /** L_D and L_G of the iteration are added to its first two elements. */
  readonly losses: GpuBuffer<"f32">;
}

/** Runs it; nothing is read back. */
export function trainStep(gpu: Gpu, nets: Adversaries, batch: TrainBatch, options: AdamOptions): void {
  discriminatorStep(gpu, nets, batch, options);
  gpu.submit(); // so that the generator's step has the memory of this one
  generatorStep(gpu, nets, batch, options);
  gpu.submit();
}

/** Shapes of latents, whose edges find their neighbours in feature space. */
const bentBy = (tape: Tape, generator: Parameters, ball: BallRows, k: number, latents: Rows): Tensor =>
  generate(
    tape,
    generator,
    ballOn(tape, ball),
    tape.constant(latents),
    (x, clouds) => featureGraph(tape, x, clouds, k),
  ).points;

function discriminatorStep(
  gpu: Gpu,
  { generator, discriminator, discriminatorAdam, k }: Adversaries,
  { ball, real, latents: [first], losses }: TrainBatch,
  options: AdamOptions,
): void {
  using tape = new Tape(gpu, true);
  const fake = bentBy(tape, generator.frozen(), ball, k, first);
  for (const [points, goal] of [[tape.constant(real), 1], [fake, 0]] as const) {
    const { scores } = discriminate(tape, discriminator, points, ball.clouds);
    leastSquares(tape, scores, { goal, weight: 0.5, into: losses, at: 0 });
  }
  tape.backward();
  discriminatorAdam.step(options);
}

function generatorStep(
  gpu: Gpu,
  { generator, discriminator, generatorAdam, k }: Adversaries,
  { ball, real, latents: [, second], losses }: TrainBatch,
  options: AdamOptions,
): void {
  using tape = new Tape(gpu, true);
  const frozen = discriminator.frozen(), points = bentBy(tape, generator, ball, k, second);
  moveStatistics(tape, frozen, tape.constant(real)); // as the published code passes them here, too
  const { scores } = discriminate(tape, frozen, points, ball.clouds);
  leastSquares(tape, scores, { goal: 1, weight: 1, into: losses, at: 1 });
  tape.backward();
  clearDeadGradients(gpu, generator);
  generatorAdam.step(options);
}
