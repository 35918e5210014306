/** `tables`: all methods on all categories of a data set, laid out as the paper does, out of maps that are computed once. @module */
import { Uni3dadError } from "../errors.ts";
import {
  type AugmentedForm,
  methodName,
  NoSuchCategory,
  PUBLISHED_CATEGORIES,
  type Sweep,
  type TableDataset,
  type TablesDocument,
  type TableTestSet,
} from "../evaluation/mod.ts";
import { DeviceLost } from "../kernels/mod.ts";
import { type BranchStore, isRefused } from "./branch_store.ts";
import { refusal, type Refused } from "./fit.ts";
import { namedRun } from "./named_run.ts";
import type { OpenRun } from "./open_run.ts";
import { fillStore, storeOf } from "./tables_branches.ts";
import { trainedFor } from "./trained_networks.ts";
import { openTableCategory, type TableCategory } from "./tables_category.ts";
import { cellsOf, differencesOf } from "./tables_cells.ts";
import type { MeasuredSet } from "./tables_figures.ts";
import type { TableRow } from "./tables_methods.ts";
import { measureRow, type RowOptions } from "./tables_rows.ts";

/** What to measure. */
export interface TablesOptions extends RowOptions {
  /** Path of the data set's folder. */
  readonly data: string;
  /** Names of its categories; one that is not there is named in the document. */
  readonly categories: readonly string[];
  /** Whether these are all that the folder has: then published categories that it lacks are missing. */
  readonly allThere: boolean;
  /** What is measured, in their order. */
  readonly rows: readonly TableRow[];
  /** Forms of the data. */
  readonly datasets: readonly TableDataset[];
  /** Test sets of each of them. */
  readonly testSets: readonly TableTestSet[];
  /** Folder with networks that `train` left, for methods that train some. */
  readonly trained?: string;
  /** Maps and incomplete scans are kept below it, so that a run that was killed is taken up by the next. */
  readonly output: string;
}

/** What the categories come to. */
interface Found {
  readonly measured: MeasuredSet[];
  readonly sweeps: Sweep[];
  readonly refused: Refused[];
  readonly missing: string[];
  readonly augmented: AugmentedForm[];
  /** Names of categories that are as published. */
  readonly whole: Set<string>;
}

/**
 * Measures the rows on the categories. What is refused is named in the document, the rest is done.
 * @throws {OutputUnwritable} @throws {RunAborted}
 */
export async function measureTables(options: TablesOptions, run: OpenRun): Promise<TablesDocument> {
  const { data, categories, rows } = options, start = performance.now();
  const found: Found = { measured: [], sweeps: [], refused: [], missing: [], augmented: [], whole: new Set() };
  for (const [index, category] of categories.entries()) {
    await measureCategory(category, options, found, run);
    const done = index + 1, seconds = (performance.now() - start) / 1000;
    const left = done < categories.length
      ? `, about ${timeWords(seconds / done * (categories.length - done))} left`
      : "";
    run.log.info(`${category}: ${done} of ${categories.length} categories${left}`);
  }
  const { measured, sweeps, refused, missing, augmented, whole } = found;
  refused.push(...overlapping(rows, measured));
  const published = options.allThere && whole.size > 0 ? PUBLISHED_CATEGORIES : [];
  const lacking = published.filter((category) => !categories.includes(category));
  const inOrder = measured.toSorted((a, b) => rows.indexOf(a.row) - rows.indexOf(b.row));
  const { description, software } = run.gpu.adapter;
  return {
    schema: "uni3dad.tables/1",
    adapter: { description, software },
    data,
    cells: cellsOf(inOrder, whole),
    differences: differencesOf(inOrder),
    sweeps,
    ...(augmented.length > 0 ? { augmented } : {}),
    refused,
    missing: [...missing, ...lacking],
  };
}

