/** Folders that a request may name. @module */
import { RequestRefused } from "../errors.ts";

/** Whether a real path lies below one of these folders. */
export const isBelow = (path: string, roots: readonly string[]): boolean =>
  roots.some((root) => path.startsWith(root.endsWith("/") ? root : `${root}/`));

/** The real path of a file below an allowed folder. @throws {RequestRefused} for a link that leads out of all of them, or nowhere */
export async function allowedFile(folder: string, name: string, roots: readonly string[]): Promise<string> {
  const real = await Deno.realPath(`${folder}/${name}`).catch(() => undefined);
  if (real !== undefined && isBelow(real, roots)) return real;
  const where = real === undefined ? "leads nowhere" : "leads out of the folders that --allow-folder names";
  throw new RequestRefused(403, "folder-refused", `${name} ${where}`);
}

/** The real path of a folder that is one of `roots` (real paths themselves) or lies below one, links followed. @throws {RequestRefused} */
export async function allowedFolder(folder: string, roots: readonly string[]): Promise<string> {
  const real = await Deno.realPath(folder).catch(() => undefined);
  if (real !== undefined && (roots.includes(real) || isBelow(real, roots)) && (await Deno.stat(real)).isDirectory) {
    return real;
  }
  const problem = roots.length === 0
    ? "No folder of the server may be named: start it with --allow-folder"
    : `There is no folder ${JSON.stringify(folder)} below those that --allow-folder names`;
  throw new RequestRefused(403, "folder-refused", problem);
}
