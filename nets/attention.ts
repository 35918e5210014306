/**
 * Attention of places to all places of their cloud. @module
 *
 *     y_i = Σ_j w_ij v_j,  w_ij = exp(q_i · k_j) / Σ_n exp(q_i · k_n)
 *
 * H. Zhang et al., "Self-Attention Generative Adversarial Networks", ICML 2019, without a scale. The weights, as many as places squared, are in memory for
 * one cloud at a time, a row a key; the way back makes them again.
 */
import {
  type Gpu,
  linear,
  linearRowsGradient,
  linearWeightsGradient,
  type Rows,
  softmaxColumns,
  softmaxColumnsGradient,
  strideOf,
} from "../kernels/mod.ts";
import type { Tape, Tensor } from "./tape.ts";

/** What attends: a row a place each, all clouds of equally many places. */
export interface Attention {
  readonly queries: Tensor;
  /** As wide as the queries. */
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** The values that each place attends to, weighed. @throws {GpuOutOfMemory} where the weights of a cloud are more than one binding holds */
export function attend(tape: Tape, { queries, keys, values }: Attention, clouds: number): Tensor {
  const { gpu } = tape, all = rowsOf(gpu, values.rows.count, values.rows.columns);
  eachCloud(gpu, clouds, [queries.rows, keys.rows, values.rows], [all], ([q, k, v]) => {
    using weights = weightsOf(gpu, q, k);
    return [transposedTimes(gpu, weights, v)];
  });
  return tape.result(all, queries.wanted || keys.wanted || values.wanted, (upstream) => {
    const gradients = [queries, keys, values].map(({ rows: { count, columns } }) => rowsOf(gpu, count, columns));
    const given = [queries.rows, keys.rows, values.rows, upstream];
    eachCloud(gpu, clouds, given, gradients, ([q, k, v, up]) => {
      using weights = weightsOf(gpu, q, k), ofWeights = linear(gpu, { rows: v, weights: up });
      using ofProducts = softmaxColumnsGradient(gpu, { upstream: ofWeights, output: weights });
      return [
        transposedTimes(gpu, ofProducts, k),
        linearRowsGradient(gpu, { upstream: ofProducts, weights: q }),
        linearRowsGradient(gpu, { upstream: weights, weights: up }),
      ];
    });
    for (const [i, to] of [queries, keys, values].entries()) tape.flow(to, gradients[i]);
  });
}

/** A row a key, a column a query. */
function weightsOf(gpu: Gpu, queries: Rows, keys: Rows): Rows {
  using products = linear(gpu, { rows: keys, weights: queries });
  return softmaxColumns(gpu, { rows: products });
}

/** aᵀ b. */
function transposedTimes(gpu: Gpu, a: Rows, b: Rows): Rows {
  const into = rowsOf(gpu, a.columns, b.columns);
  linearWeightsGradient(gpu, { upstream: a, rows: b, into });
  return into;
}

/** Does it for each cloud's share of the rows given, and puts what it makes, which it disposes, in the cloud's share of the results. */
function eachCloud(
  gpu: Gpu,
  clouds: number,
  given: readonly Rows[],
  results: readonly Rows[],
  work: (given: readonly Rows[]) => readonly Rows[],
): void {
  for (let cloud = 0; cloud < clouds; cloud++) {
    using owned = new DisposableStack();
    const shares = given.map(({ values, count, columns, stride }) => {
      const share = owned.use(rowsOf(gpu, count / clouds, columns)), length = share.count * stride;
      gpu.copy(values, share.values, { from: cloud * length, length });
      return share;
    });
    for (const [i, made] of work(shares).entries()) {
      const { values, count, stride } = owned.use(made), length = count * stride;
      gpu.copy(values, results[i].values, { to: cloud * length, length });
    }
  }
}

function rowsOf(gpu: Gpu, count: number, columns: number): Rows {
  const stride = strideOf(columns), values = gpu.zeros("f32", count * stride);
  return { values, count, columns, stride, [Symbol.dispose]: () => values[Symbol.dispose]() };
}
