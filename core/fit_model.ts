/** Fitting a method to normal scans. @module */
import type { FittedBranches, Model, ModelCalibration } from "./fitted_model.ts";
import { type FitOptions, fitToNormal } from "./fit_to_normal.ts";
import { fitUnfused } from "./fit_unfused.ts";
import { fitFuser, fusedScores } from "./fuse_held_out.ts";
import { calibrationOf, type HeldOutPlan, judgeHeldOut } from "./held_out.ts";
import type { FittedFuser, HeldOutScore } from "./plugin.ts";
import { type Run, stage } from "./run.ts";
import { scorePrepared } from "./score.ts";
import { suspectNotes, suspectScans } from "./suspects.ts";

/**
 * Fits a method. The threshold is data of the model: the scores of normal scans that the bank has not seen. A fuser learns from maps of
 * normal scans that neither branch has seen.
 * @throws {TooFewScans} @throws {OptionsRefused} for a single fold @throws {MemoryBudgetExceeded} @throws {RunAborted}
 */
export async function fitModel(options: FitOptions, run: Run): Promise<Model> {
  const { method, name, folds } = options;
  const parts = method.fuser ? await fitBoth(options, run) : await fitOne(options, folds > 0, run);
  using owned = new DisposableStack();
  owned.use(parts);
  const { branches: { extractor, registry, reconstruction }, fuser, calibration, trainNames } = parts;
  const heldOut = heldOutTraining(parts.branches, fuser, calibration, new Set(trainNames));
  for (const note of suspectNotes(heldOut)) run.log.warn(note);
  const { partSizes, fingerprint } = parts, suspects = suspectScans(heldOut), kept = owned.move();
  return {
    name,
    method,
    extractor,
    registry,
    reconstruction,
    fuser,
    calibration,
    partSizes,
    trainNames,
    suspects,
    fingerprint,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** What a fit finds. Owns GPU memory. */
interface ModelParts
  extends Pick<Model, "fuser" | "calibration" | "trainNames" | "partSizes" | "fingerprint">, Disposable {
  readonly branches: FittedBranches;
}

/** Of a method with one branch. */
async function fitOne(options: FitOptions, calibrated: boolean, run: Run): Promise<ModelParts> {
  using owned = new DisposableStack();
  const { whole: branches, names: trainNames, plan, partSizes, fingerprint } = owned.use(
    await fitToNormal(options, run),
  );
  const calibration = calibrated ? await stage(run, "calibrate", () => calibrate(plan, run)) : undefined;
  const kept = owned.move();
  return { branches, calibration, trainNames, partSizes, fingerprint, [Symbol.dispose]: () => kept.dispose() };
}

async function calibrate(plan: HeldOutPlan, run: Run): Promise<ModelCalibration> {
  const { heldOut } = plan.whole.extractor;
  const scores = await judgeHeldOut<HeldOutScore>(plan, {
    judge: async (by, scan) => {
      const { map: { score, values }, cost } = await scorePrepared(by, scan, run);
      return { name: scan.name, score, cost, peak: values.reduce((most, value) => Math.max(most, value), 0) };
    },
    leftOut: heldOut && (() => Promise.resolve(heldOut)),
    onRefused: (scan, error, from) => from.refuse(scan, error),
  }, run);
  return calibrationOf(scores);
}

/** Of a method with two: the fuser learns, and is calibrated, by the same held-out scans. */
async function fitBoth(options: FitOptions, run: Run): Promise<ModelParts> {
  const { method } = options, asked = method.fuser!.examples?.(method.options.fuser!);
  using owned = new DisposableStack();
  const unfused = owned.use(await fitUnfused({ ...options, examples: new Set(asked ? [asked] : []) }, run));
  const fuser = owned.use(await fitFuser(method, unfused, run));
  const calibration = calibrationOf(await fusedScores(fuser, unfused.heldOut, run));
  const { branches, trainNames, partSizes, fingerprint } = unfused, kept = owned.move();
  return { branches, fuser, calibration, trainNames, partSizes, fingerprint, [Symbol.dispose]: () => kept.dispose() };
}

/**
 * What training scans score by others: by the fused map where there is one, else as the extractor found on its way, else as the folds
 * did; nothing where none did.
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
