/** Measures of scores against the truth: AU-PRO and AUROC, of maps and of scans. @module */
export { auroc, scanAuroc, type ScoredScan, type Scores } from "./auroc.ts";
export { type Components, connectedComponents } from "./components.ts";
export { AU_PRO_LIMITS, type MapMetrics, mapMetrics } from "./map_metrics.ts";
export { GOOD, type ScoredMap, type ScoredMaps } from "./scored_maps.ts";
