/** A software adapter in the cache folder, for later: for work without a network, or a machine whose GPU may go. @module */
import { hasApt } from "./apt.ts";
import { aptUnpack } from "./apt_unpack.ts";
import {
  type CachedDriver,
  cachedDriver,
  driverBytes,
  driverFolder,
  type DriverKind,
  driverKinds,
} from "./cached_driver.ts";
import { cacheFolderOf } from "./cache_folder.ts";
import { SetupFailed } from "./errors.ts";
import type { Machine } from "./machine.ts";
import { hasSwiftshader, npmSwiftshader } from "./npm_swiftshader.ts";
import { thisMachine } from "./this_machine.ts";
import { tryDriver } from "./try_driver.ts";

/** What {@linkcode setupDriver} found or did. */
export interface SetupDocument {
  /** Name and version of this form. */
  readonly schema: "uni3dad.setup/1";
  /** Which of the drivers it is. */
  readonly driver: DriverKind;
  /** Package and version it came from. */
  readonly source: string;
  /** Path of its folder inside the cache folder. */
  readonly folder: string;
  /** What its files take on disk. */
  readonly bytes: number;
  /** True where it was there before, and nothing was downloaded. */
  readonly already: boolean;
  /** The words of the adapter that a fresh process gets with it. */
  readonly description: string;
}

/** Options of {@linkcode setupDriver}. */
export interface SetupDriverOptions {
  /** False forbids the network: what is there is checked, nothing is brought. */
  readonly download: boolean;
  /** Gets a line before each step that takes time, and after each that failed. */
  readonly log: (line: string) => void;
  /** Instead of {@linkcode cacheFolderOf}'s. */
  readonly cacheFolder?: string;
  /** Only this driver instead of the fastest that can be had. */
  readonly driver?: DriverKind;
  /** Instead of this machine, in tests. */
  readonly machine?: Machine;
}

/**
 * Brings a software adapter into the cache folder, whatever the system has, and tries it in a process of its own, so that this
 * one's adapter stays what it is.
 * @throws {SetupFailed} where nothing worked, or nothing is there and a download is not allowed
 */
export async function setupDriver({ download, log, driver, ...options }: SetupDriverOptions): Promise<SetupDocument> {
  const machine = options.machine ?? thisMachine(), cacheFolder = options.cacheFolder ?? cacheFolderOf(machine);
  const kinds = driverKinds.filter((kind) => driver === undefined || kind === driver);
  for (const kind of kinds) {
    const cached = await cachedDriver(cacheFolder, kind, machine.arch);
    if (!cached) continue;
    const description = await tryDriver(cached, machine);
    if (description !== undefined) return documentOf(cached, true, description);
    log(`the driver in ${cached.folder} gives no adapter`);
  }
  if (!download) {
    throw new SetupFailed(
      cacheFolder,
      "it holds no usable one, and downloads are not allowed; leave out --no-download",
    );
  }
  const problems: string[] = [];
  for (const kind of kinds) {
    const bring = kind === "lavapipe" ? hasApt(machine) && aptUnpack : hasSwiftshader(machine) && npmSwiftshader;
    if (!bring) continue;
    try {
      const brought = await bring(machine, cacheFolder, log);
      const description = await tryDriver(brought, machine);
      if (description !== undefined) return documentOf(brought, false, description);
      problems.push(`${driverFolder(cacheFolder, kind, machine.arch)} gives no adapter`);
    } catch (cause) {
      problems.push(cause instanceof Error ? cause.message : String(cause));
    }
    log(problems[problems.length - 1]);
  }
  const advice = problems.length > 0
    ? problems.join("; ")
    : `there is no known way on ${machine.os} ${machine.arch}; it needs Debian's apt-get, or Linux on x64`;
  throw new SetupFailed(cacheFolder, advice);
}

function documentOf(driver: CachedDriver, already: boolean, description: string): SetupDocument {
  const { folder, manifest: { kind, source } } = driver;
  return { schema: "uni3dad.setup/1", driver: kind, source, folder, bytes: driverBytes(driver), already, description };
}
