/** `deno task split --data DIR --category NAME --output FILE` @module */
import { Command } from "commander";
import { listCategories } from "../evaluation/mod.ts";
import { diskStorage, openWords, splitFolder } from "../host/mod.ts";
import { splitTable } from "../report/mod.ts";
import { exit } from "./exit.ts";
import { list } from "./settings.ts";

/** The verb `split`. */
export function split(signal: AbortSignal, finish: (code: number) => void): Command {
  return new Command("split")
    .description(
      "Say which test scans are the paper's labelled validation, and which its reduced test set; moves nothing",
    )
    .requiredOption("--data <folder>", "data set in MVTec 3D-AD layout")
    .option("--category <names>", "categories, separated by commas; all there are when left out")
    .option("--output <file>", "write the manifest, with every scan's file in each set")
    .option("--json", "the manifest on standard output, instead of a table")
    .action(async ({ data, category, output, json = false }: SplitSettings) => {
      const named = category === undefined ? await listCategories(diskStorage(data)) : list(category);
      const categories = named.length > 0 ? named : ["."]; // whose refusal says what a data set's folder holds
      using words = openWords("normal");
      const manifest = await splitFolder({ data, categories, output, signal, log: words.log });
      console.log(json ? JSON.stringify(manifest, null, 2) : splitTable(manifest));
      finish(manifest.refused.length > 0 ? exit.refused : exit.ok);
    });
}

interface SplitSettings {
  readonly data: string;
  readonly category?: string;
  readonly output?: string;
  readonly json?: boolean;
}
