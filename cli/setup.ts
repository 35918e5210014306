/** `deno task setup` @module */
import { Command } from "commander";
import { openWords, setupDriver } from "../host/mod.ts";
import { exit } from "./exit.ts";

/** The verb `setup`. */
export function setup(_signal: AbortSignal, finish: (code: number) => void): Command {
  return new Command("setup")
    .description(
      "Bring the software adapter into the cache folder, for machines without a GPU or without a network later",
    )
    .option("--no-download", "only look, bring nothing")
    .action(async ({ download }: { download: boolean }) => {
      using words = openWords("normal");
      console.log(
        JSON.stringify(await setupDriver({ download, log: (line: string) => words.log.info(line) }), null, 2),
      );
      finish(exit.ok);
    });
}
