/**
 * uni3dad: finds defects in 3-D scans of products that have no CAD model, after training on normal scans alone. This entry uses web
 * standards only, so it runs in Deno and in a browser with WebGPU; the disk, drivers and whole batches are in `@uni3dad/uni3dad/host`.
 * @module
 */
export * from "./core/mod.ts";
export { Uni3dadError } from "./errors.ts";
export {
  type AdapterFacts,
  type Binding,
  type BindingType,
  DeviceLost,
  type Dispatch,
  type Element,
  type ElementOf,
  type Gpu,
  type GpuBuffer,
  type GpuLimits,
  GpuOutOfMemory,
  type HostArray,
  type Kernel,
  type KernelDefinition,
  type KernelTime,
  type MemoryUse,
  NoAdapter,
  type OpenedDevice,
  openGpu,
  type Recorder,
  type Rows,
  ShaderError,
  ShapeMismatch,
  type Timing,
} from "./kernels/mod.ts";
export { FileTooLarge, MalformedFile, UnsupportedFile } from "./formats/mod.ts";
export {
  type BankOptions,
  builtIn,
  type Channel,
  channels,
  fpfh,
  fpfhExtractor,
  type FpfhOptions,
  MapRefused,
  meanStd,
  type MeanStdOptions,
  nearestNormal,
  type NearestNormalOptions,
  patchCore,
  type PatchCoreOptions,
} from "./plugins/mod.ts";
export {
  type AuPro,
  auroc,
  type BranchFigures,
  type Dataset,
  type DefectMetrics,
  type Difference,
  type Differences,
  type EvaluateDocument,
  type EvaluateRun,
  type FalseAlarmRate,
  type FalseAlarms,
  type Interval,
  type Intervals,
  type MapMetrics,
  mapMetrics,
  type ProductName,
  type RunDifference,
  type RunIntervals,
  type ScanEntry,
  type ScoredMap,
  type ScoredMaps,
  type Scores,
} from "./evaluation/mod.ts";