async function measureCategory(folder: string, options: TablesOptions, found: Found, run: OpenRun): Promise<void> {
  const category = await orNamed(folder, found, run, () => openTableCategory(options, folder, run));
  if (!category) return;
  const { name, isWhole, incomplete } = category;
  found.refused.push(...category.refused);
  if (isWhole) found.whole.add(name);
  if (incomplete) {
    const { manifest: { seed, options: { perScan }, good, files, refused } } = incomplete;
    found.augmented.push({
      category: name,
      seed,
      from: "test/good",
      sources: good.length,
      perSource: perScan,
      incomplete: files.length,
    });
    found.refused.push(
      ...refused.map(({ source, code, problem }) => ({
        input: `${name}/${source}`,
        error: { code, message: problem },
      })),
    );
  }
  for (const rows of Map.groupBy(options.rows, ({ pair }) => pair).values()) {
    const [{ of, pair }] = rows, { output } = options;
    const branches = `${name}, ${of.extractor.name} and ${of.reconstructor!.name}`;
    const store = await orNamed(branches, found, run, () =>
      withRetry(run, async () => {
        const wanted = { category, method: of, pair, output, trained: await trainedFor(of, options.trained, name) };
        const store = await storeOf(wanted, run);
        await fillStore(store, wanted, run);
        return store;
      }));
    const learned = await store?.heldOut();
    if (!store || !learned) continue;
    addNew(found.refused, [...learned.refused, ...await refusedTests(category, store)]);
    for (const [index, row] of rows.entries()) {
      const measured = await orNamed(
        `${name}, ${methodName(row)}`,
        found,
        run,
        () =>
          withRetry(
            run,
            () => measureRow(row, { category, store, learned }, options, namedRun(`${name}, ${methodName(row)}`, run)),
          ),
      );
      found.measured.push(...measured?.sets ?? []);
      found.sweeps.push(...measured?.sweeps ?? []);
      run.progress(`${name}: measuring`, index + 1, rows.length);
    }
  }
}

/** What the work gives; where our own error ends it, that is named and the rest goes on. */
async function orNamed<T>(input: string, found: Found, run: OpenRun, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Uni3dadError) || run.gpu.failure || run.signal.aborted) throw error;
    if (error.code === "output-unwritable") throw error; // the next category could not be kept either
    run.log.warn(`${input}: ${error.message}`);
    if (error instanceof NoSuchCategory) found.missing.push(input);
    else found.refused.push(refusal(input, error));
    return undefined;
  }
}

/** Does work that goes on from the disk; where the device is lost in it, once more on a new one. */
async function withRetry<T>(run: OpenRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeviceLost)) throw error;
    run.log.warn(`${error.message}: opening it again`);
    await run.reopen();
    return await work();
  }
}

async function refusedTests({ tests }: TableCategory, store: BranchStore): Promise<Refused[]> {
  const refused: Refused[] = [];
  for (const scan of tests) {
    const found = await store.scan(scan);
    if (found && isRefused(found)) refused.push(found);
  }
  return refused;
}

/** Pairs of branches refuse the same scans: each is named once. */
function addNew(refused: Refused[], more: readonly Refused[]): void {
  const words = ({ input, error: { code, message } }: Refused) => [input, code, message].join("\n");
  const known = new Set(refused.map(words));
  refused.push(...more.filter((one) => !known.has(words(one))));
}

/** Why rows that use labels have no figures on the official test set: once each. */
function overlapping(rows: readonly TableRow[], measured: readonly MeasuredSet[]): Refused[] {
  const official = measured.filter(({ row, testSet }) => row.byLabels && testSet === "official");
  const refused = new Set(official.map(({ row }) => row));
  return rows.filter((row) => refused.has(row)).map((row) => ({
    input: `${methodName(row)}, official test set`,
    error: {
      code: "overlapping-sets",
      message: "It is fitted by labelled scans of the official test set, so it is measured on the reduced one alone, " +
        "which lacks them; --test-set reduced leaves the official one out",
    },
  }));
}

const timeWords = (seconds: number): string =>
  seconds < 90
    ? `${Math.ceil(seconds)} s`
    : seconds < 5400
    ? `${Math.round(seconds / 60)} min`
    : `${(seconds / 3600).toFixed(1)} h`;
