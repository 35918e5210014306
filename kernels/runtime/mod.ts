/** The GPU runtime: the only place that touches `GPUDevice`. @module */
export type { AdapterFacts, OpenedDevice } from "./adapter.ts";
export { openDevice } from "./adapter.ts";
export { DeviceLost, GpuOutOfMemory, NoAdapter, ShaderError, ShapeMismatch } from "./errors.ts";
export { Gpu, type GpuLimits, openGpu } from "./gpu.ts";
export {
  type Binding,
  type BindingType,
  defineKernel,
  type Dispatch,
  type ElementOf,
  type Kernel,
  type KernelDefinition,
  type Recorder,
} from "./kernel.ts";
export { type Element, type GpuBuffer, type HostArray, type MemoryUse, PART_STEP } from "./pool.ts";
export type { KernelTime, Timing } from "./timing.ts";
