/** The discriminator's last layer at the places of four clouds: extremes, statistics, and gradients of weights and rows. @module */
import {
  type Gpu,
  linearExtremes,
  linearExtremesCost,
  linearStatistics,
  linearStatisticsCost,
  pooledNorm,
  pooledNormCost,
  pooledNormGradient,
  pooledNormGradientCost,
  pooledRowsGradient,
  pooledRowsGradientCost,
  pooledWeightsGradient,
  pooledWeightsGradientCost,
  uploadRows,
} from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { type Cost, measure } from "./roofline.ts";

const clouds = 4, count = clouds * 2048, columns = 256, outputs = 1024, slope = 0.01;

/** The layer's operands and all that its passes leave. */
function layer(gpu: Gpu) {
  const owned = new DisposableStack();
  const upload = (count: number, columns: number) =>
    owned.use(uploadRows(gpu, uniformRows(count, columns).map((v) => v - 0.5), columns));
  const rows = upload(count, columns), weights = upload(outputs, columns), weight = upload(1, outputs);
  const bias = upload(1, outputs), upstream = upload(clouds, outputs);
  const found = owned.use(linearStatistics(gpu, { rows, weights, bias }));
  const ofExtremes = { rows: found.centred, weights, directions: weight, clouds };
  const extremes = owned.use(linearExtremes(gpu, ofExtremes));
  const ofNorm = { extremes: extremes.values, centred: true, statistics: found.statistics, weight, slope };
  const output = owned.use(pooledNorm(gpu, { ...ofNorm, bias }));
  const ofGradient = { ...ofNorm, upstream, output, weightInto: upload(1, outputs), biasInto: upload(1, outputs) };
  const gradient = owned.use(pooledNormGradient(gpu, ofGradient));
  return {
    ...{ rows, weights, bias, ofExtremes, ofNorm, ofGradient },
    ofWeights: { gradient, extremes, rows: found.centred, covariances: found.covariances, into: weights },
    ofRows: { gradient, extremes, rows: found.centred, weights, frozen: false },
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** Measures one of the passes. */
const pass = (name: string, cost: Cost, run: (gpu: Gpu, of: ReturnType<typeof layer>) => void) =>
  measure(name, cost, (gpu) => {
    const of = layer(gpu);
    return { run: () => run(gpu, of), [Symbol.dispose]: () => of[Symbol.dispose]() };
  });

const shape = `${count}x${columns}x${outputs}`;
await pass(`linear-extremes/${shape}`, linearExtremesCost(count, columns, outputs, clouds), (gpu, of) => {
  linearExtremes(gpu, of.ofExtremes)[Symbol.dispose]();
});
await pass(`linear-statistics/${shape}`, linearStatisticsCost(count, columns, outputs), (gpu, of) => {
  linearStatistics(gpu, of)[Symbol.dispose]();
});
await pass(`pooled-norm/${clouds}x${outputs}`, pooledNormCost(clouds, outputs), (gpu, of) => {
  pooledNorm(gpu, { ...of.ofNorm, bias: of.bias })[Symbol.dispose]();
});
await pass(`pooled-norm-gradient/${clouds}x${outputs}`, pooledNormGradientCost(clouds, outputs), (gpu, of) => {
  pooledNormGradient(gpu, of.ofGradient)[Symbol.dispose]();
});
await pass(`pooled-weights-gradient/${shape}`, pooledWeightsGradientCost(clouds, columns, outputs), (gpu, of) => {
  pooledWeightsGradient(gpu, of.ofWeights);
});
await pass(`pooled-rows-gradient/${shape}`, pooledRowsGradientCost(count, columns, outputs, clouds), (gpu, of) => {
  pooledRowsGradient(gpu, of.ofRows)[Symbol.dispose]();
});
