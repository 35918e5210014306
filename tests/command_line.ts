/** The program as tests call it: in this process, which is fast, or as a process of its own. @module */
import { main } from "../cli/main.ts";
import { synthesise, synthOptions } from "../evaluation/mod.ts";
import { diskStorage } from "../host/mod.ts";
import { root } from "./project_files.ts";
import { type Said, type TemporaryFolder, temporaryFolder } from "./run_deno.ts";

/** Method options for {@linkcode smallDataset}: one branch, maps of 64 × 64, patches of 4 × 4 pixels, and a coarse grid's idea of dense. */
export const SMALL: readonly string[] = [
  "--method=fpfh",
  "--size=64",
  "--set=prepare.clusterPoints=8",
  "--set=extractor.cells=16",
  "--set=extractor.trials=3",
];

/** Writes a synthetic bagel's data set of 64 × 64 pixels below `folder`: four training scans, two good ones and one of each defect. */
export async function smallDataset(folder: string): Promise<void> {
  const options = synthOptions.parse({ width: 64, height: 64, train: 4, good: 2, perDefect: 1 });
  await synthesise(options, diskStorage(folder));
}

/** One {@linkcode smallDataset} for all tests of a file: made when the first asks for its path, removed after the last. */
export function sharedDataset(): () => Promise<string> {
  const held: { made?: Promise<TemporaryFolder> } = {};
  const make = async () => {
    const folder = temporaryFolder();
    await smallDataset(folder.path);
    return folder;
  };
  Deno.test.afterAll(async () => (await held.made)?.[Symbol.dispose]());
  return async () => (await (held.made ??= make())).path;
}

/** Runs the command line in this process and keeps what it says. Not for two at a time. */
export async function commandLine(args: readonly string[], signal = new AbortController().signal): Promise<Said> {
  const said = { stdout: "", stderr: "" };
  const { log, error } = console, { writeSync } = Deno.stderr;
  console.log = (...words) => void (said.stdout += `${words.join(" ")}\n`);
  console.error = (...words) => void (said.stderr += `${words.map(textOf).join(" ")}\n`);
  Deno.stderr.writeSync = (bytes) => {
    said.stderr += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  try {
    return { code: await main(args, signal), ...said };
  } finally {
    Object.assign(console, { log, error });
    Deno.stderr.writeSync = writeSync;
  }
}

const textOf = (word: unknown) => word instanceof Error ? word.stack ?? word.message : String(word);

/** Starts the program as a process of its own, without input. */
export function startCommandLine(args: readonly string[], env: Record<string, string> = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "cli/main.ts", ...args],
    cwd: root,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** All files below a folder with their bytes as text, by name: what must be the same before and after. */
export async function contentOf(folder: string): Promise<Map<string, string>> {
  const storage = diskStorage(folder), files = new Map<string, string>();
  for (const name of await storage.list("")) files.set(name, (await storage.read(name)).toBase64());
  return files;
}
