/** Averages of parameters over the last part of a training, however long that goes on. @module
 *
 * The power function average of Karras et al., "Analyzing and Improving the Training Dynamics of Diffusion Models", CVPR 2024, section 3.1: what a step
 * counts falls with a power of its number, so that the average spans the same share of the training at any time.
 */
import { addScaled, type Gpu } from "../../kernels/mod.ts";
import type { Parameters } from "../../nets/mod.ts";

/** γ: its deviation is a tenth of the training (σ_rel 0.10 there). */
const POWER = 6.94;

/** Takes the parameters behind step number `step`, counted from 1, into their average. Reads nothing back. @throws {ShapeMismatch} */
export function averageStep(gpu: Gpu, average: Parameters, parameters: Parameters, step: number): void {
  const keep = (1 - 1 / step) ** (POWER + 1);
  addScaled(gpu, { values: parameters.values, to: average.values, factor: 1 - keep, keep });
}
