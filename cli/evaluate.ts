/** `deno task evaluate --data DIR --category NAME --method fpfh --json` @module */
import { Command, InvalidArgumentError } from "commander";
import { diskStorage, evaluateAll } from "../host/mod.ts";
import { BOOTSTRAP_ROUNDS, listCategories } from "../evaluation/mod.ts";
import { evaluateMarkdown, evaluateTable } from "../report/mod.ts";
import { exit } from "./exit.ts";
import {
  list,
  type MethodSettings,
  methodsOf,
  number,
  openFor,
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
  readonly markdown?: boolean;
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
    .option("--markdown", "tables in Markdown");
  return withMethodOptions(withRunOptions(command)).action(async (settings: EvaluateSettings) => {
    const methods = await methodsOf(settings);
    const categories = settings.category === undefined
      ? await listCategories(diskStorage(settings.data))
      : list(settings.category);
    using run = await openFor(settings, signal, { waitAtStages: true });
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
    }, run);
    const table = settings.markdown ? evaluateMarkdown : evaluateTable;
    console.log(settings.json ? JSON.stringify(document, null, 2) : table(document));
    finish(document.refused.length > 0 ? exit.refused : exit.ok);
  });
}

const LEAST_ROUNDS = 40; // 2.5 % of fewer is less than one

function rounds(text: string): number {
  const value = wholeNumber(text);
  if (value > 0 && value < LEAST_ROUNDS) throw new InvalidArgumentError(`It has to be 0 or at least ${LEAST_ROUNDS}.`);
  return value;
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
