/** `deno task synth --product bagel --out DIR --seed N` @module */
import { Command, Option } from "commander";
import { PRODUCTS, synthesise, synthOptions } from "../evaluation/mod.ts";
import { parseOptions } from "../core/mod.ts";
import { diskStorage, openWords, provideFolder } from "../host/mod.ts";
import { exit } from "./exit.ts";
import { number, wholeNumber } from "./settings.ts";

/** The verb `synth`. */
export function synth(_signal: AbortSignal, finish: (code: number) => void): Command {
  return new Command("synth")
    .description("Make a synthetic data set with ground truth, in MVTec 3D-AD layout")
    .addOption(new Option("--product <name>", "what is scanned").choices([...PRODUCTS]).default("bagel"))
    .requiredOption("--out <folder>", "where it is written, as FOLDER/PRODUCT/...")
    .option("--seed <n>", "the same seed gives the same bytes", wholeNumber, 0)
    .option("--vary <factor>", "how much shapes differ, 0 to 4 times as usual; 1 when left out", number)
    .option("--width <pixels>", "width of a scan", wholeNumber)
    .option("--height <pixels>", "height of a scan", wholeNumber)
    .option("--train <n>", "normal scans to train on", wholeNumber)
    .option("--validation <n>", "normal scans to calibrate on", wholeNumber)
    .option("--good <n>", "normal test scans", wholeNumber)
    .option("--per-defect <n>", "test scans of each defect type", wholeNumber)
    .option("--noise-mm <mm>", "deviation of the depth noise", number)
    .option("--json", "one JSON document on standard output")
    .action(async ({ out, json, ...options }: { out: string; json?: boolean } & Record<string, unknown>) => {
      const parsed = parseOptions("synth", synthOptions, options);
      await provideFolder(out);
      using words = openWords("normal");
      const manifest = await synthesise(
        parsed,
        diskStorage(out),
        (done, total) => words.progress("making scans", done, total),
      );
      console.log(
        json ? JSON.stringify(manifest, null, 2) : `${manifest.files.length} scans of a ${parsed.product} in ${out}`,
      );
      finish(exit.ok);
    });
}
