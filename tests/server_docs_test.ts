/** What docs/server.md says of the calls: each curl line of it is run against the server as the task starts it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { sharedGpu } from "../testing/mod.ts";
import { codeBlocks } from "./code_blocks.ts";
import { commandLine, SMALL, smallDataset } from "./command_line.ts";
import { root, sourceFiles, textOf } from "./project_files.ts";
import { temporaryFolder } from "./run_deno.ts";

const text = textOf("docs/server.md"), blocks = codeBlocks(text).filter(({ info }) => info === "sh");
const curls = blocks.filter(({ code }) => /^curl /m.test(code));

/** Milliseconds for what computes, or starts. */
const PATIENCE = 120_000;

const run = (command: string, args: readonly string[]) =>
  new Deno.Command(command, { args: [...args], stdin: "null" }).output();
const hasCurl = await run("curl", ["--version"]).then(({ success }) => success, () => false);
const missing = !hasCurl ? "there is no curl" : await sharedGpu() === undefined ? "there is no adapter" : undefined;

/** Starts `deno task serve` and waits until it listens. */
async function startTask(args: readonly string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "serve", ...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = { text: "" }, listening = Promise.withResolvers<string>();
  const timer = setTimeout(() => listening.reject(new Error(`it does not listen: ${said.text}`)), PATIENCE);
  const hear = async (stream: ReadableStream<Uint8Array>) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
      said.text += part;
      const url = /listening at (http:[^"\s]+)/.exec(said.text)?.[1];
      if (url) listening.resolve(url);
    }
  };
  const heard = Promise.all([hear(child.stdout), hear(child.stderr)]).then(() =>
    listening.reject(new Error(`it ended: ${said.text}`))
  );
  const stop = async () => {
    child.kill("SIGTERM");
    const [{ code }] = await Promise.all([child.status, heard]);
    return { code, said: said.text };
  };
  try {
    return { url: await listening.promise, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The variables that the document sets at its top; those named here with other values. */
function setVariables(values: Readonly<Record<string, string>>): string {
  const { code } = blocks.find(({ code }) => /^SERVER=/.test(code))!;
  const lines = [...code.matchAll(/^([A-Z]+)=(\S+)/gm)];
  deepEqual(lines.map(([, name]) => name).sort(), Object.keys(values).sort(), "variables at the document's top");
  return lines.map(([, name]) => `${name}='${values[name]}'`).join("\n");
}

/** A block's curl lines as they stand, of which each leaves status and body in `folder`; what it should answer stands above it. */
async function tryBlock(code: string, line: number, values: Readonly<Record<string, string>>, folder: string) {
  const wanted = [...code.matchAll(/^# (\d{3})\b.*\ncurl /gm)].map(([, status]) => status);
  equal(
    wanted.length,
    code.match(/^curl /gm)!.length,
    `each call of the block at line ${line} has its status above it`,
  );
  const statuses = `${folder}/statuses`, bodies = `${folder}/bodies`;
  await Deno.mkdir(bodies, { recursive: true });
  const script = `set -eu
    cd '${folder}'
    : > '${statuses}'
    curl() { command curl -sS --max-time 100 -w '%{stderr}%{http_code}\\n' "$@" > "${bodies}/$(wc -l < '${statuses}')" 2>> '${statuses}'; }
    ${setVariables(values)}
    ${code}`;
  const { code: exit, stderr } = await run("bash", ["-c", script]);
  const bodyTexts = wanted.map((_, i) => Deno.readTextFileSync(`${bodies}/${i}`));
  const words = `line ${line}: ${bodyTexts.join("\n").slice(0, 2000)} ${new TextDecoder().decode(stderr)}`;
  deepEqual(Deno.readTextFileSync(statuses).trim().split("\n"), wanted, words);
  equal(exit, 0, words);
  return bodyTexts;
}

/** What answers say of ids, for the blocks that follow. */
function idsIn(bodies: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const body of bodies) {
    if (!body.startsWith("{")) continue;
    const { kind, id, scans, key } = JSON.parse(body);
    if (kind) found.JOB = id;
    if (scans) found.RESULT = scans[0].files.result.split("/").at(-1);
    if (key) found.KEY = key;
  }
  return found;
}

async function drawn(view: string): Promise<void> {
  const until = performance.now() + PATIENCE;
  for (let there = false; !there;) {
    const answer = await fetch(view);
    await answer.body?.cancel();
    there = answer.ok;
    ok(there || performance.now() < until, `${view} is not drawn`);
    if (!there) await new Promise((done) => setTimeout(done, 50));
  }
}

Deno.test({
  name: `the calls of docs/server.md answer what it says, from the task with its permissions${
    missing ? ` (skipped: ${missing})` : ""
  }`,
  ignore: missing !== undefined,
  fn: async () => {
    using folder = temporaryFolder();
    const data = `${folder.path}/data`, models = `${folder.path}/models`, category = `${data}/bagel`;
    await smallDataset(data);
    const fit = await commandLine(["fit", `--data=${data}`, "--category=bagel", `--model=${models}/bagel`, ...SMALL]);
    equal(fit.code, 0, fit.stderr);
    const archive = `${folder.path}/bagel.zip`;
    await zipInto(archive, category);
    const { url, stop } = await startTask([`--models=${models}`, "--port=0", `--allow-folder=${data}`]);
    const values: Record<string, string> = {
      SERVER: url,
      MODEL: "bagel",
      SCAN: `${category}/test/hole/xyz/000.tiff`,
      CATEGORY: category,
      ARCHIVE: archive,
      RESULT: "",
      JOB: "",
      KEY: "u3_none",
    };
    try {
      for (const { code, line } of curls) {
        if (/\/(view|picture)"/.test(code)) await drawn(`${url}/v1/results/${values.RESULT}/view`);
        // a job that a block has begun is that of its last call
        Object.assign(values, idsIn(await tryBlock(code, line, values, folder.path)));
      }
    } finally {
      const { code, said } = await stop();
      equal(code, 0, said);
      equal(/Requires \w+ access|NotCapable/.exec(said)?.[0], undefined, "the task's permissions are enough");
    }
  },
});

/** Packs a category's training scans. */
async function zipInto(archive: string, category: string): Promise<void> {
  const { ZipWriter, BlobWriter, Uint8ArrayReader } = await import("@zip.js/zip.js");
  const zip = new ZipWriter(new BlobWriter()), scans = "train/good/xyz";
  for (const { name } of Deno.readDirSync(`${category}/${scans}`)) {
    await zip.add(`${scans}/${name}`, new Uint8ArrayReader(Deno.readFileSync(`${category}/${scans}/${name}`)));
  }
  await Deno.writeFile(archive, await (await zip.close()).bytes());
}

Deno.test("docs/server.md has every code of an error with its status, and no other", () => {
  const inSource = new Set(["500 internal-error"]), inText = new Set<string>();
  const refusal = /RequestRefused\(\s*(\d{3}),\s*"([a-z-]+)"/g;
  for (const file of sourceFiles("server").filter((file) => !file.endsWith("_test.ts"))) {
    for (const [, status, code] of textOf(file).matchAll(refusal)) inSource.add(`${status} ${code}`);
  }
  for (const [, code, status] of textOf("server/guard/status.ts").matchAll(/^ {2}"([a-z-]+)": (\d{3}),$/gm)) {
    inSource.add(`${status} ${code}`);
  }
  const [section] = /^## Errors$[^]*?^## /m.exec(text)!;
  for (const [, status, codes] of section.matchAll(/^- \*\*(\d{3})\*\*[^:]*:([^]*?)(?=\n- |\n\n)/gm)) {
    for (const [, code] of codes.matchAll(/`([a-z-]+)`/g)) inText.add(`${status} ${code}`);
  }
  deepEqual([...inText].sort(), [...inSource].sort());
});

Deno.test("the serve task names its permissions", () => {
  const { command } = JSON.parse(textOf("deno.json")).tasks.serve;
  match(command, /^deno run --no-prompt --allow-read --allow-write '--allow-net=127\.0\.0\.1,/);
  equal(/ (-A|--allow-all|--allow-run|--allow-import)\b/.exec(command)?.[0], undefined);
  for (const [, flag] of command.matchAll(/(--allow-[a-z]+)/g)) ok(text.includes(`\`${flag}`), `${flag} is explained`);
});
