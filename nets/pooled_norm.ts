/** The last layer of a point network: product, batch norm, rectifier and maximum over places in one, which is exact and a fraction of the work. @module */
import {
  linearExtremes,
  type LinearStatistics,
  linearStatistics,
  pooledNorm as pooledNormRows,
  pooledNormGradient,
  pooledRowsGradient,
  pooledWeightsGradient,
  updateRunning,
} from "../kernels/mod.ts";
import type { BatchNorm, Linear } from "./layers.ts";
import type { Tape, Tensor } from "./tape.ts";

/**
 * Moves a norm's running statistics as `batchNorm` of `linear` does while training, for a small part of the product: all of a pass
 * through the layer whose result nobody needs. Gives what it found, the tape's.
 */
export function pooledStatistics(
  tape: Tape,
  { rows }: Tensor,
  { weight, bias }: Linear,
  { running }: BatchNorm,
): LinearStatistics {
  const found = tape.keep(linearStatistics(tape.gpu, { rows, weights: weight.value, bias: bias?.value }));
  updateRunning(tape.gpu, { running: running.value, statistics: found.statistics, count: rows.count });
  return found;
}

/**
 * max over the places of each cloud of lrelu_slope(batch norm(x Wᵀ + b)), `clouds × outputs`: `linear`, `batchNorm` and `maxPoints`, without
 * their rows of a place each. Only the extremes of the product are made; statistics come from the covariances of x, and gradients go to
 * the extremes' places and, through the statistics, to all by a matrix of x's columns. Ties go to the first place.
 */
export function pooledNorm(
  tape: Tape,
  x: Tensor,
  linear: Linear,
  norm: BatchNorm,
  { slope, clouds }: { readonly slope: number; readonly clouds: number },
): Tensor {
  const { gpu, training } = tape, { weight: { value: weights, gradient: weightsInto }, bias } = linear;
  const batch = training ? pooledStatistics(tape, x, linear, norm) : undefined;
  const rows = batch?.centred ?? x.rows, directions = norm.weight.value;
  const offset = training ? undefined : bias; // a batch's mean takes it out again
  const extremes = tape.keep(linearExtremes(gpu, { rows, weights, directions, bias: offset?.value, clouds }));
  const of = {
    extremes: extremes.values,
    centred: training,
    statistics: batch?.statistics ?? norm.running.value,
    weight: norm.weight.value,
    slope,
  };
  const output = pooledNormRows(gpu, { ...of, bias: norm.bias.value });
  const learned = [weightsInto, offset?.gradient, norm.weight.gradient, norm.bias.gradient];
  const wanted = x.wanted || learned.some((gradient) => gradient !== undefined);
  return tape.result(output, wanted, (upstream) => {
    const into = {
      weightInto: norm.weight.gradient,
      biasInto: norm.bias.gradient,
      offsetInto: offset?.gradient,
    };
    using gradient = pooledNormGradient(gpu, { ...of, upstream, output, ...into });
    if (weightsInto) {
      pooledWeightsGradient(gpu, { gradient, extremes, rows, covariances: batch?.covariances, into: weightsInto });
    }
    if (x.wanted) tape.flow(x, pooledRowsGradient(gpu, { gradient, extremes, rows, weights, frozen: !training }));
  });
}
