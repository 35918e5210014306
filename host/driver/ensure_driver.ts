/** Seeing to it that WebGPU finds an adapter, on a bare machine too. @module */
import { NoAdapter } from "../../kernels/mod.ts";
import { hasApt } from "./apt.ts";
import { aptInstall } from "./apt_install.ts";
import { aptUnpack } from "./apt_unpack.ts";
import { type CachedDriver, cachedDriver, driverKinds } from "./cached_driver.ts";
import { cacheFolderOf } from "./cache_folder.ts";
import type { Machine } from "./machine.ts";
import { hasSwiftshader, npmSwiftshader } from "./npm_swiftshader.ts";
import { surelyHasAdapter } from "./system_adapter.ts";
import { thisMachine } from "./this_machine.ts";
import { useDriver } from "./use_driver.ts";

/** Where the driver in use came from. */
export type DriverOrigin = "system" | "cache" | "debian-packages" | "npm-swiftshader";

/** The driver that the next `requestAdapter()` finds. */
export interface DriverFound {
  /** Where it came from. */
  readonly origin: DriverOrigin;
  /** The adapter's own words; absent where it was not asked, because it is certainly there. */
  readonly description?: string;
}

/** Options of {@linkcode ensureDriver}. */
export interface EnsureDriverOptions {
  /** False forbids the network: only the system and the cache folder are looked at. */
  readonly download: boolean;
  /** Gets a line before each step that takes time, and after each that failed. */
  readonly log: (line: string) => void;
  /** Instead of {@linkcode cacheFolderOf}'s. */
  readonly cacheFolder?: string;
  /** Instead of this machine, in tests. */
  readonly machine?: Machine;
  /** Instead of {@linkcode surelyHasAdapter}, in tests. */
  readonly surely?: (machine: Machine) => boolean;
}

/**
 * Finds or brings a driver, in this order: the system's, one in the cache folder, Debian's packages (installed as root, otherwise
 * unpacked into the cache folder), SwiftShader out of npm. To be called before the main isolate's first `requestAdapter()`,
 * which settles what that isolate will ever see.
 * @throws {NoAdapter} where nothing worked, with the remedy
 */
export async function ensureDriver(options: EnsureDriverOptions): Promise<DriverFound> {
  const { download, log, machine = thisMachine(), surely = surelyHasAdapter } = options;
  const cacheFolder = options.cacheFolder ?? cacheFolderOf(machine);
  quietLoader(machine);
  if (surely(machine)) return { origin: "system" };
  const present = await machine.probe();
  if (present !== undefined) return { origin: "system", description: present };

  for (const kind of driverKinds) {
    const cached = await cachedDriver(cacheFolder, kind, machine.arch);
    const description = cached && await tried(`use ${cached.folder}`, log, () => inUse(cached, machine));
    if (description !== undefined) return { origin: "cache", description };
  }

  if (machine.os === "linux" && download) {
    log("no WebGPU adapter here: bringing a software one");
    for (const { origin, name, bring } of waysFor(machine, cacheFolder, log)) {
      const description = await tried(name, log, bring);
      if (description !== undefined) return { origin, description };
    }
  }
  throw new NoAdapter(remedy(machine, download));
}

interface Way {
  readonly origin: DriverOrigin;
  readonly name: string;
  /** The adapter's description once it is there. */
  bring(): Promise<string | undefined>;
}

function waysFor(machine: Machine, cacheFolder: string, log: (line: string) => void): Way[] {
  const ways: Way[] = [];
  if (hasApt(machine) && machine.root) {
    const bring = () => aptInstall(machine, log).then(machine.probe);
    ways.push({ origin: "debian-packages", name: "install Debian's driver", bring });
  } else if (hasApt(machine)) {
    const bring = () => aptUnpack(machine, cacheFolder, log).then((driver) => inUse(driver, machine));
    ways.push({ origin: "debian-packages", name: "unpack Debian's driver", bring });
  }
  if (hasSwiftshader(machine)) {
    const bring = () => npmSwiftshader(machine, cacheFolder, log).then((driver) => inUse(driver, machine));
    ways.push({ origin: "npm-swiftshader", name: "bring SwiftShader", bring });
  }
  return ways;
}

/** The adapter's description with this driver in use. */
function inUse(driver: CachedDriver, machine: Machine): Promise<string | undefined> {
  useDriver(driver, machine);
  return machine.probe();
}

/** The result of a step; undefined, and said, where it failed or brought no adapter: the next step has its turn. */
async function tried(
  name: string,
  log: (line: string) => void,
  step: () => Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    const description = await step();
    if (description === undefined) log(`could not ${name}: no adapter answers with it`);
    return description;
  } catch (cause) {
    log(`could not ${name}: ${cause instanceof Error ? cause.message : cause}`);
    return undefined;
  }
}

/** Vulkan drivers complain on stderr about a missing `XDG_RUNTIME_DIR` at each request; any folder satisfies them. */
function quietLoader(machine: Machine): void {
  if (machine.os === "linux" && !machine.env("XDG_RUNTIME_DIR")) {
    machine.setEnv("XDG_RUNTIME_DIR", machine.temporaryFolder);
  }
}

/** One line that helps on this machine. */
function remedy(machine: Machine, download: boolean): string {
  if (machine.os !== "linux") return "install the graphics driver of this computer's maker";
  const install = hasApt(machine)
    ? "as root run `apt-get install mesa-vulkan-drivers libvulkan1`"
    : "install a Vulkan driver and loader (Mesa's packages are mostly called mesa-vulkan-drivers and vulkan-loader)";
  return download ? install : `${install}, or allow a download (leave out --no-download, or run \`deno task setup\`)`;
}
