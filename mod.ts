/**
 * uni3dad: finds defects in 3-D scans of products that have no CAD model, after training on normal scans alone. This entry uses web
 * standards only, so it runs in Deno and in a browser with WebGPU; the disk, drivers and whole batches are in `@uni3dad/uni3dad/host`.
 * @module
 */
export * from "./core/mod.ts";
export { Uni3dadError } from "./errors.ts";
export {
  DeviceLost,
  type Gpu,
  GpuOutOfMemory,
  NoAdapter,
  openGpu,
  type Rows,
  ShaderError,
  ShapeMismatch,
} from "./kernels/mod.ts";
export { FileTooLarge, MalformedFile, UnsupportedFile } from "./formats/mod.ts";
export { builtIn, fpfh, fpfhExtractor, type FpfhOptions, patchCore, type PatchCoreOptions } from "./plugins/mod.ts";
export { auroc, type MapMetrics, mapMetrics, type ScoredMap, type ScoredMaps } from "./evaluation/mod.ts";
