/** Archives to folders. @module */
import { BlobReader, ERR_UNSAFE_FILENAME, ZipReader } from "@zip.js/zip.js";
import { OutputUnwritable } from "../host/mod.ts";
import { RequestRefused } from "./errors.ts";

/** Characters of a file's path in an archive, and bytes of a part of it, more than which no file system takes. */
const MOST_NAME = 1000, MOST_PART = 255;

/** How much an archive may unpack to. */
export interface UnpackBounds {
  /** Bytes of all files together. */
  readonly mostBytes: number;
  /** Number of files. */
  readonly mostFiles: number;
}

/**
 * Writes the files of a ZIP archive below `folder`; no name leads out of it, links are files. What the archive says of sizes is not
 * believed: bytes are counted as they come. @throws {RequestRefused} `archive-malformed`, `archive-path`, `archive-too-large`
 * @throws {OutputUnwritable}
 */
export async function unpackZip(
  archive: Blob,
  folder: string,
  { mostBytes, mostFiles }: UnpackBounds,
  signal: AbortSignal,
): Promise<void> {
  const tooLarge = () =>
    new RequestRefused(
      413,
      "archive-too-large",
      `The archive unpacks to more than ${mostBytes} bytes or ${mostFiles} files`,
    );
  await onDisk(folder, () => Deno.mkdir(folder, { recursive: true }));
  const reader = new ZipReader(new BlobReader(archive), { signal });
  let bytes = 0, files = 0;
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (entry.directory) continue;
      if (++files > mostFiles) throw tooLarge();
      const path = `${folder}/${safe(entry.filename)}`;
      using file = await onDisk(path, () => newFile(path), [Deno.errors.AlreadyExists, Deno.errors.NotADirectory]);
      const counted = new WritableStream<Uint8Array>({
        async write(part) {
          bytes += part.length;
          if (bytes > mostBytes) throw tooLarge();
          await onDisk(path, () => writeAll(file, part));
        },
      });
      await entry.getData(counted, { checkSignature: true, signal });
    }
  } catch (error) {
    if (error instanceof RequestRefused || error instanceof OutputUnwritable || signal.aborted) throw error;
    const why = error instanceof Error ? error.message : String(error);
    if (why === ERR_UNSAFE_FILENAME) throw leadsOut(why);
    throw new RequestRefused(422, "archive-malformed", `The archive is no ZIP file that can be read: ${why}`);
  } finally {
    await reader.close().catch(() => {});
  }
}

async function newFile(path: string): Promise<Deno.FsFile> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  return await Deno.open(path, { write: true, createNew: true });
}

async function writeAll(file: Deno.FsFile, part: Uint8Array): Promise<void> {
  for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
}

/** What the disk is at fault for, in our words; `others` are the archive's: a file twice, or one where it has a folder. @throws {OutputUnwritable} */
async function onDisk<T>(
  path: string,
  action: () => Promise<T>,
  others: readonly (new (message: string) => Error)[] = [],
): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (others.some((other) => cause instanceof other)) throw cause;
    throw new OutputUnwritable(path, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** A relative path that stays below its folder. @throws {RequestRefused} */
function safe(name: string): string {
  const parts = name.split("/");
  const leaves = name.startsWith("/") || name.includes("\\") || name.includes("\0") || /^[A-Za-z]:/.test(name) ||
    parts.some((part) =>
      part === ".." || part === "." || part === "" || new TextEncoder().encode(part).length > MOST_PART
    );
  if (leaves || name.length > MOST_NAME) {
    throw leadsOut(JSON.stringify(name.slice(0, 200)));
  }
  return name;
}

const leadsOut = (name: string) =>
  new RequestRefused(422, "archive-path", `The archive holds a file whose name may lead elsewhere (${name})`);
