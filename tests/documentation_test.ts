import { deepEqual, equal } from "node:assert/strict";
import { type CodeBlock, codeBlocks, tasksIn } from "./code_blocks.ts";
import { pathOf, projectFiles, root, textOf } from "./project_files.ts";
import { runDeno, type TemporaryFolder, temporaryFolder } from "./run_deno.ts";

const documents = projectFiles().filter((file) => /^(docs\/.*|[A-Z]+)\.md$/.test(file));

/** A block of TypeScript, and where it stands. */
interface Example extends CodeBlock {
  readonly document: string;
}

const examples: readonly Example[] = documents.flatMap((document) =>
  codeBlocks(textOf(document)).filter(({ info }) => /^(ts|typescript)\b/.test(info)).map((block) => ({
    document,
    ...block,
  }))
);

/** Writes the examples into the folder, with a configuration in which the package's name means this checkout. Gives their files. */
function lay(folder: TemporaryFolder, list: readonly Example[]): string[] {
  const { name, exports, imports, compilerOptions } = JSON.parse(textOf("deno.json"));
  const own = Object.entries<string>(exports).map(([entry, file]) => [name + entry.slice(1), new URL(file, root).href]);
  folder.put(
    "deno.json",
    JSON.stringify({
      imports: { ...imports, ...Object.fromEntries(own) },
      compilerOptions: { ...compilerOptions, noUnusedLocals: false }, // an example may show an import alone
    }),
  );
  return list.map(({ document, line, code }) =>
    folder.put(
      `${document.replaceAll(/\W/g, "_")}_line_${line}.ts`,
      /^\s*(import|export)\b/m.test(code) ? code : `${code}\nexport {};\n`,
    )
  );
}

Deno.test("codeBlocks() finds fenced blocks, and tasksIn() the tasks in shell lines", () => {
  const text =
    "a\n```ts run\nx;\n```\n````md\n```ts\n```\n````\n```sh\ndeno task fit --x\nnpx --yes deno@2.9.6 task test\n```\n";
  const blocks = codeBlocks(text);
  deepEqual(blocks.map(({ line, info, code }) => [line, info, code]).slice(0, 2), [
    [3, "ts run", "x;\n"],
    [6, "md", "```ts\n```\n"],
  ]);
  deepEqual(tasksIn(blocks), ["fit", "test"]);
});

Deno.test({
  name: "TypeScript in the documents type-checks",
  ignore: examples.length === 0,
  fn: async () => {
    using folder = temporaryFolder();
    const files = lay(folder, examples);
    const { code, stderr } = await runDeno(["check", "--no-lock", "--config", `${folder.path}/deno.json`, ...files]);
    equal(code, 0, stderr);
  },
});

const running = examples.filter(({ info }) => /\brun\b/.test(info));
const adapter = running.length > 0 ? await navigator.gpu?.requestAdapter() : null;

for (const example of running) {
  Deno.test({
    name: `the example in ${example.document}, line ${example.line}, runs`,
    ignore: !adapter,
    fn: async () => {
      using folder = temporaryFolder();
      const [file] = lay(folder, [example]), config = `${folder.path}/deno.json`;
      const args = [
        "run",
        "-A",
        "--no-check",
        "--no-lock",
        "--config",
        config,
        "--preload",
        pathOf("tests/preload.ts"),
        file,
      ];
      const { code, stderr } = await runDeno(args, folder.path);
      equal(code, 0, stderr);
    },
  });
}

Deno.test("tasks that the documents call are in deno.json", () => {
  const { tasks } = JSON.parse(textOf("deno.json"));
  const unknown = documents.flatMap((document) =>
    tasksIn(codeBlocks(textOf(document))).filter((name) => !(name in tasks)).map((name) =>
      `${document}: deno task ${name}`
    )
  );
  equal(unknown.join("\n"), "");
});
