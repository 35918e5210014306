import { deepEqual, equal, rejects } from "node:assert/strict";
import { publishDriver } from "./cached_driver.ts";
import { fakeMachine } from "./fake_machine.ts";
import { setupDriver } from "./setup_driver.ts";

async function withDriver(test: (cacheFolder: string) => Promise<void>) {
  const cacheFolder = await Deno.makeTempDir();
  try {
    await publishDriver(cacheFolder, "swiftshader", "x86_64", async (folder) => {
      await Deno.writeTextFile(`${folder}/icd.json`, "{}");
      return { source: "a package", load: [], icd: "icd.json" };
    });
    await test(cacheFolder);
  } finally {
    await Deno.remove(cacheFolder, { recursive: true });
  }
}
const log = () => {};

Deno.test("setupDriver() finds what is there, tries it in a process of its own, and downloads nothing", () =>
  withDriver(async (cacheFolder) => {
    const machine = fakeMachine({ answer: () => ({ stdout: "SwiftShader\n" }) });
    const { already, driver, description, bytes, source } = await setupDriver({
      download: true,
      log,
      cacheFolder,
      machine,
    });
    deepEqual({ already, driver, description, bytes, source }, {
      already: true,
      driver: "swiftshader",
      description: "SwiftShader",
      bytes: 2,
      source: "a package",
    });
    equal(machine.commands.length, 1);
    deepEqual([machine.loaded, [...machine.variables.keys()]], [[], []]); // nothing came into this process
  }));

Deno.test("setupDriver() without download refuses where the cache folder has nothing usable", () =>
  withDriver(async (cacheFolder) => {
    const broken = fakeMachine({ answer: () => ({ ok: false }) });
    await rejects(setupDriver({ download: false, log, cacheFolder, machine: broken }), { code: "setup-failed" });
    equal(broken.commands.length, 1);
    await rejects(
      setupDriver({ download: false, log, cacheFolder, driver: "lavapipe", machine: fakeMachine({}) }),
      /Cannot bring a software adapter into .*: it holds no usable one/,
    );
  }));

Deno.test("setupDriver() says what failed, and where there is no way at all", () =>
  withDriver(async (cacheFolder) => {
    const offline = fakeMachine({ has: ["apt-get", "dpkg-deb"], answer: () => ({ ok: false, stderr: "no network" }) });
    await rejects(setupDriver({ download: true, log, cacheFolder, machine: offline }), /no network; .*no network/);
    const mac = fakeMachine({ os: "darwin", arch: "aarch64" });
    await rejects(setupDriver({ download: true, log, cacheFolder, machine: mac }), /no known way on darwin aarch64/);
  }));
