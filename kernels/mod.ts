/** Numbers in, numbers out, on the GPU. @module */
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
  type Recorder,
  ShaderError,
  ShapeMismatch,
  type Timing,
} from "./runtime/mod.ts";
export { type Cloud, type Rows, strideOf } from "./rows.ts";
export { uploadRows } from "./upload_rows.ts";
export { fpfh, fpfhCost, type FpfhForm, type FpfhOptions, spfh, spfhCost, type SpfhOptions } from "./fpfh.ts";
export { fpfhOf, type FpfhOfOptions } from "./fpfh_of.ts";
export { gatherRows, gatherRowsCost } from "./gather_rows.ts";
export { gaussianBlur, gaussianBlurCost, type GaussianRequest } from "./gaussian_blur.ts";
export { type Coreset, type CoresetRequest, greedyCoreset, greedyCoresetCost } from "./greedy_coreset.ts";
export { type Largest, largest, largestCost } from "./largest.ts";
export {
  MOST_NEIGHBOURS,
  nearestNeighbours,
  nearestNeighboursCost,
  type NeighbourQuery,
  type Neighbours,
  NO_NEIGHBOUR,
} from "./nearest_neighbours.ts";
export { type NearestRow, nearestRow, nearestRowCost } from "./nearest_row.ts";
export { normals, normalsCost, type NormalsOptions, type Orientation } from "./normals.ts";
export { pillowBlur, pillowBlurCost, type PillowRequest } from "./pillow_blur.ts";
export { poolPatches, poolPatchesCost, type PoolRequest } from "./pool_patches.ts";
export { resizeBilinear, resizeBilinearCost, type ResizeRequest } from "./resize_bilinear.ts";
