/** Trying a cached driver without letting it into this process. @module */
import { fileURLToPath } from "node:url";
import type { CachedDriver } from "./cached_driver.ts";
import type { Machine } from "./machine.ts";

/** The description of the adapter that a new process gets with this driver, undefined where it gets none. */
export async function tryDriver({ manifest, folder }: CachedDriver, machine: Machine): Promise<string | undefined> {
  const script = fileURLToPath(new URL("./try_driver_main.ts", import.meta.url));
  const result = await machine.run(
    machine.deno,
    ["run", "--no-config", "--no-lock", "--allow-all", script, folder, JSON.stringify(manifest)],
    {
      env: {
        XDG_RUNTIME_DIR: machine.env("XDG_RUNTIME_DIR") || machine.temporaryFolder,
        DENO_WEBGPU_BACKEND: "vulkan", // the system's OpenGL must not answer in the driver's place
      },
    },
  );
  return result.ok ? result.stdout.trim() || undefined : undefined;
}
