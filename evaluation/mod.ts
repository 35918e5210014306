/** The researcher's bench: data sets, metrics, the evaluate document. @module */
export { type Audit, type AuditedScan, auditScores, type NuisanceAudit, nuisancesOf } from "./audit.ts";
export * from "./dataset/mod.ts";
export { LimitRefused, MapRefused, MapsChanged, ScoreRefused } from "./errors.ts";
export type { AuPro, DefectMetrics, EvaluateDocument, EvaluateRun } from "./evaluate_document.ts";
export { evaluateRun, type ScoredCategory } from "./evaluate_run.ts";
export * from "./metrics/mod.ts";
