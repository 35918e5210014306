/** The process of {@linkcode tryDriver}: a driver's folder and manifest in, its adapter's description out. @module */
import { thisMachine } from "./this_machine.ts";
import { useDriver } from "./use_driver.ts";

const [folder, manifest] = Deno.args;
useDriver({ folder, manifest: JSON.parse(manifest) }, thisMachine());
const adapter = await navigator.gpu.requestAdapter();
console.log(adapter?.info.description ?? "");
