/** Fitting the two branches of a method, and what every fuser of them learns from. @module */
import type { FittedBranches } from "./fitted_model.ts";
import { type FitOptions, fitToNormal } from "./fit_to_normal.ts";
import type { FuserScans } from "./fuse_held_out.ts";
import { LEAST_HELD_OUT } from "./held_out.ts";
import { heldOutMaps, keepKnown, labelledMaps } from "./held_out_maps.ts";
import type { PartSizes } from "./part_size.ts";
import type { DefectExamples } from "./plugin.ts";
import { type Run, stage } from "./run.ts";

/** What to fit, and for which fusers. */
export interface UnfusedOptions extends FitOptions {
  /** The examples of defects that the fusers ask for. */
  readonly examples: ReadonlySet<DefectExamples>;
}

/** Both branches of a method, fitted, before anything joins them. Owns GPU memory. */
export interface UnfusedModel extends FuserScans, Disposable {
  /** The branches. */
  readonly branches: FittedBranches;
  /** The scans that they were fitted on, refused ones left out. */
  readonly trainNames: readonly string[];
  /** How large the parts are. */
  readonly partSizes: PartSizes;
  /** SHA-256 over the training scans' points, in their order. */
  readonly fingerprint: string;
}

/**
 * Fits both branches once, so that any number of fusers can be fitted to what they make of scans that they have not seen.
 * @throws {TooFewScans} @throws {OptionsRefused} for a single fold @throws {MemoryBudgetExceeded} @throws {RunAborted}
 */
export async function fitUnfused({ examples, ...options }: UnfusedOptions, run: Run): Promise<UnfusedModel> {
  const { heldOut: own = [], labelled: scans = [] } = options, defects = examples.has("synthetic");
  const { known, listener } = keepKnown(defects);
  using owned = new DisposableStack();
  const fitted = owned.use(await fitToNormal(options, run, own.length < LEAST_HELD_OUT ? listener : undefined));
  const heldOut = await stage(run, "calibrate", () => heldOutMaps(fitted.plan, known, defects, run));
  const labelled = examples.has("labelled") ? await labelledMaps(fitted.plan, scans, run) : [];
  const { whole: branches, names: trainNames, partSizes, fingerprint } = fitted, kept = owned.move();
  return {
    branches,
    heldOut,
    labelled,
    trainNames,
    partSizes,
    fingerprint,
    [Symbol.dispose]: () => kept.dispose(),
  };
}
