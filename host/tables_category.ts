/** One category of `tables`: its scans, the test sets that are made of them, and the incomplete ones of the augmented form. @module */
import { Uni3dadError } from "../errors.ts";
import { digestOf, type NamedScan, type Storage, throwIfAborted } from "../core/mod.ts";
import {
  type Dataset,
  GOOD,
  isWholeCategory,
  loadEntry,
  openDataset,
  OverlappingSets,
  paperSplit,
  type ScanEntry,
  type TableDataset,
  type TableTestSet,
} from "../evaluation/mod.ts";
import type { StoredName } from "./branch_store.ts";
import { diskStorage } from "./disk.ts";
import { openCategory, type OpenDataset, refusal, type Refused } from "./fit.ts";
import type { OpenRun } from "./open_run.ts";
import { INCOMPLETE, type IncompleteSet, incompleteSet } from "./tables_incomplete.ts";

/** A test scan with what tells its file from others. */
export interface TableScan extends NamedScan, StoredName {
  /** The defect's type; `good` is none. */
  readonly defect: string;
}

/** One form of the data on one test set. */
export interface TestSet {
  readonly dataset: TableDataset;
  readonly testSet: TableTestSet;
  /** Names of its scans. */
  readonly names: ReadonlySet<string>;
  /** Names of the scans whose labels may be used; undefined where there are none that are not tested. */
  readonly labelled?: ReadonlySet<string>;
}

/** A category that is open. */
export interface TableCategory extends OpenDataset {
  /** What it is called. */
  readonly name: string;
  /** Tells its normal scans from others. */
  readonly digest: string;
  /** All test scans of all sets. */
  readonly tests: readonly TableScan[];
  /** Those that are asked for and can be made. */
  readonly sets: readonly TestSet[];
  /** Why others can't. */
  readonly refused: readonly Refused[];
  /** Whether it has as many scans as the published one of its name. */
  readonly isWhole: boolean;
  /** What was made for the augmented form. */
  readonly incomplete?: IncompleteSet;
}

/** Which sets are wanted, of what, and where incomplete scans are kept. */
export interface CategoryWanted {
  readonly data: string;
  readonly datasets: readonly TableDataset[];
  readonly testSets: readonly TableTestSet[];
  /** Incomplete scans go below it. */
  readonly output: string;
}

/** Opens a category and reads all its files once, for their digests. @throws {NoSuchCategory} @throws {NoTrainScans} */
export async function openTableCategory(wanted: CategoryWanted, folder: string, run: OpenRun): Promise<TableCategory> {
  const open = await openCategory(wanted.data, folder, run), { storage, dataset } = open;
  const refused: Refused[] = [], name = dataset.category;
  const digests = await digestsOf(storage, dataset, name, run);
  const made = wanted.datasets.includes("augmented")
    ? await orRefused(`${name}, augmented`, refused, () => incompleteSet({ ...wanted, open, digests }, run))
    : undefined;
  const original = dataset.test.map((entry) => tableScan(storage, entry, digests.get(entry.file)!));
  const incomplete: TableScan[] = [];
  if (made) {
    const from = diskStorage(made.folder), { test } = await openDataset(from, "", { needsTrain: false });
    for (const entry of test.filter(({ defect }) => defect !== GOOD)) {
      const digest = await fileDigest(from, entry);
      incomplete.push(tableScan(from, { ...entry, ...incompleteName(entry) }, digest));
    }
  }
  const forms = { original, augmented: made ? [...original, ...incomplete] : [] };
  const sets: TestSet[] = [];
  for (const form of wanted.datasets.filter((form) => forms[form].length > 0)) {
    for (const testSet of wanted.testSets) {
      const scans = forms[form], all = new Set(scans.map((scan) => scan.name));
      if (testSet === "official") sets.push({ dataset: form, testSet, names: all });
      else {
        const split = await orRefused(
          `${name}, ${form}, reduced test set`,
          refused,
          () => reducedSet(name, scans, made?.sources),
        );
        if (split) sets.push({ dataset: form, testSet, ...split });
      }
    }
  }
  const used = new Set(sets.flatMap(({ names, labelled = new Set<string>() }) => [...names, ...labelled]));
  const normal = [...dataset.train, ...dataset.validation].map((entry) => [entry.name, digests.get(entry.file)]);
  return {
    ...open,
    name,
    digest: await digestOf(new TextEncoder().encode(JSON.stringify(normal))),
    tests: [...original, ...incomplete].filter((scan) => used.has(scan.name)),
    sets,
    refused,
    isWhole: isWholeCategory(dataset) === true,
    ...(made ? { incomplete: made } : {}),
  };
}

const incompleteName = ({ name }: ScanEntry) => ({
  name: `${INCOMPLETE}/${name.slice(name.indexOf("/") + 1)}`,
  defect: INCOMPLETE,
});

const tableScan = (storage: Storage, entry: ScanEntry, digest: string): TableScan => ({
  name: entry.name,
  defect: entry.defect,
  digest,
  load: () => loadEntry(storage, entry),
});

/**
 * The paper's split of a set with or without incomplete scans, which are one more type. What is made of a labelled scan is not tested:
 * most of it has been seen. @throws {OverlappingSets} where a test scan has the content of a labelled one @throws {SplitImpossible}
 */
function reducedSet(
  category: string,
  scans: readonly TableScan[],
  sources: ReadonlyMap<string, string> = new Map(),
): Pick<TestSet, "names" | "labelled"> {
  const { validation, test } = paperSplit({ category, test: scans.map((scan) => ({ ...scan, file: scan.name })) });
  const labelled = new Set(validation.map(({ name }) => name));
  const names = test.map(({ name }) => name).filter((name) => !labelled.has(sources.get(name) ?? ""));
  const seen = new Map(scans.filter(({ name }) => labelled.has(name)).map(({ digest, name }) => [digest, name]));
  const tested = new Set(names);
  const twins = scans.flatMap(({ digest, name }) => {
    const twin = tested.has(name) ? seen.get(digest) : undefined;
    return twin === undefined ? [] : [[twin, name] as const];
  });
  if (twins.length > 0) throw new OverlappingSets("the labelled validation", "the reduced test set", twins);
  return { names: new Set(names), labelled };
}

/** What the work gives, or nothing where our own error says why there is none. */
async function orRefused<T>(input: string, refused: Refused[], work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Uni3dadError) || ["run-aborted", "output-unwritable"].includes(error.code)) throw error;
    refused.push(refusal(input, error));
    return undefined;
  }
}

/** Digests of scans and masks, by the scan's file. */
async function digestsOf(
  storage: Storage,
  { train, validation, test }: Dataset,
  name: string,
  run: Pick<OpenRun, "progress" | "signal">,
): Promise<Map<string, string>> {
  const entries = [...train, ...validation, ...test], digests = new Map<string, string>();
  for (const [index, entry] of entries.entries()) {
    throwIfAborted(run);
    digests.set(entry.file, await fileDigest(storage, entry));
    run.progress(`${name}: reading`, index + 1, entries.length);
  }
  return digests;
}

async function fileDigest(storage: Storage, { file, mask }: ScanEntry): Promise<string> {
  const parts = [file, ...(mask === undefined ? [] : [mask])];
  const digests = await Promise.all(parts.map(async (part) => await digestOf(await storage.read(part))));
  return await digestOf(new TextEncoder().encode(digests.join("\n")));
}
