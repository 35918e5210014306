/** What `evaluate` adds on demand, as tables for the terminal: intervals, differences between runs, false-alarm rates. @module */
import type { Difference, EvaluateDocument, EvaluateRun, FalseAlarms, Interval, Intervals } from "../evaluation/mod.ts";
import { DEFAULT_ALPHA } from "../core/mod.ts";
import { ABSENT, counted, percent, signedPercent } from "./figures.ts";
import { type Cell, type Column, textTable } from "./text_table.ts";

const LIMITS = ["0.3", "0.1", "0.05", "0.01"] as const;

const left = (head: string): Column => ({ head, align: "left" });
const right = (head: string): Column => ({ head, align: "right" });
const plain = (...texts: readonly string[]): readonly Cell[] => texts.map((text) => ({ text }));

const metricColumns = [...LIMITS.map((limit) => right(`AU-PRO@${limit}`)), right("P-AUROC"), right("I-AUROC")];

/** An interval in percent, `81.2…88.0`. */
export const percentInterval = (interval: Interval | null | undefined): string =>
  interval ? `${percent(interval[0])}…${percent(interval[1])}` : ABSENT;

/** `10`, or `10, 1 defective`: what the runs of a curve differ by. */
export const trainingText = ({ trainScans, contaminated }: EvaluateRun): string =>
  contaminated ? `${trainScans}, ${contaminated} defective` : String(trainScans);

/** Whether some runs have a training set of their own. */
export const isCurve = (runs: readonly EvaluateRun[]): boolean =>
  runs.some(({ trainScansAsked, contaminated }) => trainScansAsked !== undefined || contaminated !== undefined);

/** One line a run with the intervals of its figures; undefined where no run has any. */
export function intervalTable(runs: readonly EvaluateRun[]): string | undefined {
  const drawn = runs.flatMap((run) => run.intervals ? [{ run, intervals: run.intervals }] : []);
  if (drawn.length === 0) return undefined;
  const curve = isCurve(runs);
  const rows = drawn.map(({ run, intervals }) => [
    ...plain(run.category, run.method, run.preset, ...(curve ? [trainingText(run)] : [])),
    ...plain(...intervalTexts(intervals)),
  ]);
  const columns = [left("category"), left("method"), left("preset"), ...(curve ? [right("training")] : [])];
  const note = spreadNote(runs);
  return `percent, 2.5 … 97.5 % of ${drawn[0].intervals.rounds} draws of the test scans\n` +
    textTable([...columns, ...metricColumns], rows) + (note ? `\n${note}` : "");
}

const FEW_SCANS = 5;

/** A warning where types have so few scans that drawing them shows too little spread: of n scans, 1 − 1/n of the variance. */
export function spreadNote(runs: readonly EvaluateRun[]): string | undefined {
  const counts = runs.flatMap(({ testScans, byDefect }) => {
    const defective = Object.values(byDefect).map(({ scans }) => scans);
    return [testScans - defective.reduce((sum, scans) => sum + scans, 0), ...defective];
  });
  const fewest = Math.min(...counts.filter((scans) => scans > 0));
  if (fewest >= FEW_SCANS) return undefined;
  return `these intervals are too narrow, and these p too small: a type has ${counted(fewest, "scan")}, ` +
    `whose draws show ${fewest === 1 ? "no spread" : "too little spread"}`;
}

const intervalTexts = ({ exact, pixelAuroc, scanAuroc }: Intervals) => [
  ...LIMITS.map((limit) => percentInterval(exact[limit])),
  percentInterval(pixelAuroc),
  percentInterval(scanAuroc),
];

/** One line for each figure of each two runs that are compared; undefined where none are. */
export function differenceTable(differences: EvaluateDocument["differences"] = []): string | undefined {
  if (differences.length === 0) return undefined;
  const rows = differences.flatMap(({ category, from, to, scans, exact, pixelAuroc, scanAuroc }) => {
    const figures = [...LIMITS.map((limit) => exact[limit]), pixelAuroc, scanAuroc];
    return figures.map((difference, i) =>
      plain(
        ...(i === 0 ? [category, `${from} → ${to}`, String(scans)] : ["", "", ""]),
        metricColumns[i].head,
        ...(difference ? changeTexts(difference) : [ABSENT, ABSENT, ABSENT]),
      )
    );
  });
  const columns = [left("category"), left("runs"), right("scans"), left("figure")];
  return "differences in percent, both runs on the same draws\n" +
    textTable([...columns, right("difference"), right("2.5 … 97.5 %"), right("p")], rows);
}

function changeTexts({ value, interval: [from, to], p }: Difference): string[] {
  return [signedPercent(value), `${signedPercent(from)} … ${signedPercent(to)}`, pText(p)];
}

/** A p-value with two digits that count, `0.0005`, `0.64`, `1`. */
export const pText = (p: number): string => String(Number(p.toPrecision(2)));

/** A sentence on the false alarms of a run. */
export function falseAlarmText(falseAlarms: FalseAlarms | null): string {
  if (!falseAlarms) return "false alarms: no good test scan";
  const rates = Object.values(falseAlarms.rates).map(({ stated, reachable, seen, lower, upper }) =>
    `${percent(seen)} (${percent(lower)}…${percent(upper)}) at ${percent(stated)}` +
    (stated < reachable ? ` (out of reach: the least is ${percent(reachable)})` : "")
  );
  const { scans, flagged } = falseAlarms;
  const marked = flagged === null ? "" : `; ${percent(flagged)} of their parts is marked`;
  return `false alarms among ${scans} good test scans in percent: ${rates.join(", ")}${marked}`;
}

/** A sentence on how many defective scans a run finds; undefined where there are none. */
export function foundText(falseAlarms: FalseAlarms | null): string | undefined {
  const found = Object.entries(falseAlarms?.found ?? {});
  if (found.length === 0) return undefined;
  const types = found.map(([defect, { scans, found, lower, upper }]) =>
    `${defect} ${Math.round(found * scans)} of ${scans} (${percent(lower)}…${percent(upper)})`
  );
  return `defective test scans found at ${percent(DEFAULT_ALPHA)} false alarms: ${types.join(", ")}`;
}
