/** `deno task augment --data DIR --category NAME --output DIR --seed N` @module */
import { Command } from "commander";
import { parseOptions } from "../core/mod.ts";
import { augmentOptions } from "../evaluation/mod.ts";
import { augmentFolder, openWords } from "../host/mod.ts";
import { exit } from "./exit.ts";
import { wholeNumber } from "./settings.ts";

/** The verb `augment`. */
export function augment(signal: AbortSignal, finish: (code: number) => void): Command {
  return new Command("augment")
    .description("Make incomplete scans with ground truth from normal ones, as a data set in MVTec 3D-AD layout")
    .requiredOption("--data <folder>", "the data set that the normal scans come from")
    .requiredOption("--category <name>", "its category")
    .requiredOption("--output <folder>", "where it is written, as FOLDER/CATEGORY/...")
    .option("--seed <n>", "the same seed gives the same bytes", wholeNumber, 0)
    .option("--per-scan <n>", "damaged scans made of each normal one (default: at least 2, and 32 in all)", wholeNumber)
    .option("--copy", "copy the scans that stay as they are, instead of linking them")
    .option("--json", "one JSON document on standard output")
    .action(async ({ data, category, output, seed, perScan, copy = false, json = false }: AugmentSettings) => {
      const options = parseOptions("augment", augmentOptions, { seed, perScan });
      using words = openWords("normal");
      const { progress } = words;
      const manifest = await augmentFolder({ data, category, output, options, copy, signal, progress });
      const { files, good, train, refused } = manifest;
      for (const { problem } of refused) console.error(problem);
      console.log(
        json
          ? JSON.stringify(manifest, null, 2)
          : `${files.length} incomplete and ${good.length} complete test scans, and ${train} to train on, of ` +
            `${manifest.category} in ${output}`,
      );
      finish(exit.ok);
    });
}

interface AugmentSettings {
  readonly data: string;
  readonly category: string;
  readonly output: string;
  readonly seed: number;
  readonly perScan?: number;
  readonly copy?: boolean;
  readonly json?: boolean;
}
