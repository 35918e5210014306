/** `deno task detect [FILE…] [--data DIR --category NAME] [--model FOLDER]` @module */
import { Command, Option } from "commander";
import { DEFAULT_FOLDS, isFound, units } from "../core/mod.ts";
import {
  demonstrationNetworks,
  detectInto,
  type DetectOutcome,
  entryScans,
  fileScans,
  fitDataset,
  holdModel,
  loadPlugins,
  makeDemonstration,
  openCategory,
  openModel,
  type OpenRun,
  provideFolder,
  provideModelFolder,
  trainedFor,
  writeModel,
} from "../host/mod.ts";
import { detectTable, evaluateTable } from "../report/mod.ts";
import { exit } from "./exit.ts";
import {
  assertTakesTrained,
  methodOf,
  type MethodSettings,
  number,
  openFor,
  overridesOf,
  type RunSettings,
  wholeNumber,
  withMethodOptions,
  withRunOptions,
} from "./settings.ts";

interface DetectSettings extends RunSettings, MethodSettings {
  readonly data?: string;
  readonly category: string;
  readonly model?: string;
  readonly out: string;
  readonly folds: number;
  readonly alpha?: number;
  readonly threshold?: number;
  readonly unit: keyof typeof units;
  readonly failOnAnomaly?: boolean;
}

/** The verb `detect`. */
export function detect(signal: AbortSignal, finish: (code: number) => void): Command {
  const command = new Command("detect")
    .description("Find the defects of scans; without arguments, of a small synthetic product that is made on the spot")
    .argument("[files...]", "scans, with --model")
    .option("--data <folder>", "data set in MVTec 3D-AD layout: its training scans are learned, its test scans judged")
    .option("--category <name>", "category in it; the folder itself when it is one", "")
    .option("--model <folder>", "model that `fit` wrote")
    .option("--out <folder>", "where the results are written", "out")
    .option(
      "--folds <n>",
      "normal scans are held out in so many turns to find the threshold",
      wholeNumber,
      DEFAULT_FOLDS,
    )
    .option("--alpha <rate>", "wanted false-alarm rate (default 0.05)", number)
    .option("--threshold <score>", "a scan is anomalous above this score, instead of the calibrated threshold", number)
    .addOption(new Option("--unit <name>", "unit of the files' coordinates").choices(Object.keys(units)).default("m"))
    .option("--fail-on-anomaly", "exit 10 when a scan is anomalous");
  return withMethodOptions(withRunOptions(command)).action(async (files: string[], settings: DetectSettings) => {
    if (files.length > 0 && settings.model === undefined) {
      return command.error("error: files need --model FOLDER, which `fit` writes", { exitCode: exit.usage });
    }
    if (files.length > 0 && settings.data !== undefined) {
      return command.error("error: give files or --data, not both", { exitCode: exit.usage });
    }
    if (settings.model !== undefined && files.length === 0 && settings.data === undefined) {
      return command.error("error: --model needs files, or --data for a data set's test scans", {
        exitCode: exit.usage,
      });
    }
    if (settings.model !== undefined && settings.trained !== undefined) {
      return command.error("error: --trained is for a fit; --model was fitted already", { exitCode: exit.usage });
    }
    await provideFolder(settings.out);
    using run = await openFor(settings, signal, { waitAtStages: files.length === 0 }); // a data set gets seconds by stage
    const outcome = await detectWith(files, settings, run);
    print(outcome, settings);
    const { scans } = outcome.document;
    const anomalous = scans.some((scan) => isFound(scan) && scan.decision === "anomalous");
    finish(
      scans.some((scan) => !isFound(scan))
        ? exit.refused
        : settings.failOnAnomaly && anomalous
        ? exit.anomalous
        : exit.ok,
    );
  });
}

async function detectWith(files: string[], settings: DetectSettings, run: OpenRun): Promise<DetectOutcome> {
  const { out, alpha, threshold } = settings;
  const decision = { alpha, threshold };
  if (settings.model !== undefined) {
    using handle = await openModel(settings.model, run, {
      method: settings.method,
      preset: settings.preset,
      overrides: overridesOf(settings),
    }, (await loadPlugins(settings.extractor)).registry);
    if (settings.data === undefined) {
      return await detectInto(handle, { scans: fileScans(files, { unit: settings.unit }), out, decision }, run);
    }
    const { storage, dataset } = await openCategory(settings.data, settings.category, run, { needsTrain: false });
    return await detectInto(handle, { scans: entryScans(storage, dataset.category, dataset.test), out, decision }, run);
  }
  const method = await methodOf(settings);
  assertTakesTrained([method], settings);
  await provideModelFolder(`${out}/model`);
  const data = settings.data ?? `${out}/data`;
  const category = settings.data === undefined ? await makeDemonstration(data, "bagel", run) : settings.category;
  const open = await openCategory(data, category, run);
  const shipped = settings.data === undefined ? demonstrationNetworks : undefined;
  const trained = await trainedFor(method, settings.trained ?? shipped, category);
  const start = performance.now();
  const { model, refused } = await fitDataset(open, method, settings.folds, run, trained);
  const fitSeconds = (performance.now() - start) / 1000;
  await writeModel(`${out}/model`, model);
  using handle = await holdModel(model, run);
  return await detectInto(handle, {
    scans: entryScans(open.storage, open.dataset.category, open.dataset.test),
    out,
    decision,
    refused,
    fitSeconds,
  }, run);
}

function print({ document, evaluate }: DetectOutcome, { json, out }: DetectSettings): void {
  if (json) return console.log(JSON.stringify(document, null, 2));
  console.log(detectTable(document));
  if (evaluate) {
    console.log(
      `\n${evaluateTable({ schema: "uni3dad.evaluate/1", adapter: document.adapter, runs: [evaluate], refused: [] })}`,
    );
  }
  console.log(`\nopen ${out}/report.html`);
}
