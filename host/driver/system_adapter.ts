/** Whether the system brings an adapter of its own, told without starting a Vulkan instance where that is certain. @module */
import { join } from "node:path";
import type { Machine } from "./machine.ts";

/** Variables that turn drivers off or swap them: with one of them set only a probe can tell. */
const overrides = [
  "VK_DRIVER_FILES",
  "VK_ICD_FILENAMES",
  "VK_ADD_DRIVER_FILES",
  "VK_LOADER_DRIVERS_SELECT",
  "VK_LOADER_DRIVERS_DISABLE",
  "VK_LOADER_DISABLE_SELECT",
  "DENO_WEBGPU_BACKEND",
];

/** Where Vulkan loaders look for drivers on Linux. */
const driverFolders = ["/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d"];

/**
 * True where an adapter is certain: macOS and Windows bring one; on Linux a Vulkan loader and Mesa's software driver, which needs no
 * hardware, both load. They stay loaded, and WebGPU would load them next anyway, so this costs nothing, where a probe
 * costs a Vulkan instance (0.1 s). False means "not certain", for example with a hardware driver alone.
 */
export function surelyHasAdapter(machine: Machine, folders: readonly string[] = driverFolders): boolean {
  if (machine.os !== "linux") return machine.os === "darwin" || machine.os === "windows";
  if (overrides.some((name) => machine.env(name))) return false;
  const drivers = folders.flatMap(softwareDrivers);
  return drivers.length > 0 && machine.load("libvulkan.so.1") === undefined &&
    drivers.some((library) => machine.load(library) === undefined);
}

/** Libraries that the software driver's JSON files in a folder name. */
function softwareDrivers(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ name }) => /^lvp_icd.*\.json$/.test(name)).map(({ name }) => {
      const library: string = JSON.parse(Deno.readTextFileSync(join(folder, name))).ICD.library_path;
      return library.startsWith("./") || library.startsWith("../") ? join(folder, library) : library;
    });
  } catch {
    return []; // no folder, or a file that the loader could not read either
  }
}
