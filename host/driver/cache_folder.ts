/** Where drivers that were brought are kept. @module */
import type { Machine } from "./machine.ts";

/**
 * `$UNI3DAD_CACHE`, else `uni3dad` in the platform's place for caches: `$XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches` on macOS,
 * `%LOCALAPPDATA%` on Windows; in the temporary folder where there is no home.
 */
export function cacheFolderOf({ os, env, temporaryFolder }: Pick<Machine, "os" | "env" | "temporaryFolder">): string {
  const own = env("UNI3DAD_CACHE");
  if (own) return own;
  const home = env("HOME");
  if (os === "windows") return `${env("LOCALAPPDATA") ?? temporaryFolder}\\uni3dad`;
  if (os === "darwin") return `${home ? `${home}/Library/Caches` : temporaryFolder}/uni3dad`;
  return `${env("XDG_CACHE_HOME") || (home ? `${home}/.cache` : temporaryFolder)}/uni3dad`;
}
