import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Registry } from "../core/mod.ts";
import { builtIn } from "../plugins/mod.ts";
import { PluginRefused } from "./errors.ts";
import { loadPlugins } from "./load_plugins.ts";

const core = new URL("../plugins/fpfh/mod.ts", import.meta.url).href;
const toys = new URL("../testing/toy_branches.ts", import.meta.url).href;

const named = ({ plugins }: Registry) => plugins.map(({ kind, name }) => `${kind} ${name}`);

async function withModule(code: string, work: (path: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/mine.ts`, code);
    await work(`${folder}/mine.ts`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("loadPlugins() puts a module's descriptor under PatchCore and takes it before the built-in ones", () =>
  withModule(
    `import { fpfh } from ${JSON.stringify(core)}; export const mine = { ...fpfh, name: "mine" };`,
    async (path) => {
      const { registry, first } = await loadPlugins([path]);
      strictEqual(first, "mine");
      deepStrictEqual(named(registry), ["descriptor mine", "extractor mine", ...named(builtIn)]);
    },
  ));

Deno.test("loadPlugins() gives the built-in ones alone when no module is named", async () => {
  const { registry, first } = await loadPlugins([]);
  strictEqual(first, undefined);
  deepStrictEqual(registry, builtIn);
});

Deno.test("loadPlugins() takes reconstructors and fusers too, which need no extractor beside them", () =>
  withModule(
    `import { toyFuser, toyReconstructor } from ${JSON.stringify(toys)}; export { toyFuser, toyReconstructor };`,
    async (path) => {
      const { registry, first } = await loadPlugins([path]);
      deepStrictEqual([named(registry), first], [["fuser toy", "reconstructor toy", ...named(builtIn)], undefined]);
    },
  ));

Deno.test("loadPlugins() refuses a module without a plugin, of another interface, and one that is not there", async () => {
  await withModule("export const nothing = 1;", (path) => rejects(() => loadPlugins([path]), PluginRefused));
  await withModule(
    `import { fpfh } from ${JSON.stringify(core)}; export const old = { ...fpfh, api: 0 };`,
    (path) => rejects(() => loadPlugins([path]), PluginRefused),
  );
  await rejects(() => loadPlugins(["./there/is/no/such/module.ts"]), PluginRefused);
});
