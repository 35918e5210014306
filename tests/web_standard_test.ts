import { deepEqual, equal, ok } from "node:assert/strict";
import { isTest, root, sourceFiles, textOf } from "./project_files.ts";
import { runDeno, temporaryFolder } from "./run_deno.ts";

/** Rooms that run in a browser as they do in Deno. */
const rooms = ["kernels", "formats", "nets", "core", "plugins", "evaluation", "report", "testing"];

/** They register tests with Deno, so they are Deno's alone. */
const denoOnly = ["testing/gpu.ts", "testing/test_conformance.ts", "testing/mod.ts"];

const files = sourceFiles().filter((file) =>
  (rooms.includes(file.split("/")[0]) || file === "errors.ts") && !isTest(file) && !denoOnly.includes(file)
);

/** WebGPU's constants, which TypeScript's DOM library knows no values of. */
const constants = `
type Flags = Readonly<Record<string, number>>;
declare global { const GPUBufferUsage: Flags, GPUMapMode: Flags, GPUShaderStage: Flags; }
`;

/** Type-checks these modules with a browser's library only. */
async function checkInBrowser(modules: readonly string[]) {
  using folder = temporaryFolder();
  const { imports, compilerOptions } = JSON.parse(textOf("deno.json"));
  const lib = ["esnext", "dom", "dom.iterable", "dom.asynciterable"];
  folder.put("deno.json", JSON.stringify({ imports, compilerOptions: { ...compilerOptions, lib } }));
  const entry = folder.put("all.ts", modules.map((module) => `import "${module}";\n`).join("") + constants);
  return await runDeno(["check", "--no-lock", "--config", `${folder.path}/deno.json`, entry]);
}

Deno.test("rooms other than host, cli and server need no library but a browser's", async () => {
  ok(files.length > 50, `${files.length} files`);
  const { code, stderr } = await checkInBrowser(files.map((file) => new URL(file, root).href));
  equal(code, 0, stderr);
});

Deno.test("the check for a browser's library fails on Deno's names", async () => {
  using folder = temporaryFolder();
  const { code, stderr } = await checkInBrowser([folder.put("x.ts", "export const id = Deno.pid;\n")]);
  ok(code !== 0 && stderr.includes("'Deno'"), stderr);
});

Deno.test("rooms other than host, cli and server name neither Deno's functions nor Node's modules", () => {
  const found = files.filter((file) => /\bDeno\.\w|["']node:/.test(textOf(file)));
  deepEqual(found, []);
});
