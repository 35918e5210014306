/** One step in which the generator learns to give each normal shape from a latent of its own. @module
 *
 * Bojanowski et al., "Optimizing the Latent Space of Generative Networks", ICML 2018: latents of the training shapes are learned with the
 * weights, here by the two-sided Chamfer distance. An adversary alone needs far more steps than a few dozen scans are worth.
 */
import type { Gpu, GpuBuffer, Rows } from "../../kernels/mod.ts";
import { type Adam, type AdamOptions, chamfer, featureGraph, type Parameters, Tape } from "../../nets/mod.ts";
import { ballOn, type BallRows } from "./ball.ts";
import { clearDeadGradients, generate } from "./generator.ts";

/** What a step is given. */
export interface ReconstructBatch {
  readonly generator: Parameters;
  readonly generatorAdam: Adam;
  /** One parameter `latents`, shapes × latent. */
  readonly latents: Parameters;
  readonly latentsAdam: Adam;
  readonly k: number;
  readonly ball: BallRows;
  /** Clouds · N × 3: normal shapes. */
  readonly real: Rows;
  /** Which shapes they are: rows of the latents. */
  readonly shapes: readonly number[];
  /** The two-sided Chamfer distance, mean of squares, is added to its element `at`. */
  readonly losses: GpuBuffer<"f32">;
  readonly at: number;
}

/** Runs it, as one submission where all edges are in memory at once; nothing is read back. */
export function reconstructStep(
  gpu: Gpu,
  { generator, generatorAdam, latents, latentsAdam, k, ball, real, shapes, losses, at }: ReconstructBatch,
  options: AdamOptions,
  latentOptions: AdamOptions,
): void {
  using tape = new Tape(gpu, true);
  const { value, gradient } = latents.get("latents"), { columns, stride } = value, clouds = shapes.length;
  const values = tape.keep(gpu.buffer("f32", clouds * stride));
  shapes.forEach((shape, i) =>
    gpu.copy(value.values, values, { from: shape * stride, to: i * stride, length: stride })
  );
  const own = tape.input({ values, count: clouds, columns, stride, [Symbol.dispose]: () => {} });
  const { points } = generate(
    tape,
    generator,
    ballOn(tape, ball),
    own,
    (x, clouds) => featureGraph(tape, x, clouds, k),
  );
  const wanted = tape.constant(real),
    mean = { clouds, form: "squared", weight: 1, mean: true, into: losses, at } as const;
  chamfer(tape, { a: points, b: wanted, ...mean });
  chamfer(tape, { a: wanted, b: points, ...mean });
  tape.backward();
  clearDeadGradients(gpu, generator);
  const arrived = tape.gradientOf(own)!;
  shapes.forEach((shape, i) => {
    gpu.copy(arrived.values, gradient!.values, { from: i * stride, to: shape * stride, length: stride });
  });
  generatorAdam.step(options);
  latentsAdam.step(latentOptions);
  gpu.submit();
}
