/** Making a cached driver the one that the next `requestAdapter()` finds, inside the running process. @module */
import { basename, join } from "node:path";
import type { CachedDriver } from "./cached_driver.ts";
import { DriverStepFailed } from "./errors.ts";
import type { Machine } from "./machine.ts";

/**
 * Loads the driver's libraries in their order and names the driver to the Vulkan loader. WebGPU's own later search for
 * `libvulkan.so.1`, and the driver's for what it needs, are then satisfied by what is loaded (the C library matches by soname), so
 * neither root nor a new process is needed. The system's own copy of a library goes first, as it may be newer.
 * @throws {DriverStepFailed} where a library does not load
 */
export function useDriver({ folder, manifest }: CachedDriver, machine: Machine): void {
  for (const library of manifest.load) {
    if (machine.load(basename(library)) === undefined) continue;
    const problem = machine.load(join(folder, library));
    if (problem !== undefined) throw new DriverStepFailed(`load ${join(folder, library)}`, problem);
  }
  const icd = join(folder, manifest.icd);
  machine.setEnv("VK_DRIVER_FILES", icd);
  machine.setEnv("VK_ICD_FILENAMES", icd); // the older name of the same, for loaders before 1.3.207
}
