/** Fusers: fitted to what both branches make of normal scans that neither has seen, and calibrated by the same. @module */
import { TooFewScans } from "./errors.ts";
import type { HeldOut } from "./held_out.ts";
import type { HeldOutMaps } from "./held_out_maps.ts";
import type { Method } from "./method.ts";
import type { BranchMaps, DefectMaps, FittedFuser, HeldOutScore } from "./plugin.ts";
import { type Run, stage } from "./run.ts";

/** What a fuser learns from. */
export interface FuserScans {
  /** Normal scans, with the defects that were pasted on them. */
  readonly heldOut: HeldOut<HeldOutMaps>;
  /** Real scans whose defects are known; empty where there are none. */
  readonly labelled: readonly DefectMaps[];
}

/** Fits the method's fuser. @throws {TooFewScans} without a scan that both branches could judge @throws {RunAborted} */
export function fitFuser(
  { fuser, options }: Pick<Method, "fuser" | "options">,
  { heldOut: { found }, labelled }: FuserScans,
  run: Run,
): Promise<FittedFuser> {
  if (found.length === 0) throw new TooFewScans(0, 1, "weigh the branches against each other");
  const asked = fuser!.examples?.(options.fuser!);
  const defects = asked === "labelled"
    ? labelled
    : asked === "synthetic"
    ? found.flatMap(({ defects }) => defects)
    : [];
  const normal = found.map(({ feature, missing }): BranchMaps => ({ feature, missing }));
  return stage(
    run,
    "fit the fuser",
    () => fuser!.fit(inTurn(normal), options.fuser!, run, defects.length > 0 ? inTurn(defects) : undefined),
  );
}

/** One after another; can be walked several times. */
const inTurn = <T>(items: readonly T[]): AsyncIterable<T> => ({
  async *[Symbol.asyncIterator]() {
    yield* items;
  },
});

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
