/** `evaluate`: categories of a data set under methods, measured. @module */
import { Uni3dadError } from "../errors.ts";
import {
  decide,
  DEFAULT_FOLDS,
  type Method,
  type Model,
  modelFacts,
  OptionsRefused,
  poseIn,
  prepare,
  type Run,
  type Scan,
  scorePrepared,
  stage,
  thresholdOf,
  toOwnResolution,
} from "../core/mod.ts";
import {
  assertDisjoint,
  type AuditedScan,
  auditScores,
  type Bootstrap,
  bootstrap,
  compareRuns,
  type Dataset,
  type EvaluateDocument,
  type EvaluateRun,
  evaluateRun,
  falseAlarmsOf,
  GOOD,
  type JudgedDefective,
  type JudgedGood,
  type NamedScore,
  nuisancesOf,
  type RunDifference,
  runName,
  scanHistograms,
  type TrainingSet,
  trainingSets,
} from "../evaluation/mod.ts";
import { fitDataset, openCategory, type OpenDataset, refusal, type Refused } from "./fit.ts";
import { entryScans, type InputScan } from "./inputs.ts";
import { peakMemory } from "./memory.ts";
import { holdModel } from "./model_handle.ts";
import type { OpenRun } from "./open_run.ts";
import { openBranchSpools } from "./branch_spools.ts";
import { openSpool, type Spool } from "./spool.ts";
import { trainedFor } from "./trained_networks.ts";

/** What to evaluate. */
export interface EvaluateOptions {
  /** Path of the data set's folder. */
  readonly data: string;
  /** Names of its folders, evaluated one after another. */
  readonly categories: readonly string[];
  /** Each is fitted anew to each training set of each category. */
  readonly methods: readonly Method[];
  /** Adds the checks that a score separates defects and not something else. */
  readonly audit: boolean;
  /** Rounds of the bootstrap over test scans, for intervals and differences; 0 or absent: none. */
  readonly bootstrap?: number;
  /** Sizes of training sets, one run each; all training scans in one run where there is none. */
  readonly trainScans?: readonly number[];
  /** Shares of the training scans that defective test scans take the place of, one run each. */
  readonly contaminate?: readonly number[];
  /** Adds stated against seen false-alarm rates: the models are fitted with their calibration. */
  readonly falseAlarms?: boolean;
  /** Folder with networks that `train` left, for methods that train some. */
  readonly trained?: string;
  /** Adds the figures of each branch by itself; all methods need two. */
  readonly branches?: boolean;
}

/**
 * Evaluates each method on each category. A refused scan is named in the document; the rest is evaluated.
 * @throws {OverlappingSets} @throws {TooFewScans} for a training set larger than the category's
 * @throws {OptionsRefused} where a contaminated one leaves no defective scan to test with, and for branches of a method that has one
 */
export async function evaluateAll(options: EvaluateOptions, run: OpenRun): Promise<EvaluateDocument> {
  const { data, categories, methods } = options;
  const single = options.branches ? methods.find(({ fuser }) => !fuser) : undefined;
  if (single) {
    const message = `${single.name} has one branch: give EXTRACTOR+RECONSTRUCTOR/FUSER`;
    throw new OptionsRefused("evaluate", [{ path: "branches", message }]);
  }
  const runs: EvaluateRun[] = [], differences: RunDifference[] = [], refused: Refused[] = [];
  for (const category of categories) {
    const open = await openCategory(data, category, run);
    const fits = await disjointFits(open, options, run);
    const compared: { readonly at: number; readonly drawn: Bootstrap }[] = []; // the category's first run, and its last
    for (const method of methods) {
      for (const fit of fits) {
        const { evaluated, drawn } = await evaluateMethod(fit, method, options, refused, run);
        const at = runs.push(evaluated) - 1, to = runName(evaluated);
        if (!drawn) continue;
        for (const other of compared) {
          const between = { category: evaluated.category, from: runName(runs[other.at]), to };
          differences.push({ ...between, runs: [other.at, at], ...compareRuns(other.drawn, drawn) });
        }
        compared.splice(1, 1, { at, drawn });
      }
    }
  }
  const { description, software } = run.gpu.adapter;
  const adapter = { description, software };
  return { schema: "uni3dad.evaluate/1", adapter, runs, ...(options.bootstrap ? { differences } : {}), refused };
}

/** One training set of a category with the scans that judge it. */
interface Fit extends OpenDataset {
  readonly set: TrainingSet;
}

/** The training sets that are asked for. Nothing that any of them is fitted on or calibrated by is in the test set. @throws {OverlappingSets} */
async function disjointFits(
  { storage, dataset, sizes }: OpenDataset,
  { trainScans, contaminate }: EvaluateOptions,
  run: Run,
): Promise<Fit[]> {
  const { train, validation } = dataset;
  const check = (learned: Dataset["train"], test: Dataset["test"]) =>
    assertDisjoint({ label: "train", storage, entries: learned }, { label: "test", storage, entries: test });
  await check([...train, ...validation], dataset.test);
  const { sets, test, leftOut } = trainingSets(dataset, { trainScans, contaminate, seed: run.seed });
  if (leftOut.length > 0) await check([...train, ...validation, ...leftOut], test);
  return sets.map((set) => {
    // who has few scans has none to hold out either, so that a small set is calibrated by folds of its own
    const heldOut = set.trainScansAsked === undefined ? validation : [];
    return { storage, sizes, set, dataset: { ...dataset, train: set.train, validation: heldOut, test } };
  });
}

