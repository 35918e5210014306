/**
 * The one check: `deno task test [--filter TEXT] [FILES]`. @module
 *
 * Adapter, format, lint, types, documentation of the public surface, then all tests. The last line on standard output is
 * `N passed, N failed, N skipped`, in which each step before the tests counts as one test. With a filter or files, only the adapter is
 * seen to, and the tests' own types are checked.
 */
import { entryPoints } from "./surface.ts";
import { closingLine, sumOf, type Tally, tallyOf } from "./tally.ts";
import { projectFiles, root } from "./project_files.ts";
import { temporaryFolder } from "./run_deno.ts";

const steps: readonly { readonly name: string; readonly args: readonly string[]; readonly aloud?: boolean }[] = [
  { name: "adapter", args: ["run", "-A", "tests/bring_adapter.ts"], aloud: true },
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "types", args: ["check"] },
  { name: "doc comments", args: ["doc", "--lint", ...Object.values(entryPoints())] },
];

/** Starts Deno in the checkout, without colours, so that what it says can be read by programs. */
function start(args: readonly string[], stdout: "piped" | "inherit", stderr: "piped" | "inherit"): Deno.ChildProcess {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout,
    stderr,
  });
  return command.spawn();
}

/** Runs a step; what it said is shown where it failed, or all along where it may take long. */
async function stepPasses({ name, args, aloud = false }: (typeof steps)[number]): Promise<boolean> {
  console.log(`${name}: deno ${args.join(" ")}`);
  const began = performance.now(), kind = aloud ? "inherit" : "piped";
  const child = start(args, kind, kind);
  const { success } = aloud ? await child.status : await quietly(child);
  console.log(`${name}: ${success ? "ok" : "FAILED"} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  return success;
}

async function quietly(child: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  const { stdout, stderr, ...status } = await child.output();
  if (!status.success) { for (const said of [stdout, stderr]) await Deno.stdout.write(said); }
  return status;
}

/** Tests of the service end workers that own a GPU, and software drivers that are taken down so have crashed their process later. */
const endsWorkers = (file: string) => /^(server\/scoring|tests\/server_\w+_test)/.test(file);

/** The arguments of each process that tests run in: all that was asked for in one, or else those that end workers each in its own. */
function processesOf(args: readonly string[]): (readonly string[])[] {
  if (args.length > 0) return [args];
  const files = projectFiles().filter((file) => file.endsWith("_test.ts"));
  const apart = files.filter(endsWorkers), together = files.filter((file) => !endsWorkers(file));
  return [together, ...apart.map((file) => [file])].map((files) => ["--no-check", ...files]); // a step of its own has checked all types
}

/** Runs the tests of a process, two files at a time, and shows what they say as they say it. */
async function runTests(args: readonly string[], filter: string | undefined): Promise<Tally> {
  using folder = temporaryFolder();
  const report = `${folder.path}/junit.xml`;
  const child = start(
    [
      "test",
      "-A",
      "--parallel",
      "--preload",
      "tests/preload.ts",
      `--junit-path=${report}`,
      ...args,
    ],
    "piped",
    "inherit",
  );
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    await Deno.stdout.write(new TextEncoder().encode(text));
  }
  const { code, signal } = await child.status;
  if (signal) console.log(`deno test was ended by ${signal}`);
  const junit = await Deno.readTextFile(report).catch(() => undefined);
  return tallyOf({ junit, output, code, signal, filter });
}

/** The filter among the arguments, which Deno takes as `--filter TEXT` or `--filter=TEXT`. */
function filterOf(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === "--filter" || arg.startsWith("--filter="));
  return at < 0 ? undefined : args[at] === "--filter" ? args[at + 1] : args[at].slice("--filter=".length);
}

/** Runs everything that these arguments ask for and gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const step of steps) {
    if (args.length > 0 && step.name !== "adapter") continue;
    const passed = await stepPasses(step);
    if (args.length === 0) tally = sumOf(tally, { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 });
  }
  for (const process of processesOf(args)) {
    const tests = await runTests(process, filterOf(args));
    const none = tests.passed + tests.failed + tests.skipped === 0;
    if (none) console.log("no test ran: that is a failure");
    tally = sumOf(tally, none ? { ...tests, failed: 1 } : tests);
  }
  console.log(closingLine(tally));
  return tally.failed > 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
