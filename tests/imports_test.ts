import { deepEqual, equal, ok } from "node:assert/strict";
import { type ModuleGraph, moduleGraph } from "./module_graph.ts";
import { projectFiles, sourceFiles, textOf } from "./project_files.ts";
import { arrows, brokenArrows, cycles, roomGraph, roomOf } from "./rooms.ts";

/** A graph as data: `"a.ts": ["b.ts", "npm:zod"]`. */
function graphOf(imports: Readonly<Record<string, readonly string[]>>): ModuleGraph {
  const pick = (take: (target: string) => string[]) =>
    new Map(Object.entries(imports).map(([file, targets]) => [file, targets.flatMap(take)]));
  return {
    files: pick((target) => target.startsWith("npm:") ? [] : [target]),
    packages: pick((target) => target.startsWith("npm:") ? [target.slice(4)] : []),
    missing: [],
  };
}

Deno.test("brokenArrows() lets every arrow of the table pass", () => {
  for (const [room, targets] of Object.entries(arrows)) {
    const file = room.endsWith(".ts") ? room : `${room}/x.ts`;
    deepEqual(brokenArrows(graphOf({ [file]: [...targets.map((to) => `${to}/mod.ts`), "errors.ts", "npm:zod"] })), []);
  }
  deepEqual(
    brokenArrows(graphOf({ "core/x_test.ts": ["cli/main.ts", "npm:fast-check"], "bench/x.ts": ["testing/gpu.ts"] })),
    [],
  );
  deepEqual(brokenArrows(graphOf({ "plugins/mod.ts": ["plugins/a/mod.ts", "plugins/b/mod.ts"] })), []);
});

Deno.test("brokenArrows() names every other import", () => {
  for (
    const [file, target] of [
      ["core/x.ts", "plugins/mod.ts"],
      ["core/x.ts", "kernels/rows.ts"],
      ["core/x.ts", "kernels/runtime/mod.ts"],
      ["kernels/x.ts", "kernels/runtime/gpu.ts"],
      ["kernels/runtime/gpu.ts", "kernels/rows.ts"],
      ["server/x.ts", "cli/main.ts"],
      ["core/x.ts", "core/x_test.ts"],
      ["core/x.ts", "testing/mod.ts"],
      ["plugins/a/mod.ts", "plugins/b/mod.ts"],
      ["plugins/a/mod.ts", "plugins/mod.ts"],
      ["plugins/mod.ts", "plugins/a/rows.ts"],
      ["attic/x.ts", "errors.ts"],
      ["core/x.ts", "npm:commander"],
      ["core/x.ts", "npm:node:"],
      ["host/x.ts", "npm:left-pad"],
      ["evaluation/x.ts", "npm:plotly"],
    ]
  ) {
    equal(brokenArrows(graphOf({ [file]: [target] })).length, 1, `${file} -> ${target}`);
  }
});

Deno.test("cycles() finds each group of files that import each other", () => {
  const { files } = graphOf({ a: ["b", "d"], b: ["c"], c: ["b", "d"], d: [], e: ["e"] });
  deepEqual(cycles({ files }), [["b", "c"], ["e"]]);
});

Deno.test("moduleGraph() sees imports of types, of packages, and what import.meta.resolve() finds", async () => {
  const { files, packages } = await moduleGraph([
    "core/options.ts",
    "plugins/patchcore/mod.ts",
    "tests/module_graph.ts",
  ]);
  deepEqual(files.get("core/options.ts"), ["core/errors.ts"]);
  deepEqual(packages.get("plugins/patchcore/mod.ts"), ["zod"]);
  ok(packages.get("tests/project_files.ts")!.includes("node:"));
});

const graph = await moduleGraph();

Deno.test("every import leads to a file", () => equal(graph.missing.join("\n"), ""));

Deno.test("rooms import only what the table allows, through mod.ts", () => {
  const unseen = sourceFiles().filter((file) => !graph.files.has(file) && graph.missing.length === 0);
  deepEqual(unseen, [], "files that the module graph lacks");
  equal(brokenArrows(graph).join("\n"), "");
});

Deno.test("no files import each other in a circle, types included", () => {
  equal(cycles(graph).map((group) => group.join(" <-> ")).join("\n"), "");
});

Deno.test("every room has a mod.ts, and it only re-exports", () => {
  const rooms = new Set(sourceFiles().filter((file) => file.includes("/")).map(roomOf));
  for (const room of rooms) {
    if (room === undefined || ["tests", "bench", "cli", "plugins"].includes(room)) continue;
    ok(sourceFiles().includes(`${room}/mod.ts`), `${room}/mod.ts`);
    const code = textOf(`${room}/mod.ts`).replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
    const rest = code.replace(/export (type )?(\{[^}]*\}|\*) from "[^"]+";/g, "").trim();
    equal(rest, "", `${room}/mod.ts holds code`);
  }
});

Deno.test({
  name: "docs/architecture.md shows the rooms as they are",
  ignore: !projectFiles("docs").includes("docs/architecture.md"),
  fn: () => {
    const picture = /```mermaid\n(flowchart TD\n[\s\S]*?)\n```/.exec(textOf("docs/architecture.md"))?.[1];
    equal(picture, roomGraph(graph), "take the output of `deno run -A tests/rooms.ts`");
  },
});
