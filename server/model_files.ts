/** The files of a model's folder. @module */
import type { Storage } from "../core/mod.ts";
import { diskStorage } from "../host/mod.ts";

/** How the folder of a model that is being deleted ends. */
export const GONE = ".gone";

/** The folder's files; errors about them name the model, as no path of this machine belongs into an answer. */
export const modelFiles = (models: string, name: string): Storage => ({
  ...diskStorage(`${models}/${name}`),
  label: name,
});

/** Bytes of all its files: about what it takes of the GPU's memory. */
export async function modelBytes(models: string, name: string): Promise<number> {
  let bytes = 0;
  for await (const file of Deno.readDir(`${models}/${name}`)) {
    if (file.isFile) bytes += (await Deno.stat(`${models}/${name}/${file.name}`)).size;
  }
  return bytes;
}
