/** `detect`: scans to decisions, pictures, maps, clouds and a report in an output folder. @module */
import { Uni3dadError } from "../errors.ts";
import {
  type DecisionOptions,
  type DetectDocument,
  type Detected,
  type Model,
  type Run,
  type Scan,
  type ScanFound,
  stage,
} from "../core/mod.ts";
import { type EvaluateRun, evaluateRun, GOOD, type NamedScore } from "../evaluation/mod.ts";
import { type ColourScale, detectCsv, reportHtml, type ReportScan, reportScan } from "../report/mod.ts";
import { provideFolder, removeFile, writeWhole } from "./disk.ts";
import { refusal, type Refused } from "./fit.ts";
import type { InputScan } from "./inputs.ts";
import { documentOf, factsOf, type JudgedScan, judgeScan, scaleOf, scanRenderings } from "./judged_scan.ts";
import { peakMemory } from "./memory.ts";
import type { ModelHandle } from "./model_handle.ts";
import type { OpenRun } from "./open_run.ts";
import { openSpool, type Spool } from "./spool.ts";

/** What to detect, and where the results go. */
export interface DetectOptions {
  /** In the order of the results. */
  readonly scans: readonly InputScan[];
  /** Path of the output folder; it is made where it is missing. */
  readonly out: string;
  /** False-alarm rate or threshold. */
  readonly decision: DecisionOptions;
  /** Inputs that were refused before, such as training scans. */
  readonly refused?: readonly Refused[];
  /** Seconds that the fit took, where this run fitted. */
  readonly fitSeconds?: number;
}

/** What was found; `evaluate` where the scans have ground truth with defects in it. */
export interface DetectOutcome {
  /** What `results.json` says. */
  readonly document: DetectDocument;
  /** How well the scores tell defects from the rest. */
  readonly evaluate?: EvaluateRun;
}

/** Scans beyond this have a picture that can't be asked why its places are marked: that takes up to 150 kB a scan. */
const MOST_EXPLAINED = 60;

/** Scans beyond this are in tables and files, but have no picture in the report, which would not open any more. */
const MOST_PICTURES = 200;

/**
 * Scores every scan and writes, each file whole: `maps/PLACE.tiff`, `pictures/PLACE.png`, `clouds/PLACE.ply`, then `results.json`,
 * `results.csv`, `report.html`. A refused scan is named in the document, the rest is done. @throws {OutputUnwritable} @throws {RunAborted}
 */
export async function detectInto(handle: ModelHandle, options: DetectOptions, run: OpenRun): Promise<DetectOutcome> {
  const { out, scans, decision } = options;
  await provideFolder(out);
  await removeResults(out);
  const scale = scaleOf(handle.model, decision);
  const results: DetectDocument["scans"][number][] = [], pictures: ReportScan[] = [];
  using maps = await openSpool(), ownMaps = await openSpool();
  const truths: NamedScore[] = [], seconds: number[] = [];
  run.times.clear();
  for (const [index, input] of scans.entries()) {
    const start = performance.now();
    try {
      const asked = { ...decision, explain: pictures.length < MOST_EXPLAINED };
      const judged = await handle.withRetry((model) => judgeScan(model, () => input.load(), asked, run));
      const { scan, detected, branches } = judged, elapsed = (performance.now() - start) / 1000;
      const files = await stage(run, "write", () => writeScan(out, input, judged, handle.model, scale));
      const found: ScanFound = {
        input: input.name,
        ...detected.result,
        files,
        seconds: elapsed,
        ...(input.defect === undefined ? {} : { truth: input.defect }),
      };
      results.push(found);
      if (found.notes.length > 0) run.log.warn(`"${input.name}": ${found.notes.join("; ")}`);
      seconds.push(elapsed);
      if (pictures.length < MOST_PICTURES) {
        const { scores, mapThreshold, scored: { explanation, frame, map } } = detected;
        const explained = explanation && { explanation, frame };
        const fused = handle.model.fuser?.plane && map;
        pictures.push(reportScan({ found, scan, scores, scale, mapThreshold, explained, branches, fused }));
      }
      await spool(input, scan, detected, maps, ownMaps);
      if (input.defect !== undefined) truths.push({ name: input.name, defect: input.defect, score: found.score });
    } catch (error) {
      if (!(error instanceof Uni3dadError) || !isOfScan(error) || run.gpu.failure) throw error;
      run.log.warn(error.message);
      results.push(refusal(input.name, error));
    }
    run.progress("detecting", index + 1, scans.length);
  }
  const document = documentOf(handle.model, run, [...(options.refused ?? []), ...results]);
  const evaluate = truths.some(({ defect }) => defect !== GOOD) && maps.count > 0
    ? await evaluateRun({
      category: handle.model.name,
      method: handle.model.method,
      trainScans: handle.model.trainNames.length,
      bankRows: Number(handle.model.extractor.facts.bankRows ?? 0),
      maps,
      ownMaps,
      scans: truths,
      fitSeconds: options.fitSeconds ?? 0,
      scanSeconds: seconds,
      times: run.times,
      peakMemoryBytes: peakMemory(run.gpu),
    }, run.signal)
    : undefined;
  await writeResults(out, document, evaluate, pictures, scale, handle.model, run);
  return { document, evaluate };
}

