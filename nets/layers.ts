/** Layers over kernels: each puts its result on the tape, with the way its gradient goes back. @module */
import {
  adain as adainRows,
  adainGradient,
  addScaled,
  batchNorm as batchNormRows,
  batchNormGradient,
  edgeDifferences as edgeDifferencesRows,
  edgeDifferencesGradient,
  groupStatistics,
  hyperbolicTangent,
  hyperbolicTangentGradient,
  leakyReluGradient,
  linear as linearRows,
  linearRowsGradient,
  linearWeightsGradient,
  maxRows,
  maxRowsGradient,
  type Rows,
  strideOf,
  sumRows,
  updateRunning,
  weighEdges as weighEdgesRows,
  weighEdgesGradient,
} from "../kernels/mod.ts";
import type { Graph } from "./graph.ts";
import type { Parameter, Parameters } from "./parameters.ts";
import type { Tape, Tensor } from "./tape.ts";

/** y = x Wᵀ + b: PyTorch's `Linear`, and its 1 × 1 convolution, as places are rows. */
export interface Linear {
  /** Outputs × inputs. */
  readonly weight: Parameter;
  /** 1 × outputs. */
  readonly bias?: Parameter;
  /** The bias goes straight into a batch norm, which takes it out again while training: its gradient is 0 but for rounding, which Adam would turn into whole steps. */
  readonly beforeNorm?: boolean;
}

/** Batch norm over all rows, PyTorch's `BatchNorm` with momentum 0.1 and ε 1e-5. */
export interface BatchNorm {
  /** 1 × columns. */
  readonly weight: Parameter;
  /** 1 × columns. */
  readonly bias: Parameter;
  /** 2 × columns: running mean and variance. */
  readonly running: Parameter;
}

/** The layer of that name: `NAME.weight` and `NAME.bias`. */
export const linearOf = (parameters: Parameters, name: string): Linear => ({
  weight: parameters.get(`${name}.weight`),
  bias: parameters.get(`${name}.bias`),
});

/** The norm of that name: `NAME.weight`, `NAME.bias`, `NAME.running`. */
export const batchNormOf = (parameters: Parameters, name: string): BatchNorm => ({
  weight: parameters.get(`${name}.weight`),
  bias: parameters.get(`${name}.bias`),
  running: parameters.get(`${name}.running`),
});

/** A parameter as an operand, such as a bias; with `dead` it is passed through but not learned. */
function parameter(tape: Tape, { value, gradient }: Parameter, { dead }: { readonly dead: boolean }): Tensor {
  return tape.result(value, gradient !== undefined && !dead, (upstream) => {
    addScaled(tape.gpu, { values: upstream.values, to: gradient!.values, factor: 1 });
  });
}

/**
 * lrelu_slope(x Wᵀ + b), `slope` 1 being none. With `offsets`, a row for each run of equally many rows of x, such as one a cloud, they
 * are added instead of b: what is the same for a whole cloud is multiplied once.
 */
export function linear(
  tape: Tape,
  x: Tensor,
  { weight, bias, beforeNorm = false }: Linear,
  { slope = 1, offsets }: { readonly slope?: number; readonly offsets?: Tensor } = {},
): Tensor {
  const { gpu, training } = tape;
  const added = offsets ?? (bias && parameter(tape, bias, { dead: beforeNorm && training }));
  const rows = linearRows(gpu, { rows: x.rows, weights: weight.value, bias: added?.rows, slope });
  const wanted = x.wanted || weight.gradient !== undefined || (added?.wanted ?? false);
  return tape.result(rows, wanted, (arrived) => {
    using bent = slope === 1 ? undefined : leakyReluGradient(gpu, { upstream: arrived, output: rows, slope });
    const upstream = bent ?? arrived;
    if (x.wanted) tape.flow(x, linearRowsGradient(gpu, { upstream, weights: weight.value }));
    if (weight.gradient) linearWeightsGradient(gpu, { upstream, rows: x.rows, into: weight.gradient });
    if (added?.wanted) tape.flow(added, sumRows(gpu, { rows: upstream, groups: added.rows.count }));
  });
}

/**
 * lrelu_slope(batch norm). While training, statistics are the batch's, and the running ones move towards them, as if there were `copies`
 * equal batches: what is the same for every cloud is computed for one.
 */
