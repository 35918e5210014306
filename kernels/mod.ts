/** Numbers in, numbers out, on the GPU. @module */
export { absoluteError, absoluteErrorCost, type AbsoluteErrorRequest } from "./absolute_error.ts";
export {
  type AdapterFacts,
  type Binding,
  type BindingType,
  defineKernel,
  DeviceLost,
  type Dispatch,
  type Element,
  type ElementOf,
  Gpu,
  type GpuBuffer,
  type GpuLimits,
  GpuOutOfMemory,
  type HostArray,
  type Kernel,
  type KernelDefinition,
  type KernelTime,
  type MemoryUse,
  NoAdapter,
  openDevice,
  type OpenedDevice,
  openGpu,
  PART_STEP,
  type Recorder,
  ShaderError,
  ShapeMismatch,
  type Timing,
} from "./runtime/mod.ts";
export {
  adain,
  adainCost,
  type AdainGradient,
  adainGradient,
  adainGradientCost,
  type AdainGradientRequest,
  type AdainRequest,
} from "./adain.ts";
export { adam, adamCost, type AdamRequest } from "./adam.ts";
export { addScaled, addScaledCost } from "./add_scaled.ts";
export { affineIcp, affineIcpCost, type AffineIcpRequest } from "./affine_icp.ts";
export { alignmentCost, alignmentCostCost, type AlignmentCostRequest } from "./alignment_cost.ts";
export {
  batchNorm,
  batchNormCost,
  batchNormGradient,
  batchNormGradientCost,
  type BatchNormGradientRequest,
  type BatchNormRequest,
  batchNormSums,
  batchNormSumsCost,
  type BatchNormSumsRequest,
} from "./batch_norm.ts";
export { type ChamferRequest, chamferTerm, chamferTermCost, gatherPull, gatherPullCost } from "./chamfer.ts";
export { type Clusters, dbscan, dbscanCost, type DbscanRequest } from "./dbscan.ts";
export { depthEnvelope, depthEnvelopeCost, type DepthEnvelopeRequest } from "./depth_envelope.ts";
export { discMaximum, discMaximumCost, type DiscMaximumRequest } from "./disc_maximum.ts";
export { distanceTransform, distanceTransformCost, type DistanceTransformRequest } from "./distance_transform.ts";
export {
  edgeDifferences,
  edgeDifferencesCost,
  type EdgeDifferencesGradient,
  edgeDifferencesGradient,
  edgeDifferencesGradientCost,
} from "./edge_differences.ts";
export { featureNeighbours, featureNeighboursCost } from "./feature_neighbours.ts";
export { fillGaps, fillGapsCost, type FillRequest } from "./fill_gaps.ts";
export { fpfh, fpfhCost, type FpfhOptions } from "./fpfh.ts";
export { type FpfhSizes, fpfhSizes, type FpfhSizesOptions, type NormalChoice } from "./fpfh_sizes.ts";
export { frontierDistance, frontierDistanceCost, type FrontierDistanceRequest } from "./frontier_distance.ts";
export { gapAtPoints, gapAtPointsCost, type GapAtPointsRequest } from "./gap_at_points.ts";
export { gapDepths, gapDepthsCost, type GapRequest } from "./gap_depths.ts";
export { type GapEvidence, gapEvidence, gapEvidenceCost, type GapEvidenceRequest } from "./gap_evidence.ts";
export { gatherRows, gatherRowsCost } from "./gather_rows.ts";
export { gaussianBlur, gaussianBlurCost, type GaussianRequest } from "./gaussian_blur.ts";
export { type Coreset, type CoresetRequest, greedyCoreset, greedyCoresetCost } from "./greedy_coreset.ts";
export {
  groupStatistics,
  groupStatisticsCost,
  mergeStatistics,
  mergeStatisticsCost,
  updateRunning,
  updateRunningCost,
  type UpdateRunningRequest,
} from "./group_statistics.ts";
export {
  hyperbolicTangent,
  hyperbolicTangentCost,
  hyperbolicTangentGradient,
  hyperbolicTangentGradientCost,
} from "./hyperbolic_tangent.ts";
export { type Alignment, icp, icpCost, type IcpRequest } from "./icp.ts";
export { type InverseNeighbours, inverseNeighbours, inverseNeighboursCost } from "./inverse_neighbours.ts";
export { type ChannelWeight, joinChannels, joinChannelsCost, type JoinRequest } from "./join_channels.ts";
export { type Largest, largest, largestCost } from "./largest.ts";
export { leakyReluGradient, leakyReluGradientCost, type LeakyReluGradientRequest } from "./leaky_relu.ts";
export { linear, linearCost, type LinearRequest } from "./linear.ts";
export {
  type LinearExtremes,
  linearExtremes,
  linearExtremesCost,
  type LinearExtremesRequest,
} from "./linear_extremes.ts";
export {
  linearRowsGradient,
  linearRowsGradientCost,
  linearWeightsGradient,
  linearWeightsGradientCost,
  type WeightsGradientRequest,
} from "./linear_gradients.ts";
export {
  type LinearStatistics,
  linearStatistics,
  linearStatisticsCost,
  type LinearStatisticsRequest,
} from "./linear_statistics.ts";
export type { MapCamera } from "./map_camera.ts";
export { markNearest, markNearestCost } from "./mark_nearest.ts";
export { type MaxRows, maxRows, maxRowsCost, maxRowsGradient, maxRowsGradientCost } from "./max_rows.ts";
export { meanRows, meanRowsCost } from "./mean_rows.ts";
export {
  type ColumnQuery,
  MOST_IN_COLUMNS,
  type NearestInColumns,
  nearestInColumns,
  nearestInColumnsCost,
} from "./nearest_in_columns.ts";
export {
  MOST_NEIGHBOURS,
  nearestNeighbours,
  nearestNeighboursCost,
  type NeighbourQuery,
  type Neighbours,
  NO_NEIGHBOUR,
} from "./nearest_neighbours.ts";
export { type NearestPoints, nearestPoints, nearestPointsCost, type PointSearch } from "./nearest_points.ts";
export { type NearestRow, nearestRow, nearestRowCost, type RowSearch } from "./nearest_row.ts";
export { normals, normalsCost, type NormalsOptions, type Orientation } from "./normals.ts";
export { offsetChannels, offsetChannelsCost, type OffsetChannelsRequest } from "./offset_channels.ts";
export { paintPatches, paintPatchesCost } from "./paint_patches.ts";
export { pillowBlur, pillowBlurCost, type PillowRequest } from "./pillow_blur.ts";
export { placeShapes, placeShapesCost, type PlaceShapesRequest } from "./place_shapes.ts";
export { type Four, placeSpread, placeSpreadCost, type PlaceSpreadRequest } from "./place_spread.ts";
export {
  type ColumnShape,
  columnStarts,
  type ColumnTargets,
  gatherColumns,
  gatherColumnsCost,
  inColumnOrder,
  type PointColumns,
  pointColumns,
  type StoredColumns,
} from "./point_columns.ts";
export {
  pooledRowsGradient,
  pooledRowsGradientCost,
  type PooledRowsGradientRequest,
  pooledWeightsGradient,
  pooledWeightsGradientCost,
  type PooledWeightsGradientRequest,
} from "./pooled_gradients.ts";
export {
  pooledNorm,
  pooledNormCost,
  type PooledNormGradient,
  pooledNormGradient,
  pooledNormGradientCost,
  type PooledNormGradientRequest,
  type PooledNormRequest,
} from "./pooled_norm.ts";
export { poolPatches, poolPatchesCost, type PoolRequest } from "./pool_patches.ts";
export { projectRows, projectRowsCost } from "./project_rows.ts";
export { putColumn, putColumnCost, type PutColumnRequest } from "./put_column.ts";
export { resizeBilinear, resizeBilinearCost, type ResizeRequest } from "./resize_bilinear.ts";
export { leastRowDistance, leastRowDistanceCost, type RowLists } from "./row_distances.ts";
export { rowSpread, rowSpreadCost, type RowSpreadRequest } from "./row_spread.ts";
export {
  softmaxColumns,
  softmaxColumnsCost,
  softmaxColumnsGradient,
  softmaxColumnsGradientCost,
} from "./softmax_columns.ts";
export { type Cloud, type Rows, strideOf } from "./rows.ts";
export { shapeInterior, shapeInteriorCost, type ShapeInteriorRequest } from "./shape_interior.ts";
export { fpfhColumns, type FpfhForm, spfh, spfhCost, type SpfhOptions } from "./spfh.ts";
export {
  type ShapeRange,
  splatOverhang,
  splatShapes,
  splatShapesCost,
  type SplatShapesRequest,
} from "./splat_shapes.ts";
export { type SpreadRequest, spreadRows, spreadRowsCost } from "./spread_rows.ts";
export { squaredError, squaredErrorCost, type SquaredErrorRequest } from "./squared_error.ts";
export { sumRows, sumRowsCost } from "./sum_rows.ts";
export { surfaceExcess, surfaceExcessCost, type SurfaceExcessRequest } from "./surface_excess.ts";
export { MOST_MEMBERS, surfaceOffsets, surfaceOffsetsCost, type SurfaceOffsetsRequest } from "./surface_offsets.ts";
export { uploadRows } from "./upload_rows.ts";
export {
  type EdgeWeighing,
  weighEdges,
  weighEdgesCost,
  type WeighEdgesGradient,
  weighEdgesGradient,
  weighEdgesGradientCost,
} from "./weigh_edges.ts";
