/** Documents as tables for the terminal. @module */
import { type DetectDocument, isFound, type ScanFailed, type ScanFound } from "../core/mod.ts";
import { type AuPro, type EvaluateDocument, type EvaluateRun, runName } from "../evaluation/mod.ts";
import { ABSENT, area, counted, percent, place, seconds, significant } from "./figures.ts";
import {
  differenceTable,
  falseAlarmText,
  foundText,
  intervalTable,
  isCurve,
  percentInterval,
  trainingText,
} from "./statistics_tables.ts";
import {
  branchesOf,
  compareCategories,
  decidedWords,
  largestRegion,
  sizeWords,
  summaryOf,
  totalArea,
  verdictOf,
} from "./summary.ts";
import { type Cell, type Column, printable, textTable } from "./text_table.ts";

/** How a table is written. */
export interface TableOptions {
  /** Adds escape codes for terminals that show colours. */
  readonly colour?: boolean;
}

const left = (head: string): Column => ({ head, align: "left" });
const right = (head: string): Column => ({ head, align: "right" });
const plain = (...texts: readonly string[]): readonly Cell[] => texts.map((text) => ({ text }));

const ansi = (code: number, colour: boolean) => colour ? (text: string) => `\x1b[${code}m${text}\x1b[0m` : undefined;

/** One line a scan, decision first and which branch it comes from where there are two, then what the batch came to and where the threshold comes from. */
export function detectTable(document: DetectDocument, { colour = false }: TableOptions = {}): string {
  const { found, failed, anomalous, good, defective, falseAlarms, missed } = summaryOf(document);
  const withTruth = found.some(({ truth }) => truth !== undefined);
  const withBranches = found.some(({ decidedBy }) => decidedBy !== null);
  const columns = [
    left("decision"),
    left("scan"),
    ...(withBranches ? [left("decided by")] : []),
    ...(withTruth ? [left("truth")] : []),
    right("score"),
    right("p-value"),
    right("regions"),
    right("area mm²"),
    left("largest at x, y, z mm"),
    right("s"),
  ];
  const rows = document.scans.map((scan) =>
    isFound(scan) ? foundRow(scan, { withTruth, withBranches, colour }) : failedRow(scan, columns.length, colour)
  );
  const counts = [`${anomalous} anomalous`, `${found.length - anomalous} normal`];
  if (failed.length > 0) counts.push(`${failed.length} refused`);
  const lines = [`${counted(document.scans.length, "scan")}: ${counts.join(", ")}`];
  if (good + defective > 0) {
    const of = (part: number, all: number) => all === 0 ? "" : ` of ${all} (${percent(part / all)} %)`;
    lines.push(`false alarms ${falseAlarms}${of(falseAlarms, good)}, missed ${missed}${of(missed, defective)}`);
  }
  for (const origin of new Set(found.map(thresholdWords))) lines.push(origin);
  for (const { input, notes } of found) {
    if (notes.length > 0) lines.push(printable(`note on ${input}: ${notes.join("; ")}`));
  }
  for (const { input, error } of failed) lines.push(printable(`refused ${input}: ${error.message} [${error.code}]`));
  return [textTable(columns, rows), "", ...lines].join("\n");
}

const thresholdWords = ({ threshold, thresholdOrigin }: ScanFound) =>
  `threshold ${threshold === null ? thresholdOrigin : `${significant(threshold)}, ${thresholdOrigin}`}`;

function foundRow(
  scan: ScanFound,
  { withTruth, withBranches, colour }: Record<"withTruth" | "withBranches" | "colour", boolean>,
): readonly Cell[] {
  const { decision, regions } = scan;
  const largest = largestRegion(regions), wrong = !["right", undefined].includes(verdictOf(scan));
  return [
    { text: decision, paint: decision === "anomalous" ? ansi(31, colour) : undefined },
    { text: scan.input },
    ...(withBranches ? plain(decidedWords(scan) ?? ABSENT) : []),
    ...(withTruth
      ? [{ text: `${scan.truth ?? ABSENT}${wrong ? " ✗" : ""}`, paint: wrong ? ansi(33, colour) : undefined }]
      : []),
    ...plain(
      significant(scan.score),
      significant(scan.pValue),
      String(regions.length),
      regions.length === 0 ? ABSENT : area(totalArea(regions)),
      largest ? place(largest.centreMm) : ABSENT,
      seconds(scan.seconds),
    ),
  ];
}

function failedRow({ input }: ScanFailed, columns: number, colour: boolean): readonly Cell[] {
  return [
    { text: "refused", paint: ansi(33, colour) },
    { text: input },
    ...plain(...new Array<string>(columns - 2).fill("")),
  ];
}

const LIMITS = ["0.3", "0.1", "0.05", "0.01"] as const;

const metricColumns = [
  ...LIMITS.map((limit) => right(`AU-PRO@${limit}`)),
  right("official@0.3"),
  right("P-AUROC"),
  right("I-AUROC"),
];

const metrics = (auPro: AuPro, pixelAuroc: number | null, scanAuroc: number | null) =>
  plain(
    ...LIMITS.map((limit) => percent(auPro.exact[limit])),
    percent(auPro.official["0.3"]),
    percent(pixelAuroc),
    percent(scanAuroc),
  );

/**
 * One line a run in percent, with a mean over the categories of each method, then each run by defect type, and what it took. AU-PRO
 * is exact except `official`, which is at 100 thresholds; all at map resolution, `own size` at the scans'. Branches stand below what is made of them. Intervals and differences follow where there are any.
 */
