import { deepEqual, equal, ok } from "node:assert/strict";
import { VERSION } from "../core/mod.ts";
import { isTest, projectFiles, sourceFiles, textOf } from "./project_files.ts";

/** Fails with one line for each file that a rule is broken in. */
const none = (broken: readonly string[]) => equal(broken.join("\n"), "");

/** Template strings of WGSL, as they stand in a file. */
function shadersIn(text: string): string[] {
  return text.split(/\/\*\s*wgsl\s*\*\/\s*`/).slice(1).map((rest) => /^(?:[^`\\]|\\[\s\S])*/.exec(rest)![0]);
}

Deno.test("shadersIn() finds each WGSL string and what is put into it", () => {
  deepEqual(shadersIn("a(`${x}`, /* wgsl */ `fn a() {}`, `${y}`, /* wgsl */ `${z}`)"), ["fn a() {}", "${z}"]);
});

Deno.test("no value is put into WGSL text", () => {
  none(sourceFiles().filter((file) => !isTest(file) && shadersIn(textOf(file)).some((wgsl) => wgsl.includes("${"))));
});

Deno.test("WGSL strings carry the tag that rules and editors find them by", () => {
  none(
    sourceFiles("kernels").filter((file) =>
      /`[^`]*@compute/.test(textOf(file)) && shadersIn(textOf(file)).length === 0
    ),
  );
});

Deno.test("no module holds a variable of its own: no let at the first column", () => {
  none(sourceFiles().filter((file) => /^(export )?(let|var) /m.test(textOf(file))));
});

Deno.test("file names are snake_case and say what is in them", () => {
  const broken = sourceFiles().filter((file) => {
    const name = file.split("/").at(-1)!.replace(/\.ts$/, "");
    return !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) ||
      /(^|_)(utils?|helpers?|common|shared|misc|types)($|_(test|bench)$)/.test(name);
  });
  none(broken);
});

Deno.test("a file says in its first comment what it is, and fits on few screens", () => {
  const broken = sourceFiles().flatMap((file) => {
    const text = textOf(file), lines = text.split("\n").length - 1;
    const said = isTest(file) || /^(#![^\n]*\n)?\/\*\*[\s\S]*?@module/.test(text);
    return [...said ? [] : [`${file}: no @module comment`], ...lines > 500 ? [`${file}: ${lines} lines`] : []];
  });
  none(broken);
});

Deno.test("every plugin's folder stands in plugins/mod.ts", () => {
  const folders = new Set(
    projectFiles("plugins").map((file) => file.split("/")).filter((path) => path.length > 2).map((path) => path[1]),
  );
  none([...folders].filter((folder) => !textOf("plugins/mod.ts").includes(`"./${folder}/mod.ts"`)));
});

Deno.test("every kernel is exported from kernels/mod.ts and has a test", () => {
  const files = sourceFiles("kernels"), mod = textOf("kernels/mod.ts");
  const exported = new Set([...mod.matchAll(/from "\.\/([^"]+)"/g)].map(([, file]) => `kernels/${file}`));
  const tested = new Set(files.filter(isTest).map((file) => file.replace(/_test\.ts$/, ".ts")));
  // a file that an exported one imports is a part of that operation, so the operation's test is its test
  const partOf = (file: string) =>
    [...exported].filter((whole) => new RegExp(`from "\\./${file.split("/")[1]}"`).test(textOf(whole)));
  const kernels = files.filter((file) =>
    file.split("/").length === 2 && !isTest(file) && /\bdefineKernel\(/.test(textOf(file))
  );
  ok(kernels.length > 0);
  none(kernels.flatMap((file) => {
    const wholes = exported.has(file) ? [file] : partOf(file);
    if (wholes.length === 0) return [`${file}: not exported, and part of nothing that is`];
    return tested.has(file) || wholes.some((whole) => tested.has(whole)) ? [] : [`${file}: no test`];
  }));
});

Deno.test("no file names a folder of somebody's machine or a registry's host", () => {
  // written in parts, so that this file passes its own rule
  const hosts = [
    "registry" + ".npmjs",
    "registry" + ".npmmirror",
    "npm" + ".jsr.io",
    "registry" + ".yarnpkg",
    "deb" + ".debian.org",
  ];
  const folders = [/(^|[\s"'`(=:])\/(home|Users|root|work|mnt)\/\w/m, /[A-Z]:\\Users\\/];
  const text = /\.(ts|json|jsonc|md|lock|yml|yaml|html|css|sh|txt|csv)$|^\.ci\/|^[^.]+$/;
  none(
    projectFiles().filter((file) => text.test(file)).flatMap((file) => {
      const content = textOf(file);
      const found = [
        ...hosts.filter((host) => content.includes(host)),
        ...folders.flatMap((folder) => folder.exec(content)?.[0].trim() ?? []),
      ];
      return found.length > 0 ? [`${file}: ${found.join(", ")}`] : [];
    }),
  );
});

Deno.test("the package's version, the program's and the newest in the CHANGELOG are the same", () => {
  equal(JSON.parse(textOf("deno.json")).version, VERSION);
  ok(projectFiles().includes("CHANGELOG.md"), "CHANGELOG.md is missing");
  equal(/^## \[?(\d+\.\d+\.\d+)/m.exec(textOf("CHANGELOG.md"))?.[1], VERSION);
});
