/** The evaluate document as tables in Markdown, for pages of results. @module */
import { DEFAULT_ALPHA } from "../core/mod.ts";
import {
  type BranchFigures,
  type Difference,
  type EvaluateDocument,
  type EvaluateRun,
  type Interval,
  runName,
} from "../evaluation/mod.ts";
import { ABSENT } from "./figures.ts";
import { pText, spreadNote } from "./statistics_tables.ts";
import { branchesOf, compareCategories, sizeWords } from "./summary.ts";
import { printable } from "./text_table.ts";

const LIMITS = ["0.3", "0.1", "0.05", "0.01"] as const;

/**
 * Shares with three digits: one line a run with exact AU-PRO, pixel and scan AUROC, and the AU-PRO at 0.3 of each defect type and
 * each size of missing pieces, categories with the same ones in one table; branches stand below what is made of them; then the intervals, differences and false-alarm rates, where there are any.
 */
export function evaluateMarkdown(document: EvaluateDocument): string {
  const runs = document.runs.toSorted((a, b) => compareCategories(a.category, b.category));
  const byTypes = Map.groupBy(
    runs,
    ({ byDefect, bySize = {} }) => [...Object.keys(byDefect), "", ...Object.keys(bySize)].join("\n"),
  );
  return [
    ...[...byTypes.values()].map(figureTable),
    ...intervalTable(runs),
    ...differenceTable(document.differences),
    ...falseAlarmTable(runs),
  ].join("\n\n");
}

const nameOf = (run: EvaluateRun) => `${run.category}, ${runName(run)}`;

function figureTable(runs: readonly EvaluateRun[]): string {
  const defects = Object.keys(runs[0].byDefect), sizes = Object.keys(runs[0].bySize ?? {});
  const row = (name: string, { auPro, pixelAuroc, scanAuroc, byDefect, bySize }: EvaluateRun | BranchFigures) => [
    name,
    ...LIMITS.map((limit) => share(auPro.exact[limit])),
    share(pixelAuroc),
    share(scanAuroc),
    ...defects.map((defect) => share(byDefect[defect]?.auPro.exact["0.3"])),
    ...sizes.map((size) => share(bySize?.[size]?.auPro.exact["0.3"])),
  ];
  const rows = runs.flatMap((run) => [
    row(nameOf(run), run),
    ...branchesOf(run.branches).map(([name, branch]) => row(`${nameOf(run)}, ${name}`, branch)),
  ]);
  const heads = ["product, method", ...LIMITS.map((limit) => `@${limit}`), "pixel", "scan"];
  return table([...heads, ...defects, ...sizes.map(sizeWords)], rows);
}

function intervalTable(runs: readonly EvaluateRun[]): string[] {
  const rows = runs.flatMap(({ intervals, ...run }) =>
    intervals
      ? [[
        nameOf(run),
        ...[...LIMITS.map((limit) => intervals.exact[limit]), intervals.pixelAuroc, intervals.scanAuroc].map(range),
      ]]
      : []
  );
  if (rows.length === 0) return [];
  return [
    table(["95 % interval", ...LIMITS.map((limit) => `@${limit}`), "pixel", "scan"], rows),
    ...[spreadNote(runs) ?? []].flat(),
  ];
}

function differenceTable(differences: EvaluateDocument["differences"] = []): string[] {
  if (differences.length === 0) return [];
  const rows = differences.map(({ category, from, to, scans, exact, pixelAuroc, scanAuroc }) => [
    `${category}, ${from} → ${to}`,
    String(scans),
    ...[...LIMITS.map((limit) => exact[limit]), pixelAuroc, scanAuroc].map(change),
  ]);
  return [
    table(["difference (95 % interval), p", "scans", ...LIMITS.map((limit) => `@${limit}`), "pixel", "scan"], rows),
  ];
}

function falseAlarmTable(runs: readonly EvaluateRun[]): string[] {
  const rows = runs.flatMap(({ falseAlarms, ...run }) =>
    Object.values(falseAlarms?.rates ?? {}).map(({ stated, reachable, seen, lower, upper }) => [
      nameOf(run),
      String(falseAlarms!.scans),
      ...[stated, reachable, seen].map(share),
      range([lower, upper]),
    ])
  );
  if (rows.length === 0) return [];
  const found = runs.flatMap(({ falseAlarms, ...run }) =>
    Object.entries(falseAlarms?.found ?? {}).map(([defect, { scans, found, lower, upper }]) => [
      nameOf(run),
      defect,
      String(scans),
      share(found),
      range([lower, upper]),
    ])
  );
  const head = `found at ${share(DEFAULT_ALPHA)} false alarms`;
  return [
    table(["false alarms", "good scans", "stated", "least reachable", "seen", "95 % interval"], rows),
    ...(found.length > 0 ? [table([head, "type", "scans", "found", "95 % interval"], found)] : []),
  ];
}

const share = (value: number | null | undefined) =>
  value === null || value === undefined || Number.isNaN(value)
    ? ABSENT
    : (Math.round(1000 * value) / 1000 || 0).toFixed(3); // no −0.000

const range = (interval: Interval | null | undefined) =>
  interval ? `${share(interval[0])} … ${share(interval[1])}` : ABSENT;

function change(difference: Difference | null): string {
  if (!difference) return ABSENT;
  const { value, interval, p } = difference;
  return `${value > 0 ? "+" : ""}${share(value)} (${range(interval)}), ${pText(p)}`;
}

/** A table of text cells; a name cannot break out of its cell. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => printable(cell).replaceAll("\\", "\\\\").replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
