/** Way B: Debian's packages without root, downloaded and unpacked into the cache folder. @module */
import { basename, join } from "node:path";
import { aptPatience, downloadBytes, driverPackages, megabytes } from "./apt.ts";
import { type CachedDriver, publishDriver } from "./cached_driver.ts";
import { neededLibraries } from "./elf.ts";
import { DriverStepFailed } from "./errors.ts";
import { libraryOrder } from "./library_order.ts";
import { complaint, type Machine } from "./machine.ts";

const driver = "libvulkan_lvp.so", loader = "libvulkan.so.1";

/**
 * Packages that are taken as installed: what every machine with `apt-get` has, and what only the packages' scripts use. All else is
 * downloaded, whatever the system has, so that the folder also serves a barer machine.
 */
const assumed = ["libc6", "dpkg", "debconf", "python3", "python3-minimal"];

/**
 * Downloads the driver's packages with lists and caches of our own, and keeps the libraries that the driver needs.
 * @throws {DriverStepFailed}
 */
export function aptUnpack(machine: Machine, cacheFolder: string, log: (line: string) => void): Promise<CachedDriver> {
  return publishDriver(cacheFolder, "lavapipe", machine.arch, async (folder) => {
    const work = join(folder, "work");
    const names = await download(machine, work, log);
    const root = join(work, "root");
    for (const file of names) {
      const result = await machine.run("dpkg-deb", ["-x", join(work, "packages", file), root]);
      if (!result.ok) throw new DriverStepFailed(`unpack ${file}`, complaint(result));
    }
    const load = await keepLibraries(root, folder);
    const icd = {
      file_format_version: "1.0.0",
      ICD: { library_path: `./lib/${driver}`, api_version: await apiVersion(root) },
    };
    await Deno.writeTextFile(join(folder, "lvp_icd.json"), JSON.stringify(icd));
    await Deno.remove(work, { recursive: true });
    const source = names.find((name) => name.startsWith("mesa-vulkan-drivers_")) ?? driverPackages[0];
    return { source: decodeURIComponent(basename(source, ".deb")), load, icd: "lvp_icd.json" };
  });
}

/** Downloads into `work/packages` and gives the files' names. */
async function download(machine: Machine, work: string, log: (line: string) => void): Promise<string[]> {
  for (const name of ["lists/partial", "cache/archives/partial", "packages"]) {
    await Deno.mkdir(join(work, name), { recursive: true });
  }
  const printed = await machine.run("dpkg", ["--print-architecture"]);
  if (!printed.ok) throw new DriverStepFailed("ask dpkg for the architecture", complaint(printed));
  await Deno.writeTextFile(join(work, "status"), statusOf(assumed, printed.stdout.trim()));
  const own = [
    ...["-o", `Dir::State::Lists=${join(work, "lists")}`, "-o", `Dir::Cache=${join(work, "cache")}`],
    ...["-o", `Dir::State::status=${join(work, "status")}`, "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="],
    ...aptPatience,
  ];
  const apt = async (step: string, args: readonly string[]) => {
    const result = await machine.run("apt-get", [...own, ...args], { folder: join(work, "packages") });
    if (!result.ok) throw new DriverStepFailed(step, complaint(result));
    return result.stdout;
  };
  log("fetching a list of packages of our own, without root (about 9 MB)");
  await apt("fetch the list of packages", ["-qq", "update"]);
  const plan = await apt("find the driver's packages", ["-s", "install", "--no-install-recommends", ...driverPackages]);
  const packages = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
  if (packages.length === 0) throw new DriverStepFailed("find the driver's packages", "the plan of apt-get names none");
  const size = downloadBytes(await apt("ask for the sizes", ["-qq", "--print-uris", "download", ...packages]));
  log(`downloading ${driverPackages[0]} and what it needs (${packages.length} packages, ${megabytes(size)})`);
  await apt("download the driver's packages", ["-qq", "download", ...packages]);
  const files = [...Deno.readDirSync(join(work, "packages"))].map(({ name }) => name).sort();
  log(`unpacking ${files.length} packages`);
  return files;
}

/** A dpkg status file that says these packages are installed, in a version that satisfies everything. */
export function statusOf(packages: readonly string[], architecture: string): string {
  return packages.map((name) =>
    [
      ...[`Package: ${name}`, "Status: install ok installed", "Version: 99:99", `Architecture: ${architecture}`],
      ...["Multi-Arch: allowed", "Maintainer: nobody", "Description: taken as installed", "", ""],
    ].join("\n")
  ).join("");
}

/** Copies the driver, the loader and all they need out of the unpacked packages into `folder/lib`; gives what to load, in order. */
async function keepLibraries(root: string, folder: string): Promise<string[]> {
  const paths = new Map<string, string>();
  for (const path of librariesBelow(root)) if (!paths.has(basename(path))) paths.set(basename(path), path);
  if (!paths.has(driver)) throw new DriverStepFailed("find the driver", `no package has a ${driver}`);
  await Deno.mkdir(join(folder, "lib"));
  const needs = (name: string): string[] | undefined => {
    const path = paths.get(name);
    if (!path) return undefined; // the C library's: the system has them
    const bytes = Deno.readFileSync(path); // follows the link from soname to file
    Deno.writeFileSync(join(folder, "lib", name), bytes);
    return neededLibraries(name, bytes);
  };
  const order = libraryOrder([driver, loader], needs);
  return order.filter((name) => name !== driver).map((name) => `lib/${name}`); // the loader itself loads the driver
}

/** Libraries in an unpacked tree, links included; the C library's folders of variants are passed over by taking the first of a name. */
function librariesBelow(folder: string): string[] {
  const found: string[] = [];
  for (const { name, isDirectory } of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...librariesBelow(path));
    else if (/\.so(\.[\d.]+)?$/.test(name)) found.push(path);
  }
  return found;
}

/** The Vulkan version that the package's own JSON file states. */
async function apiVersion(root: string): Promise<string> {
  const drivers = join(root, "usr/share/vulkan/icd.d");
  const name = [...Deno.readDirSync(drivers)].map((entry) => entry.name).find((entry) => entry.startsWith("lvp_icd"));
  if (!name) throw new DriverStepFailed("find the driver's JSON file", `${drivers} has none`);
  return JSON.parse(await Deno.readTextFile(join(drivers, name))).ICD.api_version;
}
