/**
 * Accuracy by the scale k between the branches: the paper's Figure 8. @module
 *
 * The paper tries k at quantiles of both branches. Where a branch is silent on normal scans they have no ratio, so values around the k in
 * use are tried too.
 */
import type { Method, Run } from "../core/mod.ts";
import { methodName, type Sweep } from "../evaluation/mod.ts";
import type { TestSet } from "./tables_category.ts";
import { auProsOf, type MeasuredSet } from "./tables_figures.ts";
import type { TableRow } from "./tables_methods.ts";
import { fuserOf, type FuserWanted, joinedBy, scoresOf } from "./tables_scores.ts";

/** The paper's quantiles, from the largest on: below one that is 0 all are. */
const QUANTILES = Array.from({ length: 21 }, (_, i) => (20 - i) / 20);

/** Half an octave apart, five octaves to each side of the k in use, which is measured already. */
const FACTORS = Array.from({ length: 21 }, (_, i) => 2 ** ((i - 10) / 2)).filter((factor) => factor !== 1);

/** What is swept. */
export interface SweepWanted {
  readonly row: TableRow;
  readonly sets: readonly TestSet[];
  /** The row on each of the sets. */
  readonly measured: readonly MeasuredSet[];
  /** The k in use, above 0. */
  readonly chosen: number;
}

/** Whether k of a method's fuser can be given, and be taken at a quantile. */
export function hasScale({ fuser, options }: Method): boolean {
  const own = options.fuser ?? {}, changes = [{ k: "fixed", quantile: QUANTILES[0] }, { k: 1 }];
  return fuser !== undefined && "k" in own && "quantile" in own &&
    changes.every((change) => fuser.options.safeParse({ ...own, ...change }).success);
}

/** Sweeps k of a row over the test sets; branches are not computed again, whatever k is. @throws {RunAborted} and what the fuser throws */
export async function sweepOf(
  { row, sets, measured, chosen }: SweepWanted,
  wanted: FuserWanted,
  run: Run,
): Promise<Sweep[]> {
  const { category } = wanted, names = new Set(sets.flatMap(({ names }) => [...names]));
  const inUse = measured.map(({ figures }) => ({
    auPro: figures["auPro@0.3"].value,
    auProStrict: figures["auPro@0.05"].value,
  }));
  const found = new Map([[chosen, { q: null as number | null, figures: inUse }]]);
  const quiet = { ...run, log: { ...run.log, info: run.log.debug, warn: run.log.debug } }; // the same words each time
  const tried = triedOf(row.of, chosen);
  let isSilent = false;
  for (const [index, { method, q }] of tried.entries()) {
    if (isSilent && q !== null) continue;
    using fuser = await fuserOf(method, wanted, quiet);
    const { k, q: of } = fuser.facts;
    if (q !== null && typeof of !== "number") isSilent = true; // it found no ratio there, and took k by other means
    else if (typeof k === "number" && k > 0 && Number.isFinite(k)) {
      const known = found.get(k);
      if (known) known.q ??= q;
      else {
        using scores = await scoresOf({ ...wanted, names }, joinedBy(fuser, run), run);
        const figures: typeof inUse = [];
        for (const set of sets) figures.push(await auProsOf(scores, set, run.signal));
        found.set(k, { q, figures });
      }
    }
    run.progress("sweeping k", index + 1, tried.length);
  }
  const points = [...found].sort(([a], [b]) => a - b), ofQuantiles = points.filter(([, { q }]) => q !== null).length;
  run.log.info(
    ofQuantiles > 0
      ? `k swept over ${points.length} values, ${ofQuantiles} of them ratios of a quantile`
      : `k swept over ${points.length} values around the one in use: a branch is silent on normal scans, so no quantile has a ratio`,
  );
  return sets.map(({ dataset, testSet }, at) => ({
    category: category.name,
    dataset,
    testSet,
    method: methodName(row),
    points: points.map(([k, { q, figures }]) => ({ q, k, ...figures[at] })),
    chosen,
  }));
}

/** The method at each value of k; quantiles first, so that what is the ratio of one has it. Values that the fuser refuses are left out. */
function triedOf(method: Method, chosen: number): { readonly method: Method; readonly q: number | null }[] {
  const { fuser, options } = method;
  const changes = [
    ...QUANTILES.map((q) => ({ q, change: { k: "fixed", quantile: q } })),
    ...FACTORS.map((factor) => ({ q: null, change: { k: factor * chosen } })),
  ];
  return changes.flatMap(({ q, change }) => {
    const parsed = fuser!.options.safeParse({ ...options.fuser, ...change });
    return parsed.success ? [{ q, method: { ...method, options: { ...options, fuser: parsed.data } } }] : [];
  });
}
