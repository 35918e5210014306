/** Gradients over kernels: tape, parameters, optimiser, layers. Knows no scans. @module */
export { attend, type Attention } from "./attention.ts";
export { Adam, type AdamOptions, type AdamState, type Learned } from "./adam.ts";
export { type BatchPart, type Block, type PartedBatch, passInParts, passWhole, type ToNorm } from "./block.ts";
export { featureGraph, type Graph, knownGraph } from "./graph.ts";
export {
  adain,
  type BatchNorm,
  batchNorm,
  batchNormOf,
  edgeDifferences,
  edgeLinear,
  type Linear,
  linear,
  linearOf,
  maxPoints,
  repeat,
  tanh,
  weighEdges,
} from "./layers.ts";
export { absoluteDistance, chamfer, type ChamferLoss, leastSquares, nearestOf } from "./losses.ts";
export {
  createParameters,
  type Parameter,
  type Parameters,
  type ParameterShape,
  type ParameterValues,
} from "./parameters.ts";
export { pooledNorm, pooledStatistics } from "./pooled_norm.ts";
export { Tape, type Tensor } from "./tape.ts";
