/** What a row of `tables` makes of the test scans of a category, out of a branch store. @module */
import {
  type BranchMaps,
  type DefectMaps,
  fitFuser,
  type FittedFuser,
  type Method,
  type Run,
  type ScoreMap,
  throwIfAborted,
} from "../core/mod.ts";
import type { NamedScore } from "../evaluation/mod.ts";
import { type BranchStore, isRefused, type StoredHeldOut, type StoredScan } from "./branch_store.ts";
import { openSpool, type Spool } from "./spool.ts";
import type { TableCategory, TableScan } from "./tables_category.ts";
import type { RowKind } from "./tables_methods.ts";

/** Maps that can be measured, and scores; the maps' file is removed when it is disposed. */
export interface RowScores extends Disposable {
  /** Maps of the scans that have ground truth. */
  readonly maps: Spool;
  /** Scores of all scans that have maps. */
  readonly scans: readonly NamedScore[];
}

/** Whose scores are wanted. */
export interface ScoresWanted {
  readonly category: TableCategory;
  /** Filled. */
  readonly store: BranchStore;
  /** Names of the test scans. */
  readonly names: ReadonlySet<string>;
}

/** The map of one branch, or of both. */
export type MapOf = (maps: BranchMaps) => ScoreMap | Promise<ScoreMap>;

/** A row's maps of the scans that it is asked for. @throws {RunAborted} and what the fuser throws */
export async function scoresOf({ category, store, names }: ScoresWanted, mapOf: MapOf, run: Run): Promise<RowScores> {
  using owned = new DisposableStack();
  const maps = owned.use(await openSpool()), scans: NamedScore[] = [];
  for (const scan of category.tests) {
    if (!names.has(scan.name)) continue;
    throwIfAborted(run);
    const stored = await storedScan(store, scan);
    if (!stored) continue;
    const { name, defect } = scan, { size, values, score } = await mapOf(stored), { truth } = stored;
    scans.push({ name, defect, score });
    if (truth) await maps.add({ name, defect, width: size, height: size, scores: values, truth });
  }
  const kept = owned.move();
  return { maps, scans, [Symbol.dispose]: () => kept.dispose() };
}

/** One branch alone. */
export const branchAlone = (kind: Exclude<RowKind, "fused">): MapOf => (maps) => maps[kind];

/** Both branches, joined. */
export const joinedBy = (fuser: FittedFuser, run: Run): MapOf => (maps) => fuser.fuse(maps, run);

/** What fusers are fitted by. */
export interface FuserWanted extends Pick<ScoresWanted, "category" | "store"> {
  readonly learned: StoredHeldOut;
  /** Names of the scans whose labels it may use. */
  readonly labelled?: ReadonlySet<string>;
}

/** Fits the method's fuser to what lies in the store; labelled scans are read only for one that asks for them. @throws {TooFewScans} */
export async function fuserOf(
  method: Method,
  { category, store, learned: { heldOut }, labelled = new Set() }: FuserWanted,
  run: Run,
): Promise<FittedFuser> {
  const asked = method.fuser!.examples?.(method.options.fuser!) === "labelled", maps: DefectMaps[] = [];
  for (const scan of asked ? category.tests : []) {
    if (!labelled.has(scan.name)) continue;
    const stored = await storedScan(store, scan), truth = stored?.truth;
    if (stored && truth) maps.push({ feature: stored.feature, missing: stored.missing, truth, kind: scan.defect });
  }
  return await fitFuser(method, { heldOut, labelled: maps }, run);
}

/** The maps of a scan; undefined where it was refused. */
async function storedScan(store: BranchStore, scan: TableScan): Promise<StoredScan | undefined> {
  const found = await store.scan(scan);
  if (!found) throw new Error(`Cannot read the maps of ${scan.name} in ${store.label}: they were there a moment ago`);
  return isRefused(found) ? undefined : found;
}
