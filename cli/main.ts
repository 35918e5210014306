/** The program: one verb, one exit code. @module */
import { Command, CommanderError } from "commander";
import { Uni3dadError } from "../errors.ts";
import { RunAborted, VERSION } from "../core/mod.ts";
import { augment } from "./augment.ts";
import { detect } from "./detect.ts";
import { doctor } from "./doctor.ts";
import { evaluate } from "./evaluate.ts";
import { exit, exitOf } from "./exit.ts";
import { fit } from "./fit.ts";
import { importSpGan } from "./import_sp_gan.ts";
import { plugins } from "./plugins.ts";
import { serve } from "./serve.ts";
import { setup } from "./setup.ts";
import { split } from "./split.ts";
import { synth } from "./synth.ts";
import { tables } from "./tables.ts";
import { train } from "./train.ts";

/** Runs the command line; the only place that turns errors into exit codes. */
export async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  let code: number = exit.ok;
  const program = new Command("uni3dad")
    .description("Finds defects in 3-D scans of products that have no CAD model, after training on normal scans alone")
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeErr: (text) => console.error(text.trimEnd()) });
  const finish = (result: number) => void (code = result);
  for (
    const verb of [
      detect,
      fit,
      train,
      importSpGan,
      evaluate,
      synth,
      augment,
      split,
      tables,
      doctor,
      setup,
      plugins,
      serve,
    ]
  ) {
    program.addCommand(verb(signal, finish).exitOverride());
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage;
    if (error instanceof Uni3dadError) {
      console.error(`${error.message} [${error.code}]`);
      return exitOf(error);
    }
    console.error(error);
    return exit.fault;
  }
}

if (import.meta.main) {
  const interrupt = new AbortController();
  Deno.addSignalListener("SIGINT", () => {
    if (interrupt.signal.aborted) Deno.exit(exit.interrupted); // a second Ctrl-C does not wait
    console.error("stopping: what is written stays whole");
    interrupt.abort(new RunAborted());
  });
  Deno.exit(await main(Deno.args, interrupt.signal));
}
