/** Accuracy by the quantile at which a fuser takes the scale k between the branches: the paper's Figure 8. @module */
import { type Method, parseOptions, type Run } from "../core/mod.ts";
import { methodName, type Sweep } from "../evaluation/mod.ts";
import type { TestSet } from "./tables_category.ts";
import { auProsOf } from "./tables_figures.ts";
import type { TableRow } from "./tables_methods.ts";
import { fuserOf, type FuserWanted, joinedBy, scoresOf } from "./tables_scores.ts";

/** Quantiles that are tried, both ends included: of the published code, or of the whole range where the fuser's options say so. */
const COUNT = 21, FIRST = 0.9;

/** Whether a method's fuser takes k at a quantile that can be chosen. */
export function hasScale({ fuser, options }: Method): boolean {
  const own = options.fuser ?? {};
  return fuser !== undefined && "k" in own && "quantile" in own &&
    fuser.options.safeParse({ ...own, k: "fixed", quantile: FIRST }).success;
}

/**
 * Sweeps a row over the test sets; `chosen` is the k in use. Branches are not computed again, whatever k is. Nothing where no quantile gives
 * a k. @throws {RunAborted}
 */
export async function sweepOf(
  { row, sets, chosen }: { readonly row: TableRow; readonly sets: readonly TestSet[]; readonly chosen: number },
  wanted: FuserWanted,
  run: Run,
): Promise<Sweep[]> {
  const { category } = wanted, names = new Set(sets.flatMap(({ names }) => [...names]));
  const points = sets.map((): Sweep["points"][number][] => []);
  const quiet = { ...run, log: { ...run.log, info: run.log.debug, warn: run.log.debug } }; // the same words 21 times
  for (const [index, q] of quantilesOf(row.of).entries()) {
    using fuser = await fuserOf(fixedAt(row.of, q), wanted, quiet);
    const { k, q: of } = fuser.facts; // a fuser that finds no ratio at a quantile has no quantile
    if (typeof k !== "number" || typeof of !== "number" || !Number.isFinite(k)) {
      points.forEach((list) => list.push({ q, k: null, auPro: null, auProStrict: null }));
    } else {
      using scores = await scoresOf({ ...wanted, names }, joinedBy(fuser, run), run);
      for (const [at, set] of sets.entries()) points[at].push({ q, k, ...await auProsOf(scores, set, run.signal) });
    }
    run.progress("sweeping k", index + 1, COUNT);
  }
  if (points.every((list) => list.every(({ k }) => k === null))) {
    run.log.warn("no quantile gives a k: a branch is silent on normal scans, so there is nothing to sweep");
    return [];
  }
  return sets.map(({ dataset, testSet }, at) => ({
    category: category.name,
    dataset,
    testSet,
    method: methodName(row),
    points: points[at],
    chosen,
  }));
}

function quantilesOf({ options }: Method): number[] {
  const first = options.fuser?.grid === "whole" ? 0 : FIRST, step = (1 - first) / (COUNT - 1);
  return Array.from({ length: COUNT }, (_, i) => i === COUNT - 1 ? 1 : first + i * step);
}

function fixedAt(method: Method, quantile: number): Method {
  const { fuser, options } = method;
  const changed = parseOptions(fuser!.name, fuser!.options, { ...options.fuser, k: "fixed", quantile });
  return { ...method, options: { ...options, fuser: changed } };
}
