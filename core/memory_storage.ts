/** A folder in memory: for tests, for browsers, for models that are not kept. @module */
import { FileMissing } from "./errors.ts";
import type { Storage } from "./storage.ts";

/** A {@linkcode Storage} in memory, empty or with these files. */
export function memoryStorage(files: Record<string, Uint8Array> = {}, label = "memory"): Storage {
  const held = new Map<string, Uint8Array>(Object.entries(files));
  return {
    label,
    list: (folder) => {
      const prefix = folder === "" ? "" : `${folder.replace(/\/+$/, "")}/`;
      return Promise.resolve([...held.keys()].filter((name) => name.startsWith(prefix)).sort());
    },
    read: (name) => {
      const bytes = held.get(name);
      if (!bytes) return Promise.reject(new FileMissing(label, name));
      return Promise.resolve(new Uint8Array(bytes));
    },
    write: (name, bytes) => {
      held.set(name, bytes.slice());
      return Promise.resolve();
    },
  };
}
