/** `deno task evaluate --data DIR --category NAME --method fpfh --json` @module */
import { Command, InvalidArgumentError, Option } from "commander";
import { type Method, OptionsRefused, type ScanPixel } from "../core/mod.ts";
import { diskStorage, evaluateAll, explainScan } from "../host/mod.ts";
import { BOOTSTRAP_ROUNDS, listCategories } from "../evaluation/mod.ts";
import { evaluateMarkdown, evaluateTable, explainTable } from "../report/mod.ts";
import { exit } from "./exit.ts";
import {
  assertTakesTrained,
  list,
  type MethodSettings,
  methodsOf,
  number,
  openFor,
  rounds,
  type RunSettings,
  wholeNumber,
  withMethodOptions,
  withRunOptions,
} from "./settings.ts";

interface EvaluateSettings extends RunSettings, MethodSettings {
  readonly data: string;
  readonly category?: string;
  readonly audit?: boolean;
  readonly bootstrap?: number | true;
  readonly trainScans?: readonly number[];
  readonly contaminate?: readonly number[];
  readonly falseAlarms?: boolean;
  readonly branches?: boolean;
  readonly markdown?: boolean;
  readonly explain?: string;
  readonly at?: ScanPixel;
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
    )
    .option(
      "--bootstrap [rounds]",
      `intervals, and differences between runs, over draws of the test scans; ${BOOTSTRAP_ROUNDS} draws unless told otherwise`,
      rounds,
    )
    .option("--train-scans <numbers>", "fit to so many training scans, evenly drawn, one run each: 5,10,20", sizes)
    .option(
      "--contaminate <shares>",
      "train on defective test scans instead of these shares of the training scans, one run each: 0,0.05,0.1",
      shares,
    )
    .option("--false-alarms", "calibrate, and compare the stated false-alarm rate with the one of good test scans")
    .option("--branches", "add the figures of each branch by itself, of methods with two")
    .option("--markdown", "tables in Markdown")
    .addOption(
      new Option(
        "--explain <scan>",
        "tell why places of one test scan, such as cut/010, are marked; nothing is measured",
      )
        .conflicts(["audit", "bootstrap", "trainScans", "contaminate", "falseAlarms", "branches", "markdown"]),
    )
    .option("--at <x,y>", "with --explain: a pixel of the scan; its highest places when left out", pixel);
  return withMethodOptions(withRunOptions(command)).action(async (settings: EvaluateSettings) => {
    const methods = await methodsOf(settings);
    assertTakesTrained(methods, settings);
    const categories = settings.category === undefined
      ? await listCategories(diskStorage(settings.data))
      : list(settings.category);
    const asked = settings.explain !== undefined || settings.at ? explainOf(settings, methods, categories) : undefined;
    using run = await openFor(settings, signal, { waitAtStages: true });
    if (asked) {
      const document = await explainScan(asked, run);
      console.log(settings.json ? JSON.stringify(document, null, 2) : explainTable(document));
      return finish(exit.ok);
    }
    const { data, bootstrap, trainScans, contaminate } = settings;
    const document = await evaluateAll({
      data,
      categories,
      methods,
      audit: settings.audit === true,
      bootstrap: bootstrap === true ? BOOTSTRAP_ROUNDS : bootstrap,
      trainScans,
      contaminate,
      falseAlarms: settings.falseAlarms === true,
      branches: settings.branches === true,
      trained: settings.trained,
    }, run);
    const table = settings.markdown ? evaluateMarkdown : evaluateTable;
    console.log(settings.json ? JSON.stringify(document, null, 2) : table(document));
    finish(document.refused.length > 0 ? exit.refused : exit.ok);
  });
}

/** What `--explain` asks for. @throws {OptionsRefused} */
function explainOf(
  { data, explain: scan, at }: EvaluateSettings,
  [method, ...otherMethods]: readonly Method[],
  [category, ...otherCategories]: readonly string[],
) {
  const refuse = (path: string, message: string) => {
    throw new OptionsRefused("evaluate", [{ path, message }]);
  };
  if (scan === undefined) return refuse("at", "it needs --explain SCAN");
  if (otherMethods.length > 0) return refuse("explain", "it takes one method and one preset");
  if (category === undefined || otherCategories.length > 0) return refuse("explain", "it needs one --category");
  return { data, category, method, scan, at };
}

function pixel(text: string): ScanPixel {
  const [x, y, ...rest] = list(text).map(wholeNumber);
  if (y === undefined || rest.length > 0) throw new InvalidArgumentError("It has to be a column and a row: 213,88.");
  return [x, y];
}

function sizes(text: string): number[] {
  const values = list(text).map(wholeNumber);
  if (values.length > 0 && values.every((value) => value >= 2)) return values;
  throw new InvalidArgumentError("It has to be whole numbers from 2, separated by commas.");
}

function shares(text: string): number[] {
  const values = list(text).map(number);
  if (values.length > 0 && values.every((value) => value >= 0 && value < 1)) return values;
  throw new InvalidArgumentError("It has to be shares from 0 to below 1, separated by commas.");
}
