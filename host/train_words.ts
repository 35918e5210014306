/** What `train` says while it works, and where it ends before its time. @module */
import { type Run, RunAborted } from "../core/mod.ts";
import { GpuOutOfMemory } from "../kernels/mod.ts";
import type { TrainingReport } from "../plugins/mod.ts";
import { TrainingTooLarge } from "./errors.ts";

/** Generators that are trained one after another. */
export interface TrainingCourse {
  /** Iterations of each. */
  readonly iterations: number;
  /** Iterations that each had when the run began. */
  readonly starts: readonly number[];
}

/** What a generator of the course is called, such as `generator 1 of 2`. */
export const generatorName = ({ starts }: Pick<TrainingCourse, "starts">, generator: number): string =>
  `generator ${generator + 1} of ${starts.length}`;

/**
 * Says each look: losses, distances in millimetres, and how long the rest takes at the pace so far, with the generators that come after.
 * The time runs from this call on.
 */
export function lookWords(
  course: TrainingCourse,
  { log }: Pick<Run, "log">,
): (generator: number, watchedOn: string) => (report: TrainingReport) => void {
  const { iterations, starts } = course, began = performance.now(), ran = starts.map(() => 0);
  return (generator, watchedOn) => ({ iteration, losses, quality, inverted, reconstruction }) => {
    ran[generator] = iteration - starts[generator];
    const seconds = (performance.now() - began) / 1000;
    const ahead = starts.slice(generator + 1).map((start) => iterations - start);
    const left = (iterations - iteration + sumOf(ahead)) * seconds / sumOf(ran);
    const words = [
      losses.discriminator !== null && `discriminator ${losses.discriminator.toFixed(3)}`,
      losses.generator !== null && `generator ${losses.generator.toFixed(3)}`,
      reconstruction !== null && `normal shapes to ${millimetres(reconstruction)}`,
      `${watchedOn} shapes to ${millimetres(inverted)}, random ones to ${millimetres(quality.nearest)} of them`,
      left > 0 && `${left < 90 ? `${Math.ceil(left)} s` : `${Math.round(left / 60)} min`} left at most`,
    ].filter((part) => part !== false);
    log.info(`${generatorName(course, generator)}, iteration ${iteration} of ${iterations}: ${words.join(", ")}`);
  };
}

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const millimetres = (metres: number) => `${(1000 * metres).toFixed(2)} mm`;

/** Says what to do where a training ends before its time. @throws {TrainingTooLarge} for what `work` found no memory for */
export async function sayingWhy<T>(
  { path, clouds, points }: { readonly path: string; readonly clouds: number; readonly points: number },
  { log }: Run,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GpuOutOfMemory) throw new TrainingTooLarge(clouds, points, { cause: error });
    if (error instanceof RunAborted) log.info(`go on with this training by --resume --model ${path}`);
    throw error;
  }
}
