/** `deno task evaluate --data DIR --category NAME --method fpfh --json` @module */
import { Command } from "commander";
import { diskStorage, evaluateAll } from "../host/mod.ts";
import { listCategories } from "../evaluation/mod.ts";
import { evaluateTable } from "../report/mod.ts";
import { exit } from "./exit.ts";
import {
  list,
  type MethodSettings,
  methodsOf,
  openFor,
  type RunSettings,
  withMethodOptions,
  withRunOptions,
} from "./settings.ts";

interface EvaluateSettings extends RunSettings, MethodSettings {
  readonly data: string;
  readonly category?: string;
  readonly audit?: boolean;
}

/** The verb `evaluate`. */
export function evaluate(signal: AbortSignal, finish: (code: number) => void): Command {
  const command = new Command("evaluate")
    .description(
      "Measure a method on a labelled data set: AU-PRO exact and official, AUROC, per defect type, seconds, memory",
    )
    .requiredOption("--data <folder>", "data set in MVTec 3D-AD layout")
    .option("--category <names>", "categories, separated by commas; all there are when left out")
    .option(
      "--audit",
      "check that the score separates defects, and not the number of returns or the place of the part",
    );
  return withMethodOptions(withRunOptions(command)).action(async (settings: EvaluateSettings) => {
    const methods = await methodsOf(settings);
    const categories = settings.category === undefined
      ? await listCategories(diskStorage(settings.data))
      : list(settings.category);
    using run = await openFor(settings, signal, { waitAtStages: true });
    const document = await evaluateAll(
      { data: settings.data, categories, methods, audit: settings.audit === true },
      run,
    );
    console.log(settings.json ? JSON.stringify(document, null, 2) : evaluateTable(document));
    finish(document.refused.length > 0 ? exit.refused : exit.ok);
  });
}
