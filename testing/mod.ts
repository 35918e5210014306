/** For tests of plugins and kernels: the conformance checks, tests on the GPU, and tiny scans. @module */
export { conformance } from "./conformance.ts";
export type { AnyPlugin, ConformanceCheck, ConformanceOptions } from "./conformance_trial.ts";
export { gpuTest, type GpuTestOptions, sharedGpu } from "./gpu.ts";
export { testConformance } from "./test_conformance.ts";
export { onlyPixels, tinyPrepare, tinyScan, type TinyScanOptions } from "./tiny_scan.ts";
