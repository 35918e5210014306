/** Maps of both branches of normal scans that neither has seen: what the fuser learns from, and what calibrates the fused map. @module */
import { missingMap, seenBy } from "./branch_map.ts";
import { ScanRefused, TooFewScans } from "./errors.ts";
import { type FittedBranches, registryOf } from "./fitted_model.ts";
import { type HeldOut, type HeldOutPlan, judgeHeldOut } from "./held_out.ts";
import type { Method } from "./method.ts";
import type { BranchMaps, FittedFuser, HeldOutScore } from "./plugin.ts";
import type { Prepared, ScoreMap } from "./prepared.ts";
import { type Run, stage } from "./run.ts";

/** Both maps of a held-out normal scan. */
export interface HeldOutMaps extends BranchMaps {
  /** The scan's. */
  readonly name: string;
  /** Cost of its registration, metres; null where it was not registered. */
  readonly cost: number | null;
}

/**
 * Both maps of normal scans by fits without them; a scan that one branch cannot judge is left out. `known` holds the maps that the
 * extractor found of training scans by all others; they do where the reconstructor, too, can leave a scan out of its own fit.
 * @throws {RunAborted}
 */
export function heldOutMaps(
  plan: HeldOutPlan,
  known: ReadonlyMap<string, ScoreMap>,
  run: Run,
): Promise<HeldOut<HeldOutMaps>> {
  const { whole, train, source } = plan;
  const onRefused = (scan: string, error: ScanRefused) =>
    run.log.warn(`"${scan}" tells nothing of how normal scans differ: ${error.message}`);
  const mapsOf = async (by: FittedBranches, scan: Prepared, found?: ScoreMap): Promise<HeldOutMaps> => {
    const registry = registryOf(by), heldOut = found !== undefined, without = heldOut ? scan.name : undefined;
    using registration = registry && await stage(run, "register", () => registry.register(scan, run, { without }));
    const feature = found ??
      await by.extractor.score(seenBy(by.registry !== undefined, scan, registration), run);
    const { map } = await missingMap(by.reconstruction!, scan, registration, run, { heldOut });
    return { name: scan.name, cost: registration?.cost ?? null, feature, missing: map };
  };
  const leftOut = async () => {
    const maps: HeldOutMaps[] = [], scans = train.filter(({ name }) => known.has(name));
    for await (const scan of source(scans, "calibrating, each scan by all others").walk()) {
      try {
        maps.push(await mapsOf(whole, scan, known.get(scan.name)));
      } catch (error) {
        if (!(error instanceof ScanRefused)) throw error;
        onRefused(scan.name, error);
      }
    }
    return maps;
  };
  return judgeHeldOut(plan, {
    judge: mapsOf,
    leftOut: known.size > 0 && whole.reconstruction!.reconstructor.leavesOut ? leftOut : undefined,
    onRefused,
  }, run);
}

/** Fits the method's fuser. @throws {TooFewScans} without a scan that both branches could judge @throws {RunAborted} */
export function fitFuser({ fuser, options }: Method, { found }: HeldOut<HeldOutMaps>, run: Run): Promise<FittedFuser> {
  if (found.length === 0) throw new TooFewScans(0, 1, "weigh the branches against each other");
  const normal: AsyncIterable<BranchMaps> = {
    async *[Symbol.asyncIterator]() {
      for (const { feature, missing } of found) yield { feature, missing };
    },
  };
  return stage(run, "fit the fuser", () => fuser!.fit(normal, options.fuser!, run));
}

/** What the held-out scans score by the fused map. @throws {RunAborted} */
export async function fusedScores(
  fuser: FittedFuser,
  { kind, folds, found }: HeldOut<HeldOutMaps>,
  run: Run,
): Promise<HeldOut<HeldOutScore>> {
  const scores: HeldOutScore[] = [];
  for (const { name, cost, feature, missing } of found) {
    const { score, values } = await stage(run, "fuse", () => fuser.fuse({ feature, missing }, run));
    scores.push({ name, cost, score, peak: values.reduce((most, value) => Math.max(most, value), 0) });
  }
  return { kind, folds, found: scores };
}
