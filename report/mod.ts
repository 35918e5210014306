/** Documents to HTML, PNG, tables and files for other programs. The only room that knows the plotting library. @module */
export type { BranchPictures, ScanBranches } from "./branch_pictures.ts";
export { type CloudBranches, type CloudToWrite, scoredCloud, scoreMapTiff } from "./cloud.ts";
export { type ColourScale, colourScale } from "./colour_scale.ts";
export { detectCsv } from "./csv.ts";
export { evaluateMarkdown } from "./evaluate_markdown.ts";
export { explainTable } from "./explain_text.ts";
export { type HeatMap, heatMapPng, picturePng } from "./heat_map.ts";
export { type Report, reportHtml } from "./html.ts";
export { type MissingPart, missingPart } from "./missing_part.ts";
export type { PlanePlaces } from "./plane_places.ts";
export { differencesCsv, sweepsCsv, tablesCsv } from "./paper_tables_csv.ts";
export { tablesHtml } from "./paper_tables_html.ts";
export { tablesMarkdown } from "./paper_tables_markdown.ts";
export { tablesText } from "./paper_tables_text.ts";
export {
  type ReportPictures,
  type ReportPoints,
  type ReportScan,
  reportScan,
  type ScanToReport,
} from "./report_scan.ts";
export { type ScanView, scanView, type ViewPictures, type ViewPoints } from "./scan_view.ts";
export { shapeSheetPng } from "./shape_sheet.ts";
export { splitTable } from "./split_table.ts";
export { sweepSvg } from "./sweep_chart.ts";
export { detectTable, evaluateTable, type TableOptions } from "./tables.ts";
