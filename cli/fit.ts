/** `deno task fit --data DIR --category NAME --model FOLDER` @module */
import { Command } from "commander";
import { DEFAULT_FOLDS, modelFacts } from "../core/mod.ts";
import { fitDataset, openCategory, provideModelFolder, trainedFor, writeModel } from "../host/mod.ts";
import { exit } from "./exit.ts";
import {
  assertTakesTrained,
  methodOf,
  type MethodSettings,
  openFor,
  type RunSettings,
  wholeNumber,
  withMethodOptions,
  withRunOptions,
} from "./settings.ts";

interface FitSettings extends RunSettings, MethodSettings {
  readonly data: string;
  readonly category: string;
  readonly model: string;
  readonly folds: number;
}

/** The verb `fit`. */
export function fit(signal: AbortSignal, finish: (code: number) => void): Command {
  const command = new Command("fit")
    .description("Learn what is normal from a folder of normal scans, and write a model folder")
    .requiredOption("--data <folder>", "data set in MVTec 3D-AD layout")
    .option("--category <name>", "category in it; the folder itself when it is one", "")
    .requiredOption("--model <folder>", "where the model is written")
    .option(
      "--folds <n>",
      "normal scans are held out in so many turns to find the threshold; 0: none",
      wholeNumber,
      DEFAULT_FOLDS,
    );
  return withMethodOptions(withRunOptions(command)).action(async (settings: FitSettings) => {
    const method = await methodOf(settings);
    assertTakesTrained([method], settings);
    await provideModelFolder(settings.model);
    using run = await openFor(settings, signal);
    const open = await openCategory(settings.data, settings.category, run);
    const trained = await trainedFor(method, settings.trained, settings.category);
    const { model, refused } = await fitDataset(open, method, settings.folds, run, trained);
    using _model = model;
    await writeModel(settings.model, model);
    const { calibration, trainNames, suspects, fingerprint } = model;
    const facts = modelFacts(model);
    const document = {
      schema: "uni3dad.fit/1",
      model: settings.model,
      method: method.name,
      preset: method.preset,
      trainScans: trainNames.length,
      facts,
      calibration: calibration ? { kind: calibration.scan.kind, scans: calibration.scan.scores.length } : null,
      suspects,
      fingerprint,
      refused,
    };
    if (settings.json) console.log(JSON.stringify(document, null, 2));
    else {console.log(
        `model ${settings.model}: ${method.name} (${method.preset}) from ${trainNames.length} normal scans, ${
          Object.entries(facts).map(([k, v]) => `${k} ${v}`).join(", ")
        }${suspects.length > 0 ? `; suspect, so look at them: ${suspects.join(", ")}` : ""}`,
      );}
    finish(refused.length > 0 ? exit.refused : exit.ok);
  });
}
