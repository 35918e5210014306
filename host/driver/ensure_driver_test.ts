import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { NoAdapter } from "../../kernels/mod.ts";
import { publishDriver } from "./cached_driver.ts";
import { ensureDriver } from "./ensure_driver.ts";
import { type FakeMachine, fakeMachine } from "./fake_machine.ts";
import type { Machine } from "./machine.ts";

const surely = () => false;

async function inCache(test: (cacheFolder: string, log: (line: string) => void, lines: string[]) => Promise<void>) {
  const cacheFolder = await Deno.makeTempDir(), lines: string[] = [];
  try {
    await test(cacheFolder, (line) => void lines.push(line), lines);
  } finally {
    await Deno.remove(cacheFolder, { recursive: true });
  }
}
/** A cached driver of two libraries, of which the second needs the first. */
const cache = (cacheFolder: string, kind: "lavapipe" | "swiftshader") =>
  publishDriver(cacheFolder, kind, "x86_64", async (folder) => {
    for (const name of ["libz.so.1", "libvulkan.so.1", "icd.json"]) await Deno.writeTextFile(`${folder}/${name}`, name);
    return { source: kind, load: ["libz.so.1", "libvulkan.so.1"], icd: "icd.json" };
  });
const viaCache = ({ variables }: FakeMachine) =>
  /lavapipe|swiftshader/.exec(variables.get("VK_DRIVER_FILES") ?? "")?.[0];

Deno.test("ensureDriver() takes the system's adapter, and runs no command then", () =>
  inCache(async (cacheFolder, log, lines) => {
    const machine = fakeMachine({ has: ["apt-get", "dpkg-deb"], root: true, adapter: () => "a GPU" });
    const found = await ensureDriver({ download: true, log, cacheFolder, machine, surely });
    deepEqual(found, { origin: "system", description: "a GPU" });
    deepEqual(machine.commands, []);
    deepEqual(lines, []);
    equal(machine.variables.get("XDG_RUNTIME_DIR"), "/tmp");
  }));

Deno.test("ensureDriver() asks no probe where the adapter is certain, and keeps an XDG_RUNTIME_DIR that is set", () =>
  inCache(async (cacheFolder, log) => {
    const variables = { XDG_RUNTIME_DIR: "/run/user/7" };
    const machine: Machine = { ...fakeMachine({ variables }), probe: () => Promise.reject(new Error("probed")) };
    deepEqual(await ensureDriver({ download: false, log, cacheFolder, machine, surely: () => true }), {
      origin: "system",
    });
    equal(machine.env("XDG_RUNTIME_DIR"), "/run/user/7");
  }));

Deno.test("ensureDriver() without download runs no command and says the remedy in one line", () =>
  inCache(async (cacheFolder, log) => {
    const machine = fakeMachine({ has: ["apt-get", "dpkg-deb"], root: true });
    await rejects(ensureDriver({ download: false, log, cacheFolder, machine, surely }), (error: unknown) => {
      ok(error instanceof NoAdapter);
      match(error.message, /apt-get install mesa-vulkan-drivers libvulkan1.*--no-download/);
      ok(!error.message.includes("\n"));
      return true;
    });
    deepEqual(machine.commands, []);
  }));

Deno.test("ensureDriver() uses the cache folder's driver, the faster first, its libraries in order", () =>
  inCache(async (cacheFolder, log) => {
    await cache(cacheFolder, "swiftshader");
    const { folder } = await cache(cacheFolder, "lavapipe");
    const machine = fakeMachine({ adapter: viaCache, loads: (library) => library.includes("/") });
    const found = await ensureDriver({ download: false, log, cacheFolder, machine, surely });
    deepEqual(found, { origin: "cache", description: "lavapipe" });
    deepEqual(machine.loaded, [`${folder}/libz.so.1`, `${folder}/libvulkan.so.1`]);
    equal(machine.variables.get("VK_DRIVER_FILES"), `${folder}/icd.json`);
    equal(machine.variables.get("VK_ICD_FILENAMES"), `${folder}/icd.json`);
  }));

