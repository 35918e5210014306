/** Cells of tables for tests. @module */
import type { TableCell } from "../evaluation/mod.ts";

/** A full method. */
export const FULL = "fpfh+nearest-normal/ocsvm";

/** A cell of AU-PRO@0.3 on the reduced test set of the original data, unless `rest` says otherwise. */
export const cell = (
  method: string,
  category: string,
  value: number | null,
  rest: Partial<TableCell> = {},
): TableCell => ({
  method,
  preset: "default",
  category,
  dataset: "original",
  testSet: "reduced",
  metric: "auPro@0.3",
  value,
  scans: { good: 17, defective: 68 },
  tunedByLabels: false,
  ...rest,
});
