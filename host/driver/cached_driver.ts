/** Drivers in the cache folder: written whole or not at all, and checked before use. @module */
import { join } from "node:path";
import { DriverStepFailed } from "./errors.ts";

/** A software driver that can be brought: Mesa's from Debian, or Google's out of npm. */
export type DriverKind = "lavapipe" | "swiftshader";

/** The drivers that can be brought, the faster first. */
export const driverKinds: readonly DriverKind[] = ["lavapipe", "swiftshader"];

/** What `driver.json` says; paths are relative to its folder, so that the folder can be copied to another machine. */
export interface DriverManifest {
  readonly schema: "uni3dad.driver/1";
  readonly kind: DriverKind;
  /** Package and version it came from. */
  readonly source: string;
  readonly arch: string;
  /** Libraries in the order in which they are loaded, the Vulkan loader last. */
  readonly load: readonly string[];
  /** The JSON file that names the driver to the Vulkan loader. */
  readonly icd: string;
  /** Bytes of each file, by path: a file that is missing or cut makes the driver unusable. */
  readonly files: Readonly<Record<string, number>>;
}

/** A driver in the cache folder that is whole. */
export interface CachedDriver {
  readonly folder: string;
  readonly manifest: DriverManifest;
}

/** Age in milliseconds at which a folder that a run left half-written is surely nobody's any more. */
const ABANDONED = 3_600_000;

const ATTEMPTS = 5;

/** Folder of a driver. The architecture is in its name, since a home may be shared by machines. */
export const driverFolder = (cacheFolder: string, kind: DriverKind, arch: string): string =>
  join(cacheFolder, "drivers", `${kind}-${arch}`);

/** The driver in the cache folder, undefined where it is absent, half there, or not ours. */
export async function cachedDriver(
  cacheFolder: string,
  kind: DriverKind,
  arch: string,
): Promise<CachedDriver | undefined> {
  const folder = driverFolder(cacheFolder, kind, arch);
  try {
    const manifest: DriverManifest = JSON.parse(await Deno.readTextFile(join(folder, "driver.json")));
    if (manifest.schema !== "uni3dad.driver/1" || manifest.kind !== kind || manifest.arch !== arch) return undefined;
    for (const [file, size] of Object.entries(manifest.files)) {
      const found = await Deno.stat(join(folder, file));
      if (!found.isFile || found.size !== size) return undefined;
    }
    return manifest.load.every((file) => file in manifest.files) && manifest.icd in manifest.files
      ? { folder, manifest }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Builds a driver in a folder of its own beside its place, then puts it there by one rename; an unusable or older one makes room.
 * Of two runs at once each builds its own, and the first to be ready is kept. `build` fills the folder and gives the
 * manifest without its list of files, which is made of all that lies in the folder.
 * @throws what `build` throws; nothing is left then
 */
export async function publishDriver(
  cacheFolder: string,
  kind: DriverKind,
  arch: string,
  build: (folder: string) => Promise<Pick<DriverManifest, "source" | "load" | "icd">>,
): Promise<CachedDriver> {
  const place = driverFolder(cacheFolder, kind, arch), parent = join(cacheFolder, "drivers");
  await Deno.mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const before = await identity(place);
  const partial = await Deno.makeTempDir({ dir: parent, prefix: `${kind}-${arch}-`, suffix: ".partial" });
  try {
    const made = await build(partial);
    const files = await filesOf(partial);
    const manifest: DriverManifest = { schema: "uni3dad.driver/1", kind, arch, ...made, files };
    await Deno.writeTextFile(join(partial, "driver.json"), JSON.stringify(manifest, undefined, 2) + "\n");
    await Deno.chmod(partial, 0o755); // a temporary folder is private, a cache may serve other users
    for (let attempt = 0, moved = false; attempt < ATTEMPTS; attempt++) {
      moved ||= await Deno.rename(partial, place).then(() => true, () => false); // fails where a folder with files is
      const there = await cachedDriver(cacheFolder, kind, arch);
      if (there && (moved || await identity(place) !== before)) return there; // ours, or that of a faster run
      if (moved) { // another run took ours for the old one, and is about to put its own there
        await new Promise((done) => setTimeout(done, 100));
        continue;
      }
      const old = join(parent, `${crypto.randomUUID()}.partial`);
      await Deno.rename(place, old).catch(() => {}); // another run may be doing the same
      await Deno.remove(old, { recursive: true }).catch(() => {}); // what a process has loaded stays with that process
    }
  } finally {
    await Deno.remove(partial, { recursive: true }).catch(() => {}); // gone already where it was moved
  }
  throw new DriverStepFailed(`keep the driver in ${place}`, "the folder changes at the same time; run it again");
}

/** Tells one driver at a place from the next; undefined where there is none. */
async function identity(place: string): Promise<string | undefined> {
  const found = await Deno.stat(join(place, "driver.json")).catch(() => undefined);
  return found && `${found.ino}/${found.mtime?.getTime()}`;
}

async function removeAbandoned(parent: string): Promise<void> {
  for await (const { name } of Deno.readDir(parent)) {
    if (!name.endsWith(".partial")) continue;
    const changed = (await Deno.stat(join(parent, name)).catch(() => undefined))?.mtime?.getTime() ?? Date.now();
    if (Date.now() - changed > ABANDONED) await Deno.remove(join(parent, name), { recursive: true }).catch(() => {});
  }
}

async function filesOf(folder: string, below = ""): Promise<Record<string, number>> {
  const files: Record<string, number> = {};
  for await (const { name, isDirectory } of Deno.readDir(join(folder, below))) {
    const path = below ? `${below}/${name}` : name;
    if (isDirectory) Object.assign(files, await filesOf(folder, path));
    else files[path] = (await Deno.stat(join(folder, path))).size;
  }
  return files;
}

/** Bytes that a driver takes on the disk. */
export const driverBytes = ({ manifest }: CachedDriver): number =>
  Object.values(manifest.files).reduce((a, b) => a + b, 0);
