/** One step of an inversion: latent and weights moved so that the generated shape comes closer to a scan. @module
 *
 * Both networks in eval mode. The terms of the published code and of the paper differ (Uni-3DAD, equations 5 to 9); each is an {@linkcode InversionTerms}.
 */
import { addScaled, type Gpu, type GpuBuffer, type Rows } from "../../kernels/mod.ts";
import {
  absoluteDistance,
  chamfer,
  featureGraph,
  type Graph,
  knownGraph,
  leastSquares,
  nearestOf,
  type Parameters,
  Tape,
  type Tensor,
} from "../../nets/mod.ts";
import type { BallRows } from "./ball.ts";
import { discriminate } from "./discriminator.ts";
import { generate } from "./generator.ts";

/** One side of the Chamfer distance between scan and generated shape. */
export interface DistanceTerm {
  readonly form: "squared" | "norm";
  readonly dimensions: 2 | 3;
  /** Of the mean, or of the sum. */
  readonly weight: number;
  readonly mean: boolean;
}

/** What an inversion makes small. */
export interface InversionTerms {
  /** From the generated points to the scan; `mask`: only those among so many nearest of a scan point, so that a gap pulls nothing. */
  readonly toScan: DistanceTerm & { readonly mask?: number };
  /** From the scan to all generated points. */
  readonly toShape: DistanceTerm;
  /** The discriminator's score of the generated shape should be 1, or that of the scan; nothing where absent. */
  readonly score?: { readonly goal: "one" | "scan"; readonly weight: number };
  /** Mean absolute difference of the discriminator's features of the scan and of the points that the mask keeps; nothing where absent. */
  readonly feature?: { readonly weight: number };
  /** Factor of mean z²/2. */
  readonly latent: number;
}

/** What a step is given. */
export interface InversionInput {
  readonly generator: Parameters;
  readonly discriminator?: Parameters;
  /** One parameter `latents`: a row for the cloud, or one for each place. */
  readonly latents: Parameters;
  readonly k: number;
  readonly ball: BallRows;
  /** T × 3, in the unit ball. */
  readonly scan: Rows;
  /** Both distances before the step, then what the discriminator says, are added to its first three elements. */
  readonly losses: GpuBuffer<"f32">;
}

/** The scan's score, which stays the same throughout an inversion. Waits for the GPU. */
export async function scanScore(gpu: Gpu, discriminator: Parameters, scan: Rows): Promise<number> {
  using tape = new Tape(gpu, false);
  const [score] = await gpu.read(discriminate(tape, discriminator.frozen(), tape.constant(scan), 1).scores.rows.values);
  return score;
}

/**
 * Adds up the gradients of latents and weights; whoever calls it moves those that it wants moved. `goal` is what the score should be.
 * Nothing is read back.
 */
export function inversionGradients(
  gpu: Gpu,
  { generator, discriminator, latents, k, ball, scan, losses }: InversionInput,
  { toScan, toShape, score, feature, latent }: InversionTerms,
  goal: number,
): void {
  using tape = new Tape(gpu, false);
  const { value, gradient } = latents.get("latents"), z = tape.input(value);
  const points = shapeOf(tape, generator, ball, z, (x) => featureGraph(tape, x, 1, k)), wanted = tape.constant(scan);
  chamfer(tape, { ...toScan, a: points, b: wanted, into: losses, at: 0 });
  chamfer(tape, { ...toShape, a: wanted, b: points, into: losses, at: 1 });
  if (score && discriminator) {
    const { scores } = discriminate(tape, discriminator.frozen(), points, 1);
    leastSquares(tape, scores, { goal, weight: score.weight, into: losses, at: 2 });
  }
  if (feature && discriminator) {
    const frozen = discriminator.frozen(), { mask } = toScan;
    const kept = mask === undefined ? points : nearestOf(tape, { a: points, b: wanted, k: mask });
    const featureOf = (points: Tensor) => discriminate(tape, frozen, points, 1).feature;
    absoluteDistance(tape, featureOf(kept), { goal: featureOf(wanted), weight: feature.weight, into: losses, at: 2 });
  }
  tape.backward();
  addScaled(gpu, { values: tape.gradientOf(z)!.values, to: gradient!.values, factor: 1 });
  if (latent > 0) {
    addScaled(gpu, { values: value.values, to: gradient!.values, factor: latent / (value.count * value.columns) });
  }
}

/** The generated shape of one cloud. */
export function shapeOf(
  tape: Tape,
  generator: Parameters,
  { one, neighbours }: BallRows,
  latents: Tensor,
  graphOf: (x: Tensor) => Graph,
): Tensor {
  const ball = tape.constant(one), graph = knownGraph(tape, neighbours, one.count);
  return generate(tape, generator, { one: ball, all: ball, graph, clouds: 1 }, latents, graphOf).points;
}
