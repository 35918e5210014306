/** The tables document as CSV, one figure, one difference or one point of a sweep a line. @module */
import type { Sweep, TablesDocument } from "../evaluation/mod.ts";
import { field } from "./csv.ts";

type Value = string | number | boolean | null | undefined;

/** A header line, then one line a row: RFC 4180 with LF and a decimal point; shares, not per cent; what is unknown is empty. */
const csv = (columns: readonly string[], rows: readonly (readonly Value[])[]): string =>
  [columns, ...rows].map((row) =>
    row.map((value) => field(typeof value === "boolean" ? (value ? "yes" : "no") : value)).join()
  ).join("\n") + "\n";

/** Every cell with all that is known of it. */
export const tablesCsv = ({ cells }: TablesDocument): string =>
  csv(
    [
      ...["method", "preset", "category", "categories", "dataset", "test_set", "metric", "value", "lower", "upper"],
      ...["good_scans", "defective_scans", "published", "published_method", "published_source", "published_test_set"],
      ...["published_confidence", "as_published", "difference", "tuned_by_labels"],
    ],
    cells.map(({ interval, scans, published, ...cell }) => [
      ...[cell.method, cell.preset, cell.category, cell.categories, cell.dataset, cell.testSet, cell.metric],
      ...[cell.value, interval?.[0], interval?.[1], scans.good, scans.defective],
      ...[published?.value, published?.method, published?.source, published?.testSet, published?.confidence],
      ...[published?.asPublished, cell.difference, cell.tunedByLabels],
    ]),
  );

/** Every two methods that were compared; `real` where the interval leaves out 0. */
export const differencesCsv = ({ differences }: TablesDocument): string =>
  csv(
    ["category", "dataset", "test_set", "metric", "from", "to", "difference", "lower", "upper", "p_value", "real"],
    differences.map(({ category, dataset, testSet, metric, from, to, difference, interval: [low, high], pValue }) => [
      ...[category, dataset, testSet, metric, from, to, difference, low, high, pValue, low > 0 || high < 0],
    ]),
  );

/** Every point of the sweeps; q is empty where k is no quantile's ratio; `chosen` is the k in use, the same in all lines of a sweep. */
export const sweepsCsv = (sweeps: readonly Sweep[]): string =>
  csv(
    ["category", "dataset", "test_set", "method", "q", "k", "au_pro_0.3", "au_pro_0.05", "chosen"],
    sweeps.flatMap(({ category, dataset, testSet, method, points, chosen }) =>
      points.map(({ q, k, auPro, auProStrict }) => [
        ...[category, dataset, testSet, method, q, k, auPro, auProStrict, chosen],
      ])
    ),
  );
