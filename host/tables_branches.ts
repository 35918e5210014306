/** Filling a branch store: what both branches make of held-out scans and of test scans, as far as it is not there yet. @module */
import { Uni3dadError } from "../errors.ts";
import {
  calibrationOf,
  DEFAULT_FOLDS,
  digestOf,
  fitUnfused,
  judgeBranches,
  type Method,
  prepare,
  type Run,
  stage,
  throwIfAborted,
  type UnfusedModel,
  VERSION,
} from "../core/mod.ts";
import { assertDisjoint } from "../evaluation/mod.ts";
import { type BranchStore, openBranchStore, type StoredScan } from "./branch_store.ts";
import { refusal, type Refused } from "./fit.ts";
import { entryScans } from "./inputs.ts";
import { namedRun } from "./named_run.ts";
import type { OpenRun } from "./open_run.ts";
import type { TableCategory, TableScan } from "./tables_category.ts";
import type { TrainedNetworks } from "./trained_networks.ts";

/** Whose maps are wanted. */
export interface BranchesWanted {
  readonly category: TableCategory;
  /** A method with both branches; whatever joins them. */
  readonly method: Method;
  /** Tells the branches from others. */
  readonly pair: string;
  /** Networks that the reconstructor takes instead of training its own. */
  readonly trained?: TrainedNetworks;
  /** Stores go to `branches/CATEGORY` below it. */
  readonly output: string;
}

/** The store of a pair of branches: plugins, options, seed, adapter and normal scans are in its folder's name. */
export async function storeOf(
  { category, pair, trained, output }: BranchesWanted,
  { seed, gpu }: Run,
): Promise<BranchStore> {
  const key = JSON.stringify([
    VERSION,
    pair,
    seed,
    gpu.adapter.description,
    category.digest,
    ...(trained ? [trained.digest] : []),
  ]);
  const digest = await digestOf(new TextEncoder().encode(key));
  return openBranchStore(`${output}/branches/${category.name}/${digest.slice(0, 16)}`);
}

/**
 * Computes what the store lacks. The branches are fitted only where it lacks something; the same scans, options and seed give the same
 * branches, so that what a killed run left goes on as if it had not been killed.
 * @throws {OverlappingSets} @throws {TooFewScans} @throws {MemoryBudgetExceeded} @throws {OutputUnwritable} @throws {RunAborted}
 */
export async function fillStore(store: BranchStore, wanted: BranchesWanted, run: OpenRun): Promise<void> {
  const { category, method, trained } = wanted, { name, storage, dataset: { train, validation, test } } = category;
  const told = namedRun(name, run), refused: Refused[] = [], lacking: TableScan[] = [];
  const learned = await store.heldOut();
  for (const scan of category.tests) if (!await store.scan(scan)) lacking.push(scan);
  const branches = `${method.extractor.name} and ${method.reconstructor!.name}`;
  if (learned && lacking.length === 0) {
    told.log.info(`all maps of ${branches} are there`);
    return;
  }
  const label = { train: "train", test: "test" };
  await assertDisjoint(
    { label: label.train, storage, entries: [...train, ...validation] },
    { label: label.test, storage, entries: test },
  );
  const again = learned ? `; the branches are fitted again for ${lacking.length} of them` : "";
  told.log.info(`computing maps of ${branches}${again}`);
  using unfused = await fitUnfused({
    name,
    method,
    train: entryScans(storage, name, train),
    heldOut: entryScans(storage, name, validation),
    folds: DEFAULT_FOLDS,
    trained: trained?.generators,
    examples: new Set(learned ? [] : ["synthetic"]),
    onRefused: (scan, error) => {
      told.log.warn(error.message);
      refused.push(refusal(`${name}/${scan}`, error));
    },
  }, told);
  if (!learned) await store.keepHeldOut({ heldOut: unfused.heldOut, refused });
  const judge = judgeOf(unfused, method, told);
  for (const [index, scan] of lacking.entries()) {
    throwIfAborted(run);
    try {
      await store.keepScan(scan, await judge(scan));
    } catch (error) {
      if (!(error instanceof Uni3dadError) || !isOfTheScan(error, run)) throw error;
      told.log.warn(error.message);
      await store.keepRefused(scan, refusal(`${name}/${scan.name}`, error));
    }
    told.progress("scoring", index + 1, lacking.length);
  }
}

/** Whether an error says something of the scan, and not of the disk, the device or the run. */
const isOfTheScan = ({ code }: Uni3dadError, { gpu, signal }: Run) =>
  code !== "output-unwritable" && !gpu.failure && !signal.aborted;

/** Both maps of a scan as `detect` makes them: silent in the missing regions where no normal shape fits. */
function judgeOf(
  { branches, heldOut: { kind, folds, found }, partSizes }: UnfusedModel,
  { options }: Method,
  run: Run,
): (scan: TableScan) => Promise<StoredScan> {
  // scores are the fusers' matter; what the branches need of a calibration is how far normal scans are from each other
  const calibration = calibrationOf({
    kind,
    folds,
    found: found.map(({ name, cost }) => ({ name, cost, score: 0, peak: 0 })),
  });
  const parts = { ...branches, reconstruction: branches.reconstruction!, partSizes, calibration };
  return async (scan) => {
    const loaded = await stage(run, "read", () => scan.load());
    using prepared = await stage(run, "prepare", () => prepare(loaded, options.prepare, run));
    const { branches: { feature, missing } } = await judgeBranches(parts, prepared, run);
    const { truth } = prepared;
    return { feature, missing, ...(truth ? { truth: Uint8Array.from(truth) } : {}) };
  };
}
