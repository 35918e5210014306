/** `deno task tables --data DIR` @module */
import { Command, InvalidArgumentError, Option } from "commander";
import { listCategories, openDataset, type TableDataset, type TableTestSet } from "../evaluation/mod.ts";
import { diskStorage, loadPlugins, measureTables, provideFolder, tableRows, writeTables } from "../host/mod.ts";
import { tablesText } from "../report/mod.ts";
import { exit } from "./exit.ts";
import {
  assertTakesTrained,
  list,
  type MethodSettings,
  openFor,
  overridesOf,
  rounds,
  type RunSettings,
  withMethodOptions,
  withRunOptions,
} from "./settings.ts";

interface TablesSettings extends RunSettings, MethodSettings {
  readonly data: string;
  readonly category?: string;
  readonly dataset: readonly TableDataset[];
  readonly testSet: readonly TableTestSet[];
  readonly output: string;
  readonly bootstrap: number;
  readonly sweep?: "k";
}

/** Rounds of the bootstrap unless told otherwise: there are hundreds of cells, and a table shows one decimal. */
const ROUNDS = 1000;

/** The verb `tables`. */
export function tables(signal: AbortSignal, finish: (code: number) => void): Command {
  const command = new Command("tables")
    .description(
      "The paper's tables on a data set: each branch, and both with each fuser, beside the published figures; goes on where a killed run left off",
    )
    .requiredOption("--data <folder>", "data set in MVTec 3D-AD layout")
    .option("--category <names>", "categories, separated by commas; all there are when left out")
    .option(
      "--dataset <forms>",
      "original, augmented (with incomplete scans, made of the good test scans), or both",
      oneOrMore("original", "augmented"),
      ["original", "augmented"],
    )
    .option(
      "--test-set <sets>",
      "official (all test scans), reduced (without the paper's labelled validation), or both",
      oneOrMore("official", "reduced"),
      ["official", "reduced"],
    )
    .option(
      "--output <folder>",
      "where tables.html, .md, .csv and .json go, and the maps they are made of",
      "out/tables",
    )
    .option("--bootstrap <rounds>", "draws of the test scans, for intervals and differences; 0: none", rounds, ROUNDS)
    .addOption(
      new Option("--sweep <what>", "accuracy by the factor k of the feature branch, of fusers that have one").choices([
        "k",
      ]),
    );
  return withMethodOptions(withRunOptions(command), "all there are").action(async (settings: TablesSettings) => {
    const { data, output } = settings, storage = diskStorage(data);
    const { registry } = await loadPlugins(settings.extractor);
    const rows = await tableRows({
      methods: settings.method === undefined ? undefined : list(settings.method),
      presets: list(settings.preset ?? "default"),
      overrides: overridesOf(settings),
    }, registry);
    assertTakesTrained(rows.map(({ of }) => of), settings);
    const categories = settings.category === undefined ? await listCategories(storage) : list(settings.category);
    if (categories.length === 0) await openDataset(storage, ""); // says what is not there
    await provideFolder(output);
    using run = await openFor(settings, signal);
    const document = await measureTables({
      data,
      categories,
      allThere: settings.category === undefined,
      rows,
      datasets: settings.dataset,
      testSets: settings.testSet,
      output: output.replace(/(?<=.)\/+$/, ""),
      trained: settings.trained,
      bootstrap: settings.bootstrap,
      sweep: settings.sweep === "k",
    }, run);
    await writeTables(output, document);
    console.log(settings.json ? JSON.stringify(document, null, 2) : tablesText(document));
    finish(document.refused.length > 0 || document.missing.length > 0 ? exit.refused : exit.ok);
  });
}

/** Some of the words, in their order here. */
const oneOrMore = <T extends string>(...words: readonly T[]) => (text: string): readonly T[] => {
  const given = list(text), strange = given.find((word) => !words.some((known) => known === word));
  if (given.length === 0 || strange !== undefined) {
    throw new InvalidArgumentError(`It has to be ${words.join(" or ")}, or both separated by a comma.`);
  }
  return words.filter((word) => given.includes(word));
};
