/** Where tests find golden values and real scans, which are not part of the project. @module */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Path of a file or folder of the shared data that lies beside the checkout (or where `UNI3DAD_SHARED` says), undefined where it is absent. */
export function sharedData(name: string): string | undefined {
  const root = Deno.env.get("UNI3DAD_SHARED") ?? fileURLToPath(new URL("../../shared", import.meta.url));
  const path = `${root}/${name}`;
  return existsSync(path) ? path : undefined;
}
