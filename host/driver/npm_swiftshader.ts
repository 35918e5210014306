/** Way C: the SwiftShader that a package of Chromium carries; any Linux on x64 with the GNU C library. @module */
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { megabytes } from "./apt.ts";
import { type CachedDriver, publishDriver } from "./cached_driver.ts";
import { DriverStepFailed } from "./errors.ts";
import { complaint, type Machine } from "./machine.ts";
import { readTar } from "./tar.ts";

const carrier = "@sparticuz/chromium", version = "147.0.0";
/** Of `bin/swiftshader.tar.br` in that version: no lock file guards what only this step downloads. */
const fingerprint = "f957ea867313f9815b71dc2ed30cce301e01db4f3973fbdb31ffa5391b0ec45a";
const library = "libvk_swiftshader.so", loader = "libvulkan.so.1", icd = "vk_swiftshader_icd.json";

/** True where SwiftShader's build runs. */
export const hasSwiftshader = (machine: Machine): boolean => machine.os === "linux" && machine.arch === "x86_64";

/**
 * Downloads the package with a second Deno into a folder that is thrown away, so that neither the caller's import graph nor its lock
 * file nor its module cache knows of it, and keeps the three files of the driver.
 * @throws {DriverStepFailed}
 */
export function npmSwiftshader(
  machine: Machine,
  cacheFolder: string,
  log: (line: string) => void,
): Promise<CachedDriver> {
  return publishDriver(cacheFolder, "swiftshader", machine.arch, async (folder) => {
    const modules = join(folder, "modules");
    await Deno.mkdir(modules);
    log(`downloading SwiftShader within npm:${carrier}@${version} (${megabytes(68e6)}, ${megabytes(6.8e6)} are kept)`);
    const result = await machine.run(
      machine.deno,
      ["cache", "--no-config", "--no-lock", `npm:${carrier}@${version}`],
      { folder: modules, env: { DENO_DIR: modules, NO_COLOR: "1" } },
    );
    if (!result.ok) throw new DriverStepFailed(`download npm:${carrier}@${version}`, complaint(result));
    const archive = await archiveIn(modules);
    for (const { name, bytes } of readTar(new Uint8Array(brotliDecompressSync(archive)))) {
      if (name === library || name === loader || name === icd) await Deno.writeFile(join(folder, name), bytes);
    }
    await Deno.remove(modules, { recursive: true });
    return { source: `npm:${carrier}@${version}`, load: [loader], icd };
  });
}

/** The packed driver in a Deno module folder, whose packages lie below a folder for each registry. */
async function archiveIn(modules: string): Promise<Uint8Array<ArrayBuffer>> {
  for await (const { name } of Deno.readDir(join(modules, "npm"))) {
    const path = join(modules, "npm", name, carrier, version, "bin", "swiftshader.tar.br");
    const bytes = await Deno.readFile(path).catch(() => undefined);
    if (!bytes) continue;
    const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    if (found === fingerprint) return bytes;
    throw new DriverStepFailed("trust swiftshader.tar.br", `its sha-256 is ${found}, it must be ${fingerprint}`);
  }
  throw new DriverStepFailed("find swiftshader.tar.br", `it is not where ${carrier}@${version} has it`);
}
