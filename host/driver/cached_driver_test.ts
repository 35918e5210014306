import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { cachedDriver, driverBytes, driverFolder, publishDriver } from "./cached_driver.ts";

const arch = "x86_64";

async function inFolder(test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
/** Builds a driver of three small files. */
const build = (words: string) => async (folder: string) => {
  await Deno.mkdir(`${folder}/lib`);
  await Deno.writeTextFile(`${folder}/lib/libvulkan.so.1`, words);
  await Deno.writeTextFile(`${folder}/icd.json`, "{}");
  return { source: words, load: ["lib/libvulkan.so.1"], icd: "icd.json" };
};
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("publishDriver() puts a whole driver in place, and cachedDriver() finds it", () =>
  inFolder(async (cache) => {
    equal(await cachedDriver(cache, "lavapipe", arch), undefined);
    const made = await publishDriver(cache, "lavapipe", arch, build("first"));
    deepEqual(await cachedDriver(cache, "lavapipe", arch), made);
    equal(made.folder, driverFolder(cache, "lavapipe", arch));
    deepEqual(made.manifest.files, { "lib/libvulkan.so.1": 5, "icd.json": 2 });
    equal(driverBytes(made), 7);
    equal(await cachedDriver(cache, "lavapipe", "aarch64"), undefined);
  }));

Deno.test("publishDriver() leaves nothing, and the old driver as it was, when building fails", () =>
  inFolder(async (cache) => {
    const old = await publishDriver(cache, "lavapipe", arch, build("old"));
    const failing = async (folder: string) => {
      await build("new")(folder);
      throw new Error("the line went dead");
    };
    await rejects(publishDriver(cache, "lavapipe", arch, failing), /went dead/);
    deepEqual(names(`${cache}/drivers`), ["lavapipe-x86_64"]);
    deepEqual(await cachedDriver(cache, "lavapipe", arch), old);
  }));

Deno.test("a driver is not there before all of it is: what is being built is never found", () =>
  inFolder(async (cache) => {
    await publishDriver(cache, "lavapipe", arch, async (folder) => {
      const manifest = await build("half")(folder);
      equal(await cachedDriver(cache, "lavapipe", arch), undefined);
      return manifest;
    });
  }));

Deno.test("cachedDriver() does not take a driver with a cut or missing file, or with a broken manifest", () =>
  inFolder(async (cache) => {
    const { folder } = await publishDriver(cache, "lavapipe", arch, build("whole"));
    const library = `${folder}/lib/libvulkan.so.1`;
    await Deno.truncate(library, 3);
    equal(await cachedDriver(cache, "lavapipe", arch), undefined);
    await Deno.writeTextFile(library, "whole");
    ok(await cachedDriver(cache, "lavapipe", arch));
    await Deno.remove(library);
    equal(await cachedDriver(cache, "lavapipe", arch), undefined);
    await Deno.writeTextFile(library, "whole");
    await Deno.truncate(`${folder}/driver.json`, 20);
    equal(await cachedDriver(cache, "lavapipe", arch), undefined);
    await publishDriver(cache, "lavapipe", arch, build("again")); // and it is replaced by a whole one
    equal((await cachedDriver(cache, "lavapipe", arch))?.manifest.source, "again");
  }));

Deno.test("runs at once do not break each other: one whole driver remains, and no half-written folder", () =>
  inFolder(async (cache) => {
    const old = await publishDriver(cache, "lavapipe", arch, build("old"));
    await Deno.truncate(`${old.folder}/icd.json`); // each run finds it broken and wants to replace it
    const words = Array.from({ length: 8 }, (_, i) => `run ${i}`);
    const made = await Promise.all(words.map((word) => publishDriver(cache, "lavapipe", arch, build(word))));
    equal(made.length, 8);
    const left = await cachedDriver(cache, "lavapipe", arch);
    ok(left && words.includes(left.manifest.source));
    deepEqual(names(`${cache}/drivers`), ["lavapipe-x86_64"]);
  }));

Deno.test("publishDriver() removes what a killed run left hours ago, not what a run is building now", () =>
  inFolder(async (cache) => {
    const drivers = `${cache}/drivers`;
    for (const name of ["old.partial", "new.partial"]) await Deno.mkdir(`${drivers}/${name}`, { recursive: true });
    const hours = new Date(Date.now() - 2 * 3_600_000);
    await Deno.utime(`${drivers}/old.partial`, hours, hours);
    await publishDriver(cache, "lavapipe", arch, build("x"));
    deepEqual(names(drivers), ["lavapipe-x86_64", "new.partial"]);
  }));
