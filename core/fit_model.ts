/** Fitting a method to normal scans. @module */
import type { Uni3dadError } from "../errors.ts";
import { digestOf } from "./digest.ts";
import { OptionsRefused, TooFewScans } from "./errors.ts";
import { fitBranches } from "./fit_branches.ts";
import type { FittedBranches, Model, ModelCalibration } from "./fitted_model.ts";
import { fitFuser, fusedScores, heldOutMaps } from "./fuse_held_out.ts";
import { calibrationOf, type HeldOutPlan, judgeHeldOut, LEAST_HELD_OUT } from "./held_out.ts";
import type { Method } from "./method.ts";
import { partSize, partSizesOf } from "./part_size.ts";
import type { FittedFuser, HeldOutScore, ScanSource } from "./plugin.ts";
import type { ScoreMap } from "./prepared.ts";
import { type Run, stage } from "./run.ts";
import { type NamedScan, scanSource } from "./scan_source.ts";
import { scorePrepared } from "./score.ts";
import { suspectNotes, suspectScans } from "./suspects.ts";

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
  /** Most folds of the cross calibration, 2 and more; 0 fits without one. */
  readonly folds: number;
  /** Told of each scan that cannot be used. */
  readonly onRefused: (scan: string, error: Uni3dadError) => void;
}

/**
 * Folds unless told otherwise: each normal scan is scored by a fit to three quarters of the others. A fuser is fitted on as many where
 * there is no calibration, so that it is the same with one.
 */
export const DEFAULT_FOLDS = 4;

/**
 * Fits a method. The threshold is data of the model: the scores of normal scans that the bank has not seen. A fuser learns from maps of
 * normal scans that neither branch has seen.
 * @throws {TooFewScans} @throws {OptionsRefused} for a single fold @throws {MemoryBudgetExceeded} @throws {RunAborted}
 */
