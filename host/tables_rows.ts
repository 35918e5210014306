/** Measuring one row of `tables` on one category. @module */
import type { Run } from "../core/mod.ts";
import type { Sweep } from "../evaluation/mod.ts";
import type { TestSet } from "./tables_category.ts";
import { type MeasuredSet, measureSet, notMeasured } from "./tables_figures.ts";
import type { TableRow } from "./tables_methods.ts";
import { branchAlone, fuserOf, type FuserWanted, joinedBy, scoresOf } from "./tables_scores.ts";
import { hasScale, sweepOf } from "./tables_sweep.ts";

/** How rows are measured. */
export interface RowOptions {
  /** Rounds of the bootstrap over test scans; 0: none. */
  readonly bootstrap: number;
  /** Adds a sweep of k, of fusers that have one. */
  readonly sweep: boolean;
}

/** A row on all test sets of a category. */
export interface MeasuredRow {
  readonly sets: readonly MeasuredSet[];
  readonly sweeps: readonly Sweep[];
}

/** Measures a row; on a set that it overlaps it has no figures. @throws {TooFewScans} @throws {MapRefused} @throws {RunAborted} */
export async function measureRow(
  row: TableRow,
  wanted: Omit<FuserWanted, "labelled">,
  { bootstrap: rounds, sweep }: RowOptions,
  run: Run,
): Promise<MeasuredRow> {
  const { category } = wanted, { name } = category, { seed, signal } = run;
  const sets = new Map<TestSet, MeasuredSet>(), sweeps: Sweep[] = [];
  // the labelled scans are in the official test set; the reduced one lacks them
  for (const set of category.sets) {
    if (row.byLabels && !set.labelled) sets.set(set, notMeasured({ row, category: name, set }));
  }
  const rest = category.sets.filter((set) => !sets.has(set));
  // what is fitted by labels is fitted for each set by its own
  for (const group of row.byLabels ? rest.map((set) => [set]) : [rest]) {
    if (group.length === 0) continue;
    const fitting = { ...wanted, labelled: row.byLabels ? group[0].labelled : undefined };
    using fuser = row.kind === "fused" ? await fuserOf(row.of, fitting, run) : undefined;
    const mapOf = row.kind === "fused" ? joinedBy(fuser!, run) : branchAlone(row.kind);
    using scores = await scoresOf({ ...wanted, names: new Set(group.flatMap(({ names }) => [...names])) }, mapOf, run);
    const measured: MeasuredSet[] = [], chosen = fuser?.facts.k;
    for (const set of group) {
      measured.push(await measureSet(scores, { row, category: name, set }, { rounds, seed, signal }));
      sets.set(set, measured.at(-1)!);
    }
    if (sweep && row.kind === "fused" && hasScale(row.of) && typeof chosen === "number" && chosen > 0) {
      sweeps.push(...await sweepOf({ row, sets: group, measured, chosen }, fitting, run));
    }
  }
  return { sets: category.sets.map((set) => sets.get(set)!), sweeps };
}