export function batchNorm(
  tape: Tape,
  x: Tensor,
  { weight, bias, running }: BatchNorm,
  { slope, copies = 1 }: { readonly slope: number; readonly copies?: number },
): Tensor {
  const { gpu, training } = tape, of = { rows: x.rows, weight: weight.value, slope };
  const statistics = training ? tape.keep(groupStatistics(gpu, { rows: x.rows })) : running.value;
  if (training) updateRunning(gpu, { running: running.value, statistics, count: copies * x.rows.count });
  const output = batchNormRows(gpu, { ...of, bias: bias.value, statistics });
  return tape.result(output, x.wanted || weight.gradient !== undefined || bias.gradient !== undefined, (upstream) => {
    const into = { weightInto: weight.gradient, biasInto: bias.gradient };
    tape.flow(x, batchNormGradient(gpu, { ...of, upstream, output, statistics, frozen: !training, ...into }));
  });
}

/** Adaptive instance norm: each cloud's columns normed over its rows, then γ of the place times that plus β of the place; `style` has γ, then β. */
export function adain(tape: Tape, x: Tensor, style: Tensor, clouds: number): Tensor {
  const { gpu } = tape, statistics = tape.keep(groupStatistics(gpu, { rows: x.rows, groups: clouds }));
  const of = { rows: x.rows, style: style.rows, statistics, clouds };
  return tape.result(adainRows(gpu, of), x.wanted || style.wanted, (upstream) => {
    const gradients = adainGradient(gpu, { ...of, upstream });
    tape.flow(x, gradients.rows);
    tape.flow(style, gradients.style);
  });
}

/** x Wᵀ of the difference between the ends of each edge (i, m) to j: near[j] − near[i] with near = x Wᵀ, as a product is linear, plus the bias. */
export function edgeLinear(tape: Tape, x: Tensor, { weight, bias, beforeNorm = false }: Linear, graph: Graph): Tensor {
  const added = parameter(tape, bias!, { dead: beforeNorm && tape.training });
  return edgeDifferences(tape, linear(tape, x, { weight }), added, graph);
}

/** For each edge (i, m) to j: near[j] − near[i] + own[i]; `own` may be one row for all. */
export function edgeDifferences(tape: Tape, near: Tensor, own: Tensor, { neighbours, inverse, k }: Graph): Tensor {
  const { gpu } = tape, rows = edgeDifferencesRows(gpu, { near: near.rows, own: own.rows, neighbours, k });
  return tape.result(rows, near.wanted || own.wanted, (upstream) => {
    const gradients = edgeDifferencesGradient(gpu, { upstream, inverse: inverse(), k });
    tape.flow(near, gradients.near);
    if (own.rows.count === near.rows.count) return tape.flow(own, gradients.own);
    using each = gradients.own;
    if (own.wanted) tape.flow(own, sumRows(gpu, { rows: each, groups: own.rows.count }));
  });
}

/** Values of the edges, weighed by the softmax over each row's edges of the logits; rows of k · columns. */
export function weighEdges(tape: Tape, values: Tensor, logits: Tensor, { k }: Graph): Tensor {
  const { gpu } = tape, of = { values: values.rows, logits: logits.rows, k };
  return tape.result(weighEdgesRows(gpu, of), values.wanted || logits.wanted, (upstream) => {
    const gradients = weighEdgesGradient(gpu, { ...of, upstream });
    tape.flow(values, gradients.values);
    tape.flow(logits, gradients.logits);
  });
}

/** Each cloud's maximum by column, `clouds` rows. */
export function maxPoints(tape: Tape, x: Tensor, clouds: number): Tensor {
  const { gpu } = tape, found = tape.keep(maxRows(gpu, { rows: x.rows, clouds })), { values, indices } = found;
  return tape.result({ ...values, [Symbol.dispose]: () => {} }, x.wanted, (upstream) => {
    tape.flow(x, maxRowsGradient(gpu, { upstream, indices, count: x.rows.count }));
  });
}

/** tanh of each value. */
export function tanh(tape: Tape, x: Tensor): Tensor {
  const { gpu } = tape, output = hyperbolicTangent(gpu, { rows: x.rows });
  return tape.result(output, x.wanted, (upstream) => {
    tape.flow(x, hyperbolicTangentGradient(gpu, { upstream, output }));
  });
}

/** The same rows for each of so many clouds. */
export function repeat(tape: Tape, x: Tensor, clouds: number): Tensor {
  const { gpu } = tape, { values, count, columns, stride } = x.rows;
  const copies = gpu.buffer("f32", clouds * count * stride);
  for (let cloud = 0; cloud < clouds; cloud++) {
    gpu.copy(values, copies, { to: cloud * count * stride, length: count * stride });
  }
  const rows: Rows = {
    values: copies,
    count: clouds * count,
    columns,
    stride,
    [Symbol.dispose]: () => copies[Symbol.dispose](),
  };
  return tape.result(rows, x.wanted, (upstream) => {
    const whole = count * stride, all = { ...upstream, count: clouds, columns: whole, stride: strideOf(whole) };
    const sums = sumRows(gpu, { rows: all });
    tape.flow(x, { ...sums, count, columns, stride });
  });
}