/** An earlier run's results must not stand beside this run's maps if it is interrupted. */
async function removeResults(out: string): Promise<void> {
  for (const name of ["results.json", "results.csv", "report.html"]) await removeFile(`${out}/${name}`);
}

/** Whether an error concerns one scan alone, so that the batch goes on. */
const isOfScan = ({ code }: Uni3dadError) =>
  !["run-aborted", "output-unwritable", "device-lost", "gpu-out-of-memory", "shader-error", "shape-mismatch"].includes(
    code,
  );

async function writeScan(
  out: string,
  { place }: InputScan,
  judged: JudgedScan,
  model: Model,
  scale: ColourScale,
): Promise<ScanFound["files"]> {
  const files = { map: `maps/${place}.tiff`, picture: `pictures/${place}.png`, cloud: `clouds/${place}.ply` };
  const renderings = scanRenderings(judged, factsOf(model), scale);
  await writeWhole(`${out}/${files.map}`, renderings.map());
  await writeWhole(`${out}/${files.picture}`, renderings.picture());
  await writeWhole(`${out}/${files.cloud}`, renderings.cloud());
  return files;
}

async function spool(
  { name, defect = GOOD }: InputScan,
  scan: Scan,
  { scored, scores }: Detected,
  maps: Spool,
  ownMaps: Spool,
): Promise<void> {
  const { map, truth } = scored;
  if (!truth || !scan.truth) return;
  await maps.add({ name, defect, width: map.size, height: map.size, scores: map.values, truth });
  await ownMaps.add({ name, defect, width: scan.width, height: scan.height, scores, truth: scan.truth.values });
}

async function writeResults(
  out: string,
  document: DetectDocument,
  evaluate: EvaluateRun | undefined,
  scans: readonly ReportScan[],
  scale: ColourScale,
  model: Model,
  run: Run,
): Promise<void> {
  run.progress("writing the report", 0, 1);
  const text = (value: string) => new TextEncoder().encode(value);
  await writeWhole(
    `${out}/results.json`,
    text(JSON.stringify(evaluate ? { ...document, evaluate } : document, null, 2) + "\n"),
  );
  await writeWhole(`${out}/results.csv`, text(detectCsv(document)));
  const { default: plotly } = await import("plotly", { with: { type: "text" } });
  const html = reportHtml({
    detect: document,
    evaluate,
    scans,
    scale,
    calibration: model.calibration?.scan,
    plane: model.fuser?.plane,
    seed: run.seed,
    plotly,
  });
  await writeWhole(`${out}/report.html`, text(html));
  run.progress("writing the report", 1, 1);
}
