/**
 * uni3dad: unsupervised 3-D anomaly detection for products without a CAD model, on WebGPU. @module
 *
 * ```ts
 * import { detectInto, entryScans, fitDataset, holdModel, openCategory, openRun, resolveMethod, builtIn } from "@uni3dad/uni3dad";
 * ```
 */
export * from "./core/mod.ts";
export { Uni3dadError } from "./errors.ts";