export function evaluateTable(document: EvaluateDocument, { colour = false }: TableOptions = {}): string {
  const curve = isCurve(document.runs);
  const methods = Map.groupBy(
    document.runs,
    ({ method, preset, trainScansAsked, contaminatedShare }) =>
      [method, preset, trainScansAsked, contaminatedShare].join("\n"),
  );
  const rows = [...methods.values()].flatMap((runs) => {
    const sorted = runs.toSorted((a, b) => compareCategories(a.category, b.category));
    return [
      ...sorted.flatMap((run) => [runRow(run, curve), ...branchRows(run, curve)]),
      ...(runs.length > 1 ? [meanRow(sorted, curve)] : []),
    ];
  });
  const columns = [
    left("category"),
    left("method"),
    left("preset"),
    ...(curve ? [right("training")] : []),
    ...metricColumns,
    right("s/scan"),
    right("p95"),
  ];
  const blocks = [
    `percent\n${textTable(columns, rows)}`,
    ...[intervalTable(document.runs), differenceTable(document.differences)].filter((block) => block !== undefined),
    ...document.runs.map((run) => defectBlock(run)),
  ];
  if (document.refused.length > 0) {
    const lines = document.refused.map(({ input, error }) => printable(`${input}: ${error.message} [${error.code}]`));
    const paint = ansi(33, colour) ?? ((text: string) => text);
    blocks.push([paint(`refused: ${counted(lines.length, "input")}`), ...lines].join("\n"));
  }
  return blocks.join("\n\n");
}

function runRow(run: EvaluateRun, curve: boolean) {
  const { category, method, preset, auPro, pixelAuroc, scanAuroc, seconds: took } = run;
  return [
    ...plain(category, method, preset, ...(curve ? [trainingText(run)] : [])),
    ...metrics(auPro, pixelAuroc, scanAuroc),
    ...plain(seconds(took.perScan.median), seconds(took.perScan.p95)),
  ];
}

/** The branches by themselves, below the run that they are of. */
function branchRows({ branches }: EvaluateRun, curve: boolean) {
  return branchesOf(branches).map(([name, { auPro, pixelAuroc, scanAuroc }]) => [
    ...plain("", name, "", ...(curve ? [""] : [])),
    ...metrics(auPro, pixelAuroc, scanAuroc),
    ...plain("", ""),
  ]);
}

function meanRow(runs: readonly EvaluateRun[], curve: boolean) {
  const mean = (value: (run: EvaluateRun) => number | null | undefined) =>
    runs.reduce((sum, run) => sum + (value(run) ?? NaN), 0) / runs.length;
  const exact = Object.fromEntries(LIMITS.map((limit) => [limit, mean(({ auPro }) => auPro.exact[limit])]));
  const official = { "0.3": mean(({ auPro }) => auPro.official["0.3"]) };
  return [
    ...plain(`mean of ${runs.length}`, runs[0].method, runs[0].preset, ...(curve ? [ABSENT] : [])),
    ...metrics({ exact, official }, mean((run) => run.pixelAuroc), mean((run) => run.scanAuroc)),
    ...plain(seconds(mean((run) => run.seconds.perScan.median)), ABSENT),
  ];
}

function defectBlock(run: EvaluateRun): string {
  const drawn = run.intervals !== undefined;
  const rowsOf = (groups: EvaluateRun["byDefect"], name: (group: string) => string) =>
    Object.entries(groups).map(([group, { scans, auPro, pixelAuroc, scanAuroc, intervals }]) => [
      ...plain(name(group), String(scans)),
      ...metrics(auPro, pixelAuroc, scanAuroc),
      ...(drawn ? plain(percentInterval(intervals?.exact["0.3"]), percentInterval(intervals?.scanAuroc)) : []),
    ]);
  const rows = rowsOf(run.byDefect, (defect) => defect);
  for (const [branch, { byDefect }] of branchesOf(run.branches)) {
    rows.push(...rowsOf(byDefect, (defect) => `${defect}, ${branch}`));
  }
  rows.push(...rowsOf(run.bySize ?? {}, sizeWords));
  for (const [branch, { bySize = {} }] of branchesOf(run.branches)) {
    rows.push(...rowsOf(bySize, (size) => `${sizeWords(size)}, ${branch}`));
  }
  const { auPro, pixelAuroc } = run.ownResolution;
  rows.push([
    ...plain("own size", String(run.testScans)),
    ...metrics(auPro, pixelAuroc, run.scanAuroc),
    ...(drawn ? plain(ABSENT, ABSENT) : []),
  ]);
  const intervalColumns = drawn ? [right("95 % of AU-PRO@0.3"), right("of I-AUROC")] : [];
  const stages = Object.entries(run.seconds.stages).map(([stage, took]) => `${stage} ${seconds(took)} s`);
  return printable(`${run.category}, ${runName(run)}`) + "\n" + [
    textTable([left("defect"), right("scans"), ...metricColumns, ...intervalColumns], rows),
    `${counted(run.trainScans, "training scan")}, ${counted(run.testScans, "test scan")}, ${run.bankRows} bank rows, ` +
    `fit ${seconds(run.seconds.fit)} s, peak memory ${(run.peakMemoryBytes / 2 ** 20).toFixed(0)} MiB`,
    ...(stages.length > 0 ? [`median a scan: ${stages.join(", ")}`] : []),
    ...(run.falseAlarms === undefined
      ? []
      : [falseAlarmText(run.falseAlarms), foundText(run.falseAlarms) ?? []].flat()),
    ...findingsOf(run.audit).map((finding) => printable(`audit: ${finding}`)),
  ].join("\n");
}

/** An audit's sentences. The document leaves its form open, so that it is looked at and not trusted. */
function findingsOf(audit: unknown): readonly string[] {
  if (typeof audit !== "object" || audit === null || !("findings" in audit) || !Array.isArray(audit.findings)) {
    return [];
  }
  return audit.findings.filter((finding) => typeof finding === "string");
}
