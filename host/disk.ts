/** Folders on disk. @module */
import { FileMissing, type Storage } from "../core/mod.ts";
import { InputUnreadable, OutputUnwritable } from "./errors.ts";

/** A folder on disk as a {@linkcode Storage}; files are written under a temporary name and renamed, so that none is ever half there. */
export function diskStorage(root: string): Storage {
  return {
    label: root,
    list: async (folder) => {
      const found: string[] = [];
      await walk(root, folder.replace(/\/+$/, ""), found);
      return found.sort();
    },
    read: async (name) => await readFile(`${root}/${name}`, () => new FileMissing(root, name)),
    write: (name, bytes) => writeWhole(`${root}/${name}`, bytes),
  };
}

/** `within`: the folders that this one lies in; a link back to one of them is not followed, or the walk would never end. */
async function walk(root: string, folder: string, found: string[], within: readonly string[] = []): Promise<void> {
  const path = folder === "" ? root : `${root}/${folder}`;
  try {
    const real = await Deno.realPath(path);
    if (within.includes(real)) return;
    for await (const entry of Deno.readDir(path)) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const isFolder = entry.isDirectory ||
        (entry.isSymlink && (await Deno.stat(`${root}/${name}`).catch(() => undefined))?.isDirectory);
      if (isFolder) await walk(root, name, found, [...within, real]);
      else found.push(name);
    }
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) return;
    throw new InputUnreadable(path, messageOf(cause), { cause });
  }
}

/** The bytes of a file. @throws what `missing` gives when there is none @throws {InputUnreadable} */
export async function readFile(
  path: string,
  missing: () => Error = () => new InputUnreadable(path, "there is no such file"),
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) throw missing();
    throw new InputUnreadable(
      path,
      cause instanceof Deno.errors.IsADirectory ? "it is a folder, not a scan" : messageOf(cause),
      { cause },
    );
  }
}

/** Writes a file whole, making its folders. @throws {OutputUnwritable} */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${Deno.pid}.tmp`;
  try {
    await Deno.mkdir(folderOf(path), { recursive: true });
    await Deno.writeFile(temporary, bytes);
    await Deno.rename(temporary, path);
  } catch (cause) {
    await Deno.remove(temporary).catch(() => {});
    throw new OutputUnwritable(path, messageOf(cause), { cause });
  }
}

/** Removes a file if it is there. @throws {OutputUnwritable} */
export async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw new OutputUnwritable(path, messageOf(cause), { cause });
  }
}

/** Makes a folder and proves that files can be written into it. @throws {OutputUnwritable} */
export async function provideFolder(path: string): Promise<void> {
  await writeWhole(`${path}/.uni3dad-write-test`, new Uint8Array(0));
  await Deno.remove(`${path}/.uni3dad-write-test`);
}

/** Refuses a folder that must not be replaced: a file, or one with other files than `mayReplace` allows. @throws {OutputUnwritable} */
export async function assertReplaceable(path: string, mayReplace: (files: string[]) => boolean): Promise<void> {
  const there = await Deno.stat(path).catch(() => undefined);
  if (there && !there.isDirectory) throw new OutputUnwritable(path, "it is a file, not a folder");
  const before = await diskStorage(path).list("");
  if (before.length > 0 && !mayReplace(before)) {
    throw new OutputUnwritable(path, "it holds other files, which would be lost");
  }
}

/**
 * Fills a folder so that it is there whole or not at all: written beside it and renamed over what `mayReplace` allows. What was there
 * stays there until then. @throws {OutputUnwritable}
 */
export async function replaceFolder(
  path: string,
  mayReplace: (files: string[]) => boolean,
  fill: (storage: Storage) => Promise<void>,
): Promise<void> {
  const target = path.replace(/\/+$/, "");
  await assertReplaceable(target, mayReplace);
  const temporary = `${target}.${Deno.pid}.tmp`, old = `${target}.${Deno.pid}.old`;
  try {
    await fill(diskStorage(temporary));
    const existed = await Deno.rename(target, old).then(() => true, () => false);
    try {
      await Deno.rename(temporary, target);
    } catch (cause) {
      if (existed) await Deno.rename(old, target);
      throw cause;
    }
    if (existed) await Deno.remove(old, { recursive: true });
  } catch (cause) {
    await Deno.remove(temporary, { recursive: true }).catch(() => {});
    if (cause instanceof Deno.errors.PermissionDenied || cause instanceof Deno.errors.NotADirectory) {
      throw new OutputUnwritable(target, messageOf(cause), { cause });
    }
    throw cause;
  }
}

/** The folder part of a path. */
export const folderOf = (path: string): string =>
  path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".";

const messageOf = (cause: unknown) => cause instanceof Error ? cause.message : String(cause);