export async function fitModel(options: FitOptions, run: Run): Promise<Model> {
  const { method, name, folds, heldOut: own = [], onRefused } = options;
  if (folds === 1) {
    throw new OptionsRefused("fit", [{
      path: "folds",
      message: "one fold would leave nothing to fit on: give 0 or 2 and more",
    }]);
  }
  if (options.train.length < 2) throw new TooFewScans(options.train.length, 2, "fit");
  const digests = new Map<string, string>(), refused = new Set<string>(), sizes = new Map<string, number>();
  const refuse = (scan: string, error: Uni3dadError) => {
    if (refused.has(scan)) return;
    refused.add(scan);
    onRefused(scan, error);
  };
  const train = options.train.map((scan) => withDigest(scan, digests));
  const source = (scans: readonly NamedScan[], task: string) =>
    scanSource({ scans, prepare: method.options.prepare, run, task, onRefused: refuse });
  const known = new Map<string, ScoreMap>();
  const onHeldOut = method.fuser && own.length < LEAST_HELD_OUT
    ? (scan: string, map: ScoreMap) => void known.set(scan, map)
    : undefined;
  using owned = new DisposableStack();
  const whole = owned.use(
    await stage(
      run,
      "fit",
      () => fitBranches(method, { source: (words) => measuring(source(train, words), sizes), onHeldOut }, run),
    ),
  );
  const usable = train.filter((scan) => !refused.has(scan.name));
  if (usable.length < 2) throw new TooFewScans(usable.length, 2, "fit");
  warnOfCopies(usable.map((scan) => scan.name), digests, run);
  const plan: HeldOutPlan = {
    whole,
    train: usable,
    own,
    folds: folds || DEFAULT_FOLDS,
    source,
    fit: (scans, task) => fitBranches(method, { source: (words) => source(scans, `${task}${words}`) }, run),
  };
  const { fuser, calibration } = await stage(
    run,
    "calibrate",
    () => method.fuser ? fuseAndCalibrate(method, plan, known, folds > 0, run) : calibrate(plan, folds > 0, run),
  );
  if (fuser) owned.use(fuser);
  const heldOut = heldOutTraining(whole, fuser, calibration, new Set(usable.map((scan) => scan.name)));
  for (const note of suspectNotes(heldOut)) run.log.warn(note);
  const fingerprint = await digestOf(new TextEncoder().encode(usable.map((scan) => digests.get(scan.name)).join("\n")));
  const { extractor, registry, reconstruction } = whole, kept = owned.move();
  return {
    name,
    method,
    extractor,
    registry,
    reconstruction,
    fuser,
    calibration,
    partSizes: partSizesOf([...sizes].flatMap(([scan, size]) => refused.has(scan) ? [] : size)),
    trainNames: usable.map((scan) => scan.name),
    suspects: suspectScans(heldOut),
    fingerprint,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** What calibrates a model, and joins its branches where it has two. */
interface Calibrated {
  readonly fuser?: FittedFuser;
  readonly calibration?: ModelCalibration;
}

/** Of a method with one branch. */
async function calibrate(plan: HeldOutPlan, wanted: boolean, run: Run): Promise<Calibrated> {
  if (!wanted) return {};
  const { heldOut } = plan.whole.extractor;
  const scores = await judgeHeldOut<HeldOutScore>(plan, {
    judge: async (by, scan) => {
      const { map: { score, values }, cost } = await scorePrepared(by, scan, run);
      return { name: scan.name, score, cost, peak: values.reduce((most, value) => Math.max(most, value), 0) };
    },
    leftOut: heldOut && (() => Promise.resolve(heldOut)),
    onRefused: (scan, error, from) => from.refuse(scan, error),
  }, run);
  return { calibration: calibrationOf(scores) };
}

/** Of a method with two: the fuser learns, and is calibrated, by the same held-out scans. */
async function fuseAndCalibrate(
  method: Method,
  plan: HeldOutPlan,
  known: ReadonlyMap<string, ScoreMap>,
  wanted: boolean,
  run: Run,
): Promise<Calibrated> {
  const maps = await heldOutMaps(plan, known, run);
  using owned = new DisposableStack();
  const fuser = owned.use(await fitFuser(method, maps, run));
  const calibration = wanted ? calibrationOf(await fusedScores(fuser, maps, run)) : undefined;
  owned.move();
  return { fuser, calibration };
}

/** Copies see each other when each is left out in turn, so that normal scans seem to differ less than they do. */
function warnOfCopies(names: readonly string[], digests: ReadonlyMap<string, string>, { log }: Run): void {
  const first = new Map<string, string>(), copies: string[] = [];
  for (const name of names) {
    const digest = digests.get(name)!, original = first.get(digest);
    if (original === undefined) first.set(digest, name);
    else copies.push(`${name} of ${original}`);
  }
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

/**
 * What training scans score by others: by the fused map where there is one that was calibrated, else as the extractor found on its way,
 * else as the folds did; nothing where none did.
 */
function heldOutTraining(
  { extractor }: FittedBranches,
  fuser: FittedFuser | undefined,
  calibration: ModelCalibration | undefined,
  train: ReadonlySet<string>,
): readonly Pick<HeldOutScore, "name" | "score">[] {
  const scored = calibration?.scan.names.map((name, i) => ({ name, score: calibration.scan.scores[i] }));
  const all = (fuser && scored) ?? extractor.heldOut ?? scored ?? [];
  return all.filter(({ name }) => train.has(name));
}

function withDigest(scan: NamedScan, digests: Map<string, string>): NamedScan {
  return {
    name: scan.name,
    load: async () => {
      const loaded = await scan.load();
      const { points } = loaded;
      if (!digests.has(scan.name)) {
        digests.set(
          scan.name,
          await digestOf(new Uint8Array(points.buffer as ArrayBuffer, points.byteOffset, points.byteLength)),
        );
      }
      return loaded;
    },
  };
}
