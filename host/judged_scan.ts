/** One scan with its decision, as the verb and the server both make it and show it. @module */
import {
  type DecisionOptions,
  type DetectDocument,
  type Detected,
  detectScan,
  type Model,
  type ModelFacts,
  modelFacts,
  reachableAlpha,
  type Run,
  type Scan,
  type ScoreOptions,
  stage,
  thresholdOf,
  VERSION,
} from "../core/mod.ts";
import {
  type ColourScale,
  colourScale,
  heatMapPng,
  type ScanBranches,
  scoredCloud,
  scoreMapTiff,
} from "../report/mod.ts";
import { branchesToReport, cloudBranches } from "./report_branches.ts";

/** What pictures and files of a scan are made from: plain data, which can be sent to another thread. */
export interface ScanToRender {
  /** The scan as it was read. */
  readonly scan: Scan;
  /** What was decided, and where. */
  readonly detected: Pick<Detected, "scores" | "labels" | "mapThreshold" | "result">;
  /** Both branches; where the method has two. */
  readonly branches?: ScanBranches;
}

/** A scan with its decision. */
export interface JudgedScan extends ScanToRender {
  /** The decision with all maps that it comes from. */
  readonly detected: Detected;
}

/** A scan's results as files, each made when it is asked for. */
export interface ScanRenderings {
  /** Scores at the scan's own resolution, a float TIFF. */
  map(): Uint8Array;
  /** The heat map over the shaded scan, a PNG. */
  picture(): Uint8Array;
  /** The scan's points with their scores, a PLY. */
  cloud(): Uint8Array;
}

/** Reads a scan and decides on it. @throws {ScanRefused} @throws {RunAborted} and what `load` throws */
export async function judgeScan(
  model: Model,
  load: () => Promise<Scan>,
  options: DecisionOptions & ScoreOptions,
  run: Run,
): Promise<JudgedScan> {
  const scan = await stage(run, "read", load);
  const detected = await detectScan(model, scan, options, run);
  return { scan, detected, branches: branchesToReport(scan, detected) };
}

/** What can be written of a judged scan; `facts` of the model that judged it. */
export function scanRenderings(
  { scan, detected, branches }: ScanToRender,
  facts: ModelFacts,
  scale: ColourScale,
): ScanRenderings {
  const { width, height } = scan, { scores, labels, mapThreshold, result } = detected;
  const comments = [
    "unit metre",
    `uni3dad ${VERSION}, model ${facts.name} ${facts.fingerprint.slice(0, 12)}, method ${facts.method} ${facts.preset}`,
    `score ${result.score}, threshold ${
      result.threshold ?? "none"
    } (${result.thresholdOrigin}), decision ${result.decision}`,
  ];
  return {
    map: () => scoreMapTiff({ width, height, scores }),
    picture: () => {
      const missing = branches?.part.regionAt;
      return heatMapPng({ scan, scores, scale, threshold: mapThreshold, truth: scan.truth, missing });
    },
    cloud: () => scoredCloud({ scan, scores, labels, comments, branches: branches && cloudBranches(branches) }),
  };
}

/** One scale for all scans of a model: up to twice the threshold, else up to twice the largest normal peak. */
export function scaleOf(model: Model, decision: DecisionOptions): ColourScale {
  const threshold = decision.threshold ?? thresholdOf(model.calibration?.peak, decision);
  const peaks = model.calibration?.peak.scores ?? [];
  const max = 2 * (threshold ?? Math.max(...peaks, 0));
  return colourScale({ max: max > 0 ? max : 1, threshold });
}

/** The document of these scans, which `model` scored on the run's adapter. */
export function documentOf(model: Model, { gpu }: Run, scans: DetectDocument["scans"]): DetectDocument {
  const { description, software } = gpu.adapter;
  return { schema: "uni3dad.detect/1", adapter: { description, software }, model: factsOf(model), scans };
}

/** What documents say of a model. */
export function factsOf(model: Model): ModelFacts {
  const { name, method, trainNames, suspects, fingerprint, calibration } = model;
  return {
    name,
    method: method.name,
    preset: method.preset,
    version: VERSION,
    trainScans: trainNames.length,
    suspects,
    fingerprint,
    facts: modelFacts(model),
    calibration: calibration
      ? {
        kind: calibration.scan.kind,
        scans: calibration.scan.scores.length,
        reachableAlpha: reachableAlpha(calibration.scan.scores.length),
      }
      : null,
  };
}
