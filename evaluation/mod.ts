/** The researcher's bench: data sets, metrics, the evaluate document. @module */
export { type Audit, type AuditedScan, auditScores, type NuisanceAudit, nuisancesOf } from "./audit.ts";
export {
  type Bootstrap,
  bootstrap,
  BOOTSTRAP_LIMITS,
  BOOTSTRAP_ROUNDS,
  type DrawOptions,
  type Interval,
  type Intervals,
  intervalsOf,
  percentiles,
  type Resampled,
  type ResampledFigures,
} from "./bootstrap.ts";
export { compareRuns, type Difference, differenceOf, type Differences } from "./comparison.ts";
export * from "./dataset/mod.ts";
export { LimitRefused, MapRefused, MapsChanged, ScoreRefused } from "./errors.ts";
export {
  type AuPro,
  type BranchFigures,
  type DefectMetrics,
  type EvaluateDocument,
  type EvaluateRun,
  type RunDifference,
  type RunIntervals,
  runName,
} from "./evaluate_document.ts";
export { evaluateRun, type ScoredCategory } from "./evaluate_run.ts";
export {
  type FalseAlarmRate,
  type FalseAlarms,
  falseAlarmsOf,
  type FoundShare,
  type JudgedDefective,
  type JudgedGood,
  STATED_RATES,
} from "./false_alarms.ts";
export type { ScoredBranch } from "./group_figures.ts";
export * from "./metrics/mod.ts";
export * from "./published/mod.ts";
export { type NamedScore, type ScanHistogram, type ScanHistograms, scanHistograms } from "./scan_histograms.ts";
export {
  type AugmentedForm,
  type CellDifference,
  MEAN,
  methodName,
  type PublishedFigure,
  type Sweep,
  type TableCell,
  type TableDataset,
  type TableMetric,
  type TablesDocument,
  type TableTestSet,
} from "./tables_document.ts";
export { type TrainingOptions, type TrainingSet, type TrainingSets, trainingSets } from "./training_sets.ts";
