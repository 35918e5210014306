/** Folders that a request may name. @module */
import { RequestRefused } from "../errors.ts";

/** The real path of a folder below one of `roots` (real paths themselves), links followed. @throws {RequestRefused} */
export async function allowedFolder(folder: string, roots: readonly string[]): Promise<string> {
  const refused = () =>
    new RequestRefused(
      403,
      "folder-refused",
      roots.length === 0
        ? "No folder of the server may be named: start it with --allow-folder"
        : `There is no folder ${JSON.stringify(folder)} below those that --allow-folder names`,
    );
  const real = await Deno.realPath(folder).catch(() => undefined);
  if (real === undefined || !roots.some((root) => real === root || real.startsWith(`${root}/`))) throw refused();
  if (!(await Deno.stat(real)).isDirectory) throw refused();
  return real;
}
