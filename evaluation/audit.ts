/**
 * Does the score separate defects, or something else? @module
 *
 * Two checks. Background test: nuisances that say nothing of defects (how many returns a scan has, how large and how far the part is)
 * and the map's background alone are used as scores; their AUROC should be near 0.5, and what they explain of the scan AUROC is taken
 * out by a regression inside the classes. Permutation test: the AUROC of the score under shuffled labels.
 */
import { type MapFrame, randomStream, type Scan, type ScoreMap } from "../core/mod.ts";
import { auroc, GOOD } from "./metrics/mod.ts";

/** One scored scan as the audit sees it. */
export interface AuditedScan {
  readonly defect: string;
  readonly score: number;
  /** Counts and sizes that are no defect, by name. */
  readonly nuisances: Readonly<Record<string, number>>;
}

/** How well a nuisance alone separates good from defective scans. */
export interface NuisanceAudit {
  /** AUROC of the nuisance as a score; near 0.5 is harmless, and so is nothing far from it on either side. */
  readonly auroc: number;
  /** AUROC of the score when what varies with the nuisance inside each class is taken out of it. */
  readonly scanAurocWithout: number;
}

/** The audit of one category. */
export interface Audit {
  readonly scanAuroc: number;
  readonly nuisances: Readonly<Record<string, NuisanceAudit>>;
  /** AUROC under shuffled labels: 95 % lie between `lower` and `upper`; `pValue` is the share at least as high as the true one. */
  readonly permutation: {
    readonly lower: number;
    readonly upper: number;
    readonly pValue: number;
    readonly rounds: number;
  };
  /** Sentences for people; empty when nothing is wrong. */
  readonly findings: readonly string[];
}

const ROUNDS = 2000, MARGIN = 40; // farther than any smoothing of ours reaches

/** What of a scored scan is no defect. `background`: mean score at least 40 map pixels away from every point of the part. */
export function nuisancesOf(scan: Scan, map: ScoreMap, frame: MapFrame, pixels: Uint32Array): Record<string, number> {
  const { size } = frame;
  const nearPart = new Uint8Array(size * size);
  let left = size, right = 0, top = size, bottom = 0;
  for (const pixel of pixels) {
    const row = Math.floor(pixel / size), column = pixel % size;
    [left, right, top, bottom] = [
      Math.min(left, column),
      Math.max(right, column),
      Math.min(top, row),
      Math.max(bottom, row),
    ];
    const from = Math.max(0, column - MARGIN), to = Math.min(size - 1, column + MARGIN) + 1;
    for (let r = Math.max(0, row - MARGIN); r <= Math.min(size - 1, row + MARGIN); r++) {
      nearPart.fill(1, r * size + from, r * size + to);
    }
  }
  let background = 0, places = 0;
  for (let i = 0; i < nearPart.length; i++) {
    if (nearPart[i] === 1) continue;
    background += map.values[i];
    places++;
  }
  let depth = 0, returns = 0;
  for (let i = 0; i < scan.valid.length; i++) {
    if (scan.valid[i] === 0) continue;
    returns++;
    depth += scan.points[3 * i + 2];
  }
  return {
    returns,
    partPoints: pixels.length,
    partSpan: Math.max(0, right - left) * Math.max(0, bottom - top),
    depth: depth / Math.max(1, returns),
    background: places > 0 ? background / places : 0,
  };
}

/** Audits the scores of one category; undefined where good or defective scans are missing. */
export function auditScores(scans: readonly AuditedScan[], seed: number): Audit | undefined {
  const good = scans.filter(({ defect }) => defect === GOOD), bad = scans.filter(({ defect }) => defect !== GOOD);
  const scanAuroc = auroc(bad.map(({ score }) => score), good.map(({ score }) => score));
  if (scanAuroc === undefined) return undefined;
  const permutation = permute(scans.map(({ score }) => score), bad.length, scanAuroc, seed);
  const nuisances: Record<string, NuisanceAudit> = {};
  const findings: string[] = [];
  for (const name of Object.keys(scans[0].nuisances)) {
    const of = ({ nuisances }: AuditedScan) => nuisances[name];
    const alone = auroc(bad.map(of), good.map(of))!;
    const slope = withinSlope([good, bad], of);
    const without = (scan: AuditedScan) => scan.score - slope * of(scan);
    nuisances[name] = { auroc: alone, scanAurocWithout: auroc(bad.map(without), good.map(without))! };
    if (alone > permutation.upper || alone < permutation.lower) {
      findings.push(
        `${name} alone has AUROC ${alone.toFixed(3)}; without it the scan AUROC is ${
          nuisances[name].scanAurocWithout.toFixed(3)
        } instead of ${scanAuroc.toFixed(3)}`,
      );
    }
  }
  if (permutation.pValue > 0.05) {
    findings.push(
      `the scan AUROC ${scanAuroc.toFixed(3)} is not told from chance: shuffled labels reach it in ${
        (100 * permutation.pValue).toFixed(1)
      } % of ${ROUNDS} rounds`,
    );
  }
  return { scanAuroc, nuisances, permutation, findings };
}

/** Slope of the score over a nuisance, from the variation inside the classes alone; 0 where there is none. */
function withinSlope(classes: readonly AuditedScan[][], of: (scan: AuditedScan) => number): number {
  let covariance = 0, variance = 0;
  for (const scans of classes) {
    const meanX = scans.reduce((sum, scan) => sum + of(scan), 0) / scans.length,
      meanY = scans.reduce((sum, { score }) => sum + score, 0) / scans.length;
    for (const scan of scans) {
      covariance += (of(scan) - meanX) * (scan.score - meanY);
      variance += (of(scan) - meanX) ** 2;
    }
  }
  return variance > 0 ? covariance / variance : 0;
}

function permute(scores: number[], positives: number, truth: number, seed: number): Audit["permutation"] {
  const random = randomStream(seed, "audit/permutation");
  const shuffled = scores.slice();
  const values = Float64Array.from({ length: ROUNDS }, () => {
    random.shuffle(shuffled);
    return auroc(shuffled.slice(0, positives), shuffled.slice(positives))!;
  }).sort();
  const reached = values.filter((value) => value >= truth).length;
  return {
    lower: values[Math.floor(0.025 * ROUNDS)],
    upper: values[Math.ceil(0.975 * ROUNDS) - 1],
    pValue: (1 + reached) / (1 + ROUNDS),
    rounds: ROUNDS,
  };
}
