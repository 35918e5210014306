/** The rooms of the house, which may import which, and what breaks that. `deno run -A tests/rooms.ts` prints the picture. @module */
import { type ModuleGraph, moduleGraph } from "./module_graph.ts";
import { isTest } from "./project_files.ts";

const below = ["kernels", "formats", "nets", "core", "plugins", "evaluation", "report", "host"] as const;

/** Room to the rooms that it may import, through their `mod.ts`. Everybody may import `errors.ts`. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  "errors.ts": [],
  "kernels/runtime": [],
  "formats": [],
  "kernels": ["kernels/runtime"],
  "nets": ["kernels"],
  "core": ["kernels", "formats"],
  "plugins": ["core", "nets", "kernels"],
  "evaluation": ["core", "kernels", "formats"],
  "report": ["evaluation", "core", "formats"],
  "host": ["plugins", "report", "evaluation", "core", "formats", "kernels"],
  "cli": [...below, "server"],
  "server": below,
  "testing": ["core", "nets", "kernels"],
  "mod.ts": below,
};

/** Rooms that may import anything, and only rooms of this kind may import `testing`. Tests beside the code are like them. */
const free = ["tests", "bench"];

/** Package to the rooms that may know it; `*` for all. A package that is not here belongs to no room yet. */
export const packageRooms: Readonly<Record<string, readonly string[]>> = {
  "zod": ["*"],
  "fast-png": ["formats"],
  "plotly": ["report", "host", "server"],
  "commander": ["cli"],
  "cli-progress": ["host"],
  "@logtape/logtape": ["host", "server"],
  "@zip.js/zip.js": ["server"],
  "@hono/node-server": ["server"],
  "hono": ["server"],
  "hono-openapi": ["server"],
  "prom-client": ["server"],
  "rate-limiter-flexible": ["server"],
  "swagger-ui-dist": ["server"],
  "@remix-run/multipart-parser": ["server"],
  "@sparticuz/chromium": ["host"],
  "@seriousme/openapi-schema-validator": [],
  "autocannon": [],
  "axe-core": [],
  "fast-check": [],
  "playwright-core": [],
  "node:": ["host", "cli", "server"],
};

/** The room that a file lies in; undefined where nobody has drawn one. */
export function roomOf(file: string): string | undefined {
  if (file.startsWith("kernels/runtime/")) return "kernels/runtime";
  const first = file.split("/")[0];
  return first in arrows || free.includes(first) ? first : undefined;
}

const isFree = (file: string) => isTest(file) || free.includes(roomOf(file) ?? "");

/** What breaks the table: a sentence for each import, empty where all is well. */
export function brokenArrows({ files, packages }: ModuleGraph): string[] {
  const broken: string[] = [];
  for (const [file, imports] of files) {
    const room = roomOf(file);
    if (room === undefined) broken.push(`${file} lies in no room: draw its folder into tests/rooms.ts`);
    else if (!isFree(file)) {
      for (const target of imports) {
        const problem = problemOf(file, room, target);
        if (problem) broken.push(`${file} imports ${target}: ${problem}`);
      }
      for (const name of packages.get(file) ?? []) {
        const rooms = packageRooms[name];
        if (!rooms) broken.push(`${file} imports the package ${name}, which tests/rooms.ts gives to nobody`);
        else if (!rooms.includes("*") && !rooms.includes(room)) {
          broken.push(`${file} imports the package ${name}, which only ${rooms.join(", ") || "tests"} may know`);
        }
      }
    }
  }
  return broken;
}

function problemOf(file: string, room: string, target: string): string | undefined {
  const to = roomOf(target);
  if (isTest(target)) return "nothing imports a test";
  if (target === "errors.ts") return undefined;
  if (to !== room) {
    if (to === undefined || !arrows[room].includes(to)) {
      return `${room} may import ${arrows[room].join(", ") || "nothing"}`;
    }
    if (target !== `${to}/mod.ts`) return `another room is imported through its mod.ts alone`;
    return undefined;
  }
  if (room !== "plugins") return undefined;
  const from = pluginOf(file), plugin = pluginOf(target);
  if (from === plugin) return undefined;
  if (file !== "plugins/mod.ts") return "a plugin meets another one in plugins/mod.ts alone";
  return target === `plugins/${plugin}/mod.ts` ? undefined : "a plugin is imported through its mod.ts alone";
}

/** The plugin's folder; "" for files beside them. */
const pluginOf = (file: string) => file.split("/").length > 2 ? file.split("/")[1] : "";

/** Groups of files that import each other round about, each sorted, by Tarjan's algorithm. */
export function cycles({ files }: Pick<ModuleGraph, "files">): string[][] {
  const found: string[][] = [], stack: string[] = [];
  const order = new Map<string, number>(), low = new Map<string, number>(), onStack = new Set<string>();
  const visit = (file: string) => {
    order.set(file, order.size);
    low.set(file, order.get(file)!);
    stack.push(file);
    onStack.add(file);
    for (const target of files.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      else if (!onStack.has(target)) continue;
      low.set(file, Math.min(low.get(file)!, low.get(target)!));
    }
    if (low.get(file) !== order.get(file)) return;
    const group = stack.splice(stack.indexOf(file)).sort();
    for (const member of group) onStack.delete(member);
    if (group.length > 1 || files.get(file)?.includes(file)) found.push(group);
  };
  for (const file of files.keys()) visit(file);
  return found;
}

/** The rooms and the imports that are really there, as a Mermaid picture; tests, benches and `errors.ts` are left out. */
export function roomGraph({ files }: Pick<ModuleGraph, "files">): string {
  const id = (room: string) => room.replace(/\W/g, "_");
  const seen = new Set<string>(), lines = new Set<string>();
  for (const [file, imports] of files) {
    const room = roomOf(file);
    if (room === undefined || isFree(file) || room === "errors.ts") continue;
    seen.add(room);
    for (const target of imports) {
      const to = roomOf(target);
      if (to !== undefined && to !== room && to !== "errors.ts") lines.add(`  ${id(room)} --> ${id(to)}`);
    }
  }
  const names = [...seen].sort().map((room) => `  ${id(room)}["${room}"]`);
  return ["flowchart TD", ...names, ...[...lines].sort()].join("\n");
}

if (import.meta.main) console.log(roomGraph(await moduleGraph()));
