import { equal } from "node:assert/strict";
import { cacheFolderOf } from "./cache_folder.ts";
import { driverInUse } from "./driver_in_use.ts";
import { fakeMachine } from "./fake_machine.ts";
import { surelyHasAdapter } from "./system_adapter.ts";

Deno.test("surelyHasAdapter() wants a loader and a software driver that load, and nothing that turns drivers off", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/gpu_icd.json`, `{"ICD":{"library_path":"/gpu.so"}}`);
    equal(surelyHasAdapter(fakeMachine({}), [folder]), false); // a hardware driver alone is no proof of hardware
    await Deno.writeTextFile(`${folder}/lvp_icd.x86_64.json`, `{"ICD":{"library_path":"/lvp.so"}}`);
    equal(surelyHasAdapter(fakeMachine({}), [`${folder}/absent`, folder]), true);
    equal(surelyHasAdapter(fakeMachine({ loads: (name) => name !== "libvulkan.so.1" }), [folder]), false);
    equal(surelyHasAdapter(fakeMachine({ loads: (name) => name !== "/lvp.so" }), [folder]), false);
    equal(surelyHasAdapter(fakeMachine({ variables: { VK_DRIVER_FILES: "/x.json" } }), [folder]), false);
    await Deno.writeTextFile(`${folder}/lvp_icd.x86_64.json`, "");
    equal(surelyHasAdapter(fakeMachine({}), [folder]), false);
    equal(surelyHasAdapter(fakeMachine({ os: "darwin" }), [folder]), true);
    equal(surelyHasAdapter(fakeMachine({ os: "freebsd" }), [folder]), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("cacheFolderOf() follows the platform, and UNI3DAD_CACHE before all", () => {
  const of = (os: string, variables: Record<string, string>) => cacheFolderOf(fakeMachine({ os, variables }));
  equal(of("linux", { HOME: "/h", UNI3DAD_CACHE: "/c", XDG_CACHE_HOME: "/x" }), "/c");
  equal(of("linux", { HOME: "/h", XDG_CACHE_HOME: "/x" }), "/x/uni3dad");
  equal(of("linux", { HOME: "/h" }), "/h/.cache/uni3dad");
  equal(of("linux", {}), "/tmp/uni3dad");
  equal(of("darwin", { HOME: "/h" }), "/h/Library/Caches/uni3dad");
  equal(of("windows", { LOCALAPPDATA: "C:\\L" }), "C:\\L\\uni3dad");
});

Deno.test("driverInUse() knows a driver of the cache folder from one that somebody else named", async () => {
  const folder = await Deno.makeTempDir();
  try {
    equal((await driverInUse(`${folder}/icd.json`)).origin, "system");
    await Deno.writeTextFile(`${folder}/driver.json`, `{"schema":"uni3dad.driver/1","source":"a package"}`);
    const { origin, source } = await driverInUse(`${folder}/icd.json`);
    equal(`${origin}: ${source}`, "cache: a package");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
