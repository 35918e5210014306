/** How much memory a training step takes, and so how many clouds may have their edges in it at once. @module */
import type { SpGanSize } from "./sizes.ts";

/** The pool rounds a buffer up by a quarter at most; measured steps are within this factor. */
const ROUNDED_UP = 1.4;

/** Bytes that a step takes at most for batches of so many clouds, with the edges of `atOnce` of them in memory; without parameters, which are few. */
export function trainingBytes({ points, generator, discriminator }: SpGanSize, clouds: number, atOnce: number): number {
  const { k, style, edges: [one, two], tail: [t1, t2] } = generator, [p1, p2, p3] = discriminator.places;
  const edges = points * k * 6 * two; // two products and norms of the logits, values and their norm, what is weighed
  const places = points * (2 * style + 4 * one + 4 * two + t1 + t2);
  const bent = atOnce * edges + clouds * places, judged = clouds * points * (2 * (p1 + p2 + p3) + p3);
  // Gradients take what their results take. Nothing is used again before it was submitted: the end of a step or a part.
  return 4 * ROUNDED_UP * Math.max(bent + 4 * judged, 2 * bent + 3 * judged); // the discriminator's step, the generator's
}

/** What bounds a step. */
export interface TrainingRoom {
  /** Bytes that it may take. */
  readonly memoryBytes: number;
  /** Bytes of the longest buffer. */
  readonly bindingBytes: number;
}

/** How many of a batch's clouds have their edges in memory at once: all, or those of the fewest equal parts that fit; 1 where nothing does. */
export function cloudsAtOnce(size: SpGanSize, clouds: number, { memoryBytes, bindingBytes }: TrainingRoom): number {
  const { points, generator: { k, edges: [, two] } } = size, widest = 4 * ROUNDED_UP * points * k * two;
  for (let parts = 1; parts < clouds; parts++) {
    const atOnce = Math.ceil(clouds / parts);
    if (atOnce * widest <= bindingBytes && trainingBytes(size, clouds, atOnce) <= memoryBytes) return atOnce;
  }
  return 1;
}