/** A run of the document, and the draws of its test scans where the bootstrap is asked for. */
async function evaluateMethod(
  open: Fit,
  method: Method,
  { audit, bootstrap: rounds = 0, falseAlarms = false, branches: apart = false, trained }: EvaluateOptions,
  refused: Refused[],
  run: OpenRun,
): Promise<{ evaluated: EvaluateRun; drawn: Bootstrap | undefined }> {
  const { storage, dataset: { category, test }, set, sizes } = open, { signal, seed } = run;
  const start = performance.now();
  const networks = await trainedFor(method, trained, category);
  const fitted = await fitDataset(open, method, falseAlarms ? DEFAULT_FOLDS : 0, run, networks);
  refused.push(...fitted.refused);
  using handle = await holdModel(fitted.model, run);
  const fitSeconds = (performance.now() - start) / 1000;
  run.times.clear();
  using maps = await openSpool(), ownMaps = await openSpool();
  using branches = apart ? await openBranchSpools() : undefined;
  const scans: (NamedScore & AuditedScan)[] = [], scanSeconds: number[] = [];
  const goodScans: JudgedGood[] = [], defectiveScans: JudgedDefective[] = [];
  const tests = entryScans(storage, category, test);
  for (const [index, input] of tests.entries()) {
    try {
      const began = performance.now();
      const scored = await handle.withRetry((model) => scoreInput(model, input, run));
      scanSeconds.push((performance.now() - began) / 1000);
      await keep(input, scored, maps, ownMaps);
      await branches?.add(input, scored);
      const nuisances = audit ? nuisancesOf(scored.scan, scored.map, scored.frame, scored.pixels) : {};
      const { name, defect = GOOD } = input, judged = judgedBy(handle.model, scored);
      scans.push({ name, defect, score: scored.map.score, nuisances });
      if (judged) defect === GOOD ? goodScans.push(judged) : defectiveScans.push({ defect, ...judged });
    } catch (error) {
      if (!(error instanceof Uni3dadError) || run.gpu.failure || signal.aborted) throw error;
      run.log.warn(error.message);
      refused.push(refusal(input.name, error));
    }
    run.progress("scoring", index + 1, tests.length);
  }
  const { trainNames, calibration } = handle.model;
  const peakMemoryBytes = peakMemory(run.gpu); // before the bootstrap, which is no part of the method
  const drawn = rounds === 0
    ? undefined
    : bootstrap(await scanHistograms(maps, scans, { signal }), { rounds, seed, stream: category });
  const evaluated = await evaluateRun({
    category,
    method,
    trainScans: trainNames.length,
    training: {
      ...set,
      contaminated: set.contaminated && { ...set.contaminated, scans: defectiveOf(set, trainNames) },
    },
    bankRows: Number(modelFacts(handle.model).bankRows ?? 0),
    maps,
    ownMaps,
    scans,
    branches,
    sizes,
    fitSeconds,
    scanSeconds,
    times: run.times,
    peakMemoryBytes,
    bootstrap: drawn,
    ...(falseAlarms
      ? { falseAlarms: falseAlarmsOf(goodScans, calibration?.scan.scores.length ?? 0, defectiveScans) ?? null }
      : {}),
    ...(audit ? { audit: auditScores(scans, seed) ?? null } : {}),
  }, signal);
  return { evaluated, drawn };
}

/** How many defective scans a model was fitted on: those of its training set that were not refused. */
function defectiveOf({ train }: TrainingSet, trainNames: readonly string[]): number {
  const used = new Set(trainNames);
  return train.filter(({ name, defect }) => defect !== GOOD && used.has(name)).length;
}

/**
 * How rare the model calls a score like this among normal scans, and how much it marks; undefined where it was fitted without calibration.
 * A scan that no normal shape fits is an alarm whatever it scores, as `detect` has it.
 */
function judgedBy(model: Model, { map, pixels, cost }: ScoredInput): JudgedGood | undefined {
  const { calibration } = model;
  if (!calibration) return undefined;
  const strange = model.reconstruction !== undefined && poseIn(model, cost).pose?.fits === false;
  const threshold = thresholdOf(calibration.peak, {});
  const marked = threshold === null
    ? null
    : map.values.reduce((count, value) => count + (value > threshold ? 1 : 0), 0);
  return {
    pValue: strange ? 0 : decide(calibration.scan, {}, map.score).pValue,
    flagged: marked === null ? null : marked / pixels.length,
  };
}

/** One test scan with what metrics and audit need of it. */
async function scoreInput(model: Model, input: InputScan, run: Run) {
  const scan = await stage(run, "read", () => input.load());
  using prepared = await stage(run, "prepare", () => prepare(scan, model.method.options.prepare, run));
  const { map, cost, branches } = await scorePrepared(model, prepared, run);
  const { frame, truth, pixels } = prepared;
  return { scan, map, cost, branches, frame, truth, pixels };
}

type ScoredInput = Awaited<ReturnType<typeof scoreInput>>;

/** Puts the maps where the metrics walk them; a scan without ground truth is in neither. */
async function keep(
  { name, defect = GOOD }: InputScan,
  { scan, map, frame, truth }: ScoredInput,
  maps: Spool,
  ownMaps: Spool,
): Promise<void> {
  const own = truthOf(scan);
  if (!truth || !own) return;
  await maps.add({ name, defect, width: map.size, height: map.size, scores: map.values, truth });
  await ownMaps.add({
    name,
    defect,
    width: scan.width,
    height: scan.height,
    scores: toOwnResolution(map.values, frame),
    truth: own,
  });
}

const truthOf = (scan: Scan) => scan.truth?.values;
