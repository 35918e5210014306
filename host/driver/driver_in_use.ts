/** Which driver this process's adapter comes from, told afterwards. @module */
import { dirname, join } from "node:path";
import type { DriverManifest } from "./cached_driver.ts";

/** Where the adapter's driver lies. */
export interface DriverInUse {
  /** `cache`: one that was brought into the cache folder; `system`: whatever the computer has, packages installed by us included. */
  readonly origin: "system" | "cache";
  /** Package and version that a brought driver came from. */
  readonly source?: string;
  /** Where a brought driver lies. */
  readonly folder?: string;
}

/** The driver that the environment names to the Vulkan loader, if it is one of ours. */
export async function driverInUse(named: string | undefined = Deno.env.get("VK_DRIVER_FILES")): Promise<DriverInUse> {
  if (!named) return { origin: "system" };
  const folder = dirname(named);
  try {
    const manifest: DriverManifest = JSON.parse(await Deno.readTextFile(join(folder, "driver.json")));
    if (manifest.schema === "uni3dad.driver/1") return { origin: "cache", source: manifest.source, folder };
  } catch {
    // a driver that somebody else named: the system's, for us
  }
  return { origin: "system" };
}
