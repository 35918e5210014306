/** `evaluate`: categories of a data set under methods, measured. @module */
import { Uni3dadError } from "../errors.ts";
import { type Method, type Model, prepare, type Run, type Scan, stage, toOwnResolution } from "../core/mod.ts";
import {
  assertDisjoint,
  type AuditedScan,
  auditScores,
  type EvaluateDocument,
  type EvaluateRun,
  evaluateRun,
  nuisancesOf,
  type ScoredScan,
} from "../evaluation/mod.ts";
import { fitDataset, openCategory, type OpenDataset, refusal, type Refused } from "./fit.ts";
import { entryScans, type InputScan } from "./inputs.ts";
import { peakMemory } from "./memory.ts";
import { holdModel } from "./model_handle.ts";
import type { OpenRun } from "./open_run.ts";
import { openSpool, type Spool } from "./spool.ts";

/** What to evaluate. */
export interface EvaluateOptions {
  /** Path of the data set's folder. */
  readonly data: string;
  /** Names of its folders, evaluated one after another. */
  readonly categories: readonly string[];
  /** Each is fitted anew to each category. */
  readonly methods: readonly Method[];
  /** Adds the checks that a score separates defects and not something else. */
  readonly audit: boolean;
}

/** Evaluates each method on each category. A refused scan is named in the document; the rest is evaluated. @throws {OverlappingSets} */
export async function evaluateAll(
  { data, categories, methods, audit }: EvaluateOptions,
  run: OpenRun,
): Promise<EvaluateDocument> {
  const runs: EvaluateRun[] = [], refused: Refused[] = [];
  for (const category of categories) {
    const open = await openCategory(data, category, run);
    const { storage, dataset } = open;
    await assertDisjoint({ label: "train", storage, entries: [...dataset.train, ...dataset.validation] }, {
      label: "test",
      storage,
      entries: dataset.test,
    });
    for (const method of methods) runs.push(await evaluateMethod(open, method, audit, refused, run));
  }
  const { description, software } = run.gpu.adapter;
  return { schema: "uni3dad.evaluate/1", adapter: { description, software }, runs, refused };
}

async function evaluateMethod(
  open: OpenDataset,
  method: Method,
  audit: boolean,
  refused: Refused[],
  run: OpenRun,
): Promise<EvaluateRun> {
  const { storage, dataset } = open;
  const start = performance.now();
  const fitted = await fitDataset(open, method, 0, run);
  refused.push(...fitted.refused);
  using handle = await holdModel(fitted.model, run);
  const fitSeconds = (performance.now() - start) / 1000;
  run.times.clear();
  using maps = await openSpool(), ownMaps = await openSpool();
  const scans: (ScoredScan & AuditedScan)[] = [], scanSeconds: number[] = [];
  const tests = entryScans(storage, dataset.category, dataset.test);
  for (const [index, input] of tests.entries()) {
    try {
      const began = performance.now();
      const scored = await handle.withRetry((model) => scoreInput(model, input, run));
      scanSeconds.push((performance.now() - began) / 1000);
      await keep(input, scored, maps, ownMaps);
      const nuisances = audit ? nuisancesOf(scored.scan, scored.map, scored.frame, scored.pixels) : {};
      scans.push({ defect: input.defect ?? "good", score: scored.map.score, nuisances });
    } catch (error) {
      if (!(error instanceof Uni3dadError) || run.gpu.failure || run.signal.aborted) throw error;
      run.log.warn(error.message);
      refused.push(refusal(input.name, error));
    }
    run.progress("scoring", index + 1, tests.length);
  }
  return await evaluateRun({
    category: dataset.category,
    method,
    trainScans: handle.model.trainNames.length,
    bankRows: Number(handle.model.extractor.facts.bankRows ?? 0),
    maps,
    ownMaps,
    scans,
    fitSeconds,
    scanSeconds,
    times: run.times,
    peakMemoryBytes: peakMemory(run.gpu),
    ...(audit ? { audit: auditScores(scans, run.seed) ?? null } : {}),
  }, run.signal);
}

/** One test scan with what metrics and audit need of it. */
async function scoreInput({ method, extractor }: Model, input: InputScan, run: Run) {
  const scan = await stage(run, "read", () => input.load());
  using prepared = await stage(run, "prepare", () => prepare(scan, method.options.prepare, run));
  const map = await extractor.score(prepared, run);
  const { frame, truth, pixels } = prepared;
  return { scan, map, frame, truth, pixels };
}

type ScoredInput = Awaited<ReturnType<typeof scoreInput>>;

/** Puts the maps where the metrics walk them; a scan without ground truth is in neither. */
async function keep(
  { name, defect = "good" }: InputScan,
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
