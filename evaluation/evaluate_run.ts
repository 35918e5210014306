/** One category under one method, measured: maps and scores to the evaluate document's run. @module */
import type { Method, StageTimes } from "../core/mod.ts";
import { type Bootstrap, intervalsOf } from "./bootstrap.ts";
import type { EvaluateRun } from "./evaluate_document.ts";
import type { FalseAlarms } from "./false_alarms.ts";
import { auProOf, branchFigures, defectFigures, type ScoredBranch, sizeFigures } from "./group_figures.ts";
import { mapMetrics, scanAuroc, type ScoredMaps } from "./metrics/mod.ts";
import type { NamedScore } from "./scan_histograms.ts";
import type { TrainingSet } from "./training_sets.ts";

/** What was scored, and what it took. */
export interface ScoredCategory {
  readonly category: string;
  readonly method: Method;
  readonly trainScans: number;
  readonly bankRows: number;
  /** At map resolution. */
  readonly maps: ScoredMaps;
  /** At each scan's own resolution. */
  readonly ownMaps: ScoredMaps;
  readonly scans: readonly NamedScore[];
  /** The branches by themselves: the same scans. */
  readonly branches?: { readonly feature: ScoredBranch; readonly missing: ScoredBranch };
  /** How much incomplete scans lack, by their names. */
  readonly sizes?: ReadonlyMap<string, string>;
  /** Wall seconds of the fit, and of each test scan from its bytes to its map. */
  readonly fitSeconds: number;
  readonly scanSeconds: readonly number[];
  /** Wall seconds of the test scans by stage. */
  readonly times: StageTimes;
  readonly peakMemoryBytes: number;
  readonly audit?: unknown;
  /** As the run has it. */
  readonly falseAlarms?: FalseAlarms | null;
  /** Which training set it was, where it is not the category's own. */
  readonly training?: Pick<TrainingSet, "trainScansAsked" | "contaminated">;
  /** Draws of the same scans and maps at map resolution. */
  readonly bootstrap?: Bootstrap;
}

/** Measures what was scored. The maps are walked twice, and twice again for sizes. @throws what {@linkcode mapMetrics} throws */
export async function evaluateRun(scored: ScoredCategory, signal?: AbortSignal): Promise<EvaluateRun> {
  const { method, scans, training, bootstrap, branches, sizes, falseAlarms, audit } = scored;
  const atMap = await mapMetrics(scored.maps, { signal });
  const own = await mapMetrics(scored.ownMaps, { signal });
  const byScan = scanAuroc(scans);
  return {
    category: scored.category,
    method: method.name,
    preset: method.preset,
    options: method.options,
    trainScans: scored.trainScans,
    ...(training?.trainScansAsked === undefined ? {} : { trainScansAsked: training.trainScansAsked }),
    ...(training?.contaminated
      ? { contaminated: training.contaminated.scans, contaminatedShare: training.contaminated.share }
      : {}),
    testScans: scans.length,
    bankRows: scored.bankRows,
    auPro: auProOf(atMap.all),
    pixelAuroc: atMap.all?.pixelAuroc ?? NaN,
    scanAuroc: byScan.all ?? null,
    ...(bootstrap ? { intervals: { rounds: bootstrap.drawn.rounds, ...intervalsOf(bootstrap.all) } } : {}),
    byDefect: defectFigures(atMap.byDefect, scans, bootstrap),
    ...(sizes ? { bySize: await sizeFigures(scored.maps, scans, sizes, signal) } : {}),
    ...(branches
      ? {
        branches: {
          feature: await branchFigures(branches.feature, sizes, signal),
          missing: await branchFigures(branches.missing, sizes, signal),
        },
      }
      : {}),
    ownResolution: { auPro: auProOf(own.all), pixelAuroc: own.all?.pixelAuroc ?? NaN },
    curve: atMap.all?.curve ?? { fpr: [], pro: [] },
    seconds: {
      fit: scored.fitSeconds,
      perScan: { median: quantile(scored.scanSeconds, 0.5), p95: quantile(scored.scanSeconds, 0.95) },
      stages: Object.fromEntries([...scored.times].map(([stage, seconds]) => [stage, quantile(seconds, 0.5)])),
    },
    peakMemoryBytes: scored.peakMemoryBytes,
    ...(falseAlarms === undefined ? {} : { falseAlarms }),
    ...(audit === undefined ? {} : { audit }),
  };
}

/** The q-quantile, nearest rank; 0 of nothing. */
function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
}
