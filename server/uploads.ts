/** Files that jobs still need, on disk. @module */
import { OutputUnwritable, writeWhole } from "../host/mod.ts";
import type { Store } from "./store/store.ts";

/** Writes files into a new folder of their own and gives its path; nothing is left where one cannot be written. @throws {OutputUnwritable} */
export async function keepUploads(
  folder: string,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Promise<string> {
  const own = `${folder}/${crypto.randomUUID()}`;
  try {
    for (const { name, bytes } of files) await writeWhole(`${own}/${name}`, bytes);
    return own;
  } catch (error) {
    await Deno.remove(own, { recursive: true }).catch(() => {});
    throw error;
  }
}

/** Removes the uploads of a job that has ended. */
export async function dropUploads(request: unknown): Promise<void> {
  const { uploads } = (request ?? {}) as { readonly uploads?: string | null };
  if (uploads) await Deno.remove(uploads, { recursive: true }).catch(() => {});
}

/** Removes what no job needs any more: left by a stop between an upload and its job, or an end and its tidying. */
export async function dropStrayUploads(folder: string, { jobs }: Pick<Store, "jobs">): Promise<void> {
  await Deno.mkdir(folder, { recursive: true }).catch((cause) => {
    throw new OutputUnwritable(folder, cause instanceof Error ? cause.message : String(cause), { cause });
  });
  const needed = new Set(jobs.openRequests().map((request) => (request as { uploads?: string | null }).uploads));
  for await (const { name } of Deno.readDir(folder)) {
    if (!needed.has(`${folder}/${name}`)) await Deno.remove(`${folder}/${name}`, { recursive: true }).catch(() => {});
  }
}
