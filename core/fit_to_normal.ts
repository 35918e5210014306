/** Fitting a method's branches to normal scans, and the plan by which scans are held out of them. @module */
import type { Uni3dadError } from "../errors.ts";
import { OptionsRefused, TooFewScans } from "./errors.ts";
import { fitBranches } from "./fit_branches.ts";
import type { FittedBranches } from "./fitted_model.ts";
import type { HeldOutPlan } from "./held_out.ts";
import type { Method } from "./method.ts";
import type { ModelFolder } from "./model_folder.ts";
import { partSize, type PartSizes, partSizesOf } from "./part_size.ts";
import type { HeldOutListener, ScanSource } from "./plugin.ts";
import { type Run, stage } from "./run.ts";
import { type DigestedScans, digestedScans } from "./digested_scans.ts";
import { type LabelledScan, type NamedScan, scanSource } from "./scan_source.ts";

/** What to fit. */
export interface FitOptions {
  /** What the model will be called in results. */
  readonly name: string;
  /** The method with its options. */
  readonly method: Method;
  /** Normal scans, at least two usable ones. */
  readonly train: readonly NamedScan[];
  /** Normal scans of their own for the calibration; without them, folds of the training scans are held out in turn. */
  readonly heldOut?: readonly NamedScan[];
  /** Scans with known defects for a fuser that asks for them, beside good ones; none of them is fitted to, and none may be tested on. */
  readonly labelled?: readonly LabelledScan[];
  /**
   * Most folds of the cross calibration, 2 and more; 0 fits without one. A method with two branches is calibrated all the same: its fuser
   * needs the held-out scans anyway.
   */
  readonly folds: number;
  /** Networks that the reconstructor takes instead of training its own: what `train` left. */
  readonly trained?: readonly ModelFolder[];
  /** Told of each scan that cannot be used. */
  readonly onRefused: (scan: string, error: Uni3dadError) => void;
}

/**
 * Folds unless told otherwise: each normal scan is scored by a fit to three quarters of the others. A fuser is fitted on as many where
 * none are asked for.
 */
export const DEFAULT_FOLDS = 4;

/** Branches that were fitted to normal scans. Owns GPU memory. */
export interface FittedToNormal extends Disposable {
  /** The branches. */
  readonly whole: FittedBranches;
  /** The scans that they were fitted on, refused ones left out. */
  readonly names: readonly string[];
  /** How scans are held out of them. */
  readonly plan: HeldOutPlan;
  /** How large the parts are. */
  readonly partSizes: PartSizes;
  /** SHA-256 over the scans' points, in their order. */
  readonly fingerprint: string;
}

/** Fits to all scans that can be used. @throws {TooFewScans} @throws {OptionsRefused} for a single fold @throws {RunAborted} */
export async function fitToNormal(
  { method, train: given, heldOut: own = [], folds, trained, onRefused }: FitOptions,
  run: Run,
  listener?: HeldOutListener,
): Promise<FittedToNormal> {
  if (folds === 1) {
    const message = "one fold would leave nothing to fit on: give 0 or 2 and more";
    throw new OptionsRefused("fit", [{ path: "folds", message }]);
  }
  if (trained && !method.reconstructor?.takesTrained) {
    throw new OptionsRefused("fit", [{ path: "trained", message: `${method.name} has no networks to train` }]);
  }
  if (given.length < 2) throw new TooFewScans(given.length, 2, "fit");
  const refused = new Set<string>(), sizes = new Map<string, number>();
  const refuse = (scan: string, error: Uni3dadError) => {
    if (refused.has(scan)) return;
    refused.add(scan);
    onRefused(scan, error);
  };
  const digested = digestedScans(given), train = digested.scans;
  const source = (scans: readonly NamedScan[], task: string) =>
    scanSource({ scans, prepare: method.options.prepare, run, task, onRefused: refuse });
  using owned = new DisposableStack();
  const fitting = { source: (words: string) => measuring(source(train, words), sizes), listener, trained };
  const whole = owned.use(await stage(run, "fit", () => fitBranches(method, fitting, run)));
  const usable = train.filter((scan) => !refused.has(scan.name)), names = usable.map(({ name }) => name);
  if (usable.length < 2) throw new TooFewScans(usable.length, 2, "fit");
  warnOfCopies(names, digested, run);
  const fingerprint = await digested.fingerprint(names), kept = owned.move();
  return {
    whole,
    names,
    plan: {
      whole,
      train: usable,
      own,
      folds: folds || DEFAULT_FOLDS,
      source,
      fit: (scans, task) => fitBranches(method, { source: (words) => source(scans, `${task}${words}`), trained }, run),
    },
    partSizes: partSizesOf([...sizes].flatMap(([scan, size]) => refused.has(scan) ? [] : size)),
    fingerprint,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** Copies see each other when each is left out in turn, so that normal scans seem to differ less than they do. */
function warnOfCopies(names: readonly string[], digested: DigestedScans, { log }: Run): void {
  const copies = digested.copies(names);
  if (copies.length === 0) return;
  const which = copies.slice(0, 3).join(", ") + (copies.length > 3 ? ", …" : "");
  log.warn(
    `${copies.length} of ${names.length} normal scans are copies of others (${which}): they tell nothing of how normal scans differ, thresholds and p-values are not to be relied on`,
  );
}

/** The same scans; a walk notes the size of each part. */
function measuring(source: ScanSource, sizes: Map<string, number>): ScanSource {
  return {
    ...source,
    async *walk() {
      for await (const scan of source.walk()) {
        if (!sizes.has(scan.name)) sizes.set(scan.name, partSize(scan));
        yield scan;
      }
    },
  };
}