Deno.test("ensureDriver() prefers the system's own copy of a library", () =>
  inCache(async (cacheFolder, log) => {
    const { folder } = await cache(cacheFolder, "lavapipe");
    const machine = fakeMachine({ adapter: viaCache, loads: (library) => library !== "libvulkan.so.1" });
    await ensureDriver({ download: false, log, cacheFolder, machine, surely });
    deepEqual(machine.loaded, ["libz.so.1", `${folder}/libvulkan.so.1`]);
  }));

Deno.test("ensureDriver() goes past a cached driver that does not load, and one that gives no adapter", () =>
  inCache(async (cacheFolder, log, lines) => {
    await cache(cacheFolder, "swiftshader");
    await cache(cacheFolder, "lavapipe");
    const adapter = (machine: FakeMachine) => viaCache(machine) === "swiftshader" ? "SwiftShader" : undefined;
    const machine = fakeMachine({ adapter, loads: (library) => /swiftshader/.test(library) });
    deepEqual(await ensureDriver({ download: false, log, cacheFolder, machine, surely }), {
      origin: "cache",
      description: "SwiftShader",
    });
    match(lines.join("\n"), /could not use .*lavapipe.*Cannot load .*libz\.so\.1/);
    await rejects(
      ensureDriver({ download: false, log, cacheFolder, machine: fakeMachine({}), surely }),
      NoAdapter,
    );
    match(lines.join("\n"), /could not use .*swiftshader-x86_64: no adapter answers with it/);
  }));

Deno.test("ensureDriver() as root installs Debian's packages, each step said with its size before it starts", () =>
  inCache(async (cacheFolder, log, lines) => {
    const said: Record<string, number> = {};
    const machine = fakeMachine({
      has: ["apt-get", "dpkg-deb"],
      root: true,
      adapter: ({ commands }) =>
        commands.some((command) => / install .*libvulkan1$/.test(command)) ? "llvmpipe" : undefined,
      answer: (_, args) => {
        said[args.includes("update") ? "update" : args.includes("--print-uris") ? "ask" : "install"] = lines.length;
        return args.includes("--print-uris") ? { stdout: "'a' b 30000000 SHA256:0\n'c' d 5000000 SHA256:0\n" } : {};
      },
    });
    const found = await ensureDriver({ download: true, log, cacheFolder, machine, surely });
    deepEqual(found, { origin: "debian-packages", description: "llvmpipe" });
    deepEqual(said, { update: 2, ask: 2, install: 3 });
    match(lines[2], /mesa-vulkan-drivers and libvulkan1 .*35 MB/);
  }));

Deno.test("ensureDriver() goes on to the next way when one fails, and says so; nothing half-written is left", () =>
  inCache(async (cacheFolder, log, lines) => {
    const machine = fakeMachine({
      has: ["apt-get", "dpkg-deb"],
      answer: (command) => ({ ok: false, stderr: `E: ${command} has no network` }),
    });
    await rejects(ensureDriver({ download: true, log, cacheFolder, machine, surely }), NoAdapter);
    match(lines.join("\n"), /could not unpack Debian's driver: .*dpkg has no network/);
    match(lines.join("\n"), /could not bring SwiftShader: .*deno has no network/);
    deepEqual([...Deno.readDirSync(`${cacheFolder}/drivers`)], []);
  }));

Deno.test("ensureDriver() brings nothing on other systems, and Debian's packages alone on ARM", () =>
  inCache(async (cacheFolder, log) => {
    for (const os of ["darwin", "windows"]) {
      const machine = fakeMachine({ os, has: ["apt-get", "dpkg-deb"] });
      await rejects(
        ensureDriver({ download: true, log, cacheFolder, machine, surely }),
        /driver of this computer's maker/,
      );
      deepEqual(machine.commands, []);
    }
    const arm = fakeMachine({ arch: "aarch64", has: ["apt-get", "dpkg-deb"], answer: () => ({ ok: false }) });
    await rejects(ensureDriver({ download: true, log, cacheFolder, machine: arm, surely }), NoAdapter);
    ok(arm.commands.every((command) => !command.startsWith("deno")));
  }));
