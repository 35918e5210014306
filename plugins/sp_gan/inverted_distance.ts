/** How near a generator comes to shapes that it did not learn, given latents that suit them: what an inversion can make of it. @module */
import { uploadRows } from "../../kernels/mod.ts";
import { Adam, chamfer, createParameters, featureGraph, type Parameters, Tape } from "../../nets/mod.ts";
import type { Gpu } from "../../kernels/mod.ts";
import { ballOn, type BallRows } from "./ball.ts";
import { generatedShapes } from "./generated_shapes.ts";
import { generate } from "./generator.ts";
import { chamferTable } from "./shape_quality.ts";

/** Steps of the latents, and their rate as in the default inversion's first stage. */
const STEPS = 10, OPTIONS = { rate: 0.02, beta1: 0, beta2: 0.99 };

/** A generator while it learns. */
export interface WatchedGenerator {
  readonly generator: Parameters;
  readonly ball: BallRows;
  readonly latent: number;
  readonly k: number;
  /** `count × latent`: where latents may begin, at least one. */
  readonly starts: Float32Array;
}

/**
 * Mean over shapes (`points × 3` each, unit ball) of the Chamfer distance, root of the two-sided mean of squares, to what the generator
 * gives after some steps of a latent from the start that is nearest, or before. Its weights stay as they are. Waits for the GPU.
 */
export async function invertedDistance(
  gpu: Gpu,
  { generator, ball, latent, k, starts }: WatchedGenerator,
  shapes: readonly Float32Array[],
): Promise<number> {
  const frozen = generator.frozen(), of = { ball, latent, k };
  const begun = await chamferTable(gpu, shapes, await generatedShapes(gpu, generator, of, starts));
  let sum = 0;
  for (let first = 0; first < shapes.length; first += ball.clouds) {
    const own = shapes.slice(first, first + ball.clouds);
    const taken = Array.from({ length: ball.clouds }, (_, i) => Math.min(i, own.length - 1)); // the last fills the batch
    using owned = new DisposableStack();
    const latents = owned.use(createParameters(gpu, [{ name: "latents", rows: ball.clouds, columns: latent }]));
    const adam = owned.use(new Adam(gpu, latents)), losses = owned.use(gpu.zeros("f32", 1));
    const wanted = owned.use(uploadRows(gpu, taken.flatMap((i) => Array.from(own[i])), 3));
    const start = taken.flatMap((i) => {
      const at = begun[first + i].indexOf(Math.min(...begun[first + i]));
      return Array.from(starts.subarray(at * latent, (at + 1) * latent));
    });
    latents.set(new Map([["latents", Float32Array.from(start)]]));
    const { value, gradient } = latents.get("latents");
    for (let step = 0; step < STEPS; step++) {
      using tape = new Tape(gpu, false);
      const z = tape.input(value), goal = tape.constant(wanted);
      const { points } = generate(tape, frozen, ballOn(tape, ball), z, (x, clouds) => featureGraph(tape, x, clouds, k));
      const mean = { clouds: ball.clouds, form: "squared", weight: 1, mean: true, into: losses, at: 0 } as const;
      chamfer(tape, { ...mean, a: points, b: goal });
      chamfer(tape, { ...mean, a: goal, b: points });
      tape.backward();
      gpu.copy(tape.gradientOf(z)!.values, gradient!.values);
      adam.step(OPTIONS);
      gpu.submit();
    }
    const ended = (await latents.read()).get("latents")!.subarray(0, own.length * latent);
    const made = await generatedShapes(gpu, generator, of, ended);
    for (const [i, shape] of own.entries()) { // steps may lead astray where a generator has hardly learned
      sum += Math.min(...begun[first + i], (await chamferTable(gpu, [shape], [made[i]]))[0][0]);
    }
  }
  return sum / shapes.length;
}
