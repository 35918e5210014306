import { deepEqual, ok } from "node:assert/strict";
import { projectFiles, textOf } from "./project_files.ts";
import { publicSurface, surfaceFile } from "./surface.ts";
import { temporaryFolder } from "./run_deno.ts";

Deno.test("publicSurface() gives each export with its kinds", async () => {
  using folder = temporaryFolder();
  folder.put("other.ts", "export type T = 1;\nexport interface I { a: 1 }\n");
  const file = folder.put(
    "mod.ts",
    'export const a: number = 1;\nexport function f(): void {}\nexport class C {}\nexport * from "./other.ts";\nexport const T: 1 = 1;\n',
  );
  deepEqual(await publicSurface({ ".": file }), [
    ". C class",
    ". I interface",
    ". T variable",
    ". a variable",
    ". f function",
  ]);
});

Deno.test("the public surface is the one in docs/api.txt; after a change that is meant, run `deno task surface`", async () => {
  ok(projectFiles().includes(surfaceFile), "docs/api.txt is missing: run `deno task surface`");
  const before = new Set(textOf(surfaceFile).trim().split("\n")), now = new Set(await publicSurface());
  const gone = [...before].filter((line) => !now.has(line)), added = [...now].filter((line) => !before.has(line));
  deepEqual({ gone, added }, { gone: [], added: [] });
});
