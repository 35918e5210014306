/**
 * Accuracy by the scale k between the branches, as a chart. @module
 *
 * Source: Uni-3DAD (arXiv 2408.16201), Figure 8, which has the quantile that sets k where this has k itself: a branch that is silent on
 * normal scans has no quantile. Broken lines where there is no figure.
 */
import type { Sweep } from "../evaluation/mod.ts";
import { LEFT, PLOT, svg, text, ticksBetween, WIDTH } from "./charts.ts";
import { ABSENT, percent, significant } from "./figures.ts";
import { logarithmicTicks } from "./logarithmic_axis.ts";

type Point = Sweep["points"][number];

const HEIGHT = 312, TOP = 66, BOTTOM = 38;
const BASE = HEIGHT - BOTTOM;

/** Height of the labels of quantiles, and least room between two. */
const QUANTILES = TOP - 10, LABELS_APART = 28;

/** What a sweep is of, in words. */
export const sweepTitle = ({ category, dataset, testSet, method }: Sweep): string =>
  `Figure 8: accuracy by the factor k, ${category}, ${method}, ${dataset}, ${testSet} test set`;

/** The point of the k in use. */
export const chosenPoint = ({ points, chosen }: Sweep): Point | undefined => points.find(({ k }) => k === chosen);

/** A quantile as people write it, without what binary fractions leave behind; a dash for none. */
export const quantileText = (q: number | null): string => q === null ? ABSENT : rounded(q);

const rounded = (value: number) => String(Number(value.toFixed(4)));

const LINES = [
  { words: "AU-PRO up to 0.3", kind: "wide", valueOf: ({ auPro }: Point) => auPro },
  { words: "up to 0.05", kind: "strict", valueOf: ({ auProStrict }: Point) => auProStrict },
] as const;

/** The chart for a page, which styles it by {@linkcode sweepStyle}: k to the right, AU-PRO in percent upwards, the k in use and quantiles marked. */
export function sweepChart(sweep: Sweep): string {
  const { points, chosen } = sweep, ks = [...points.map(({ k }) => k), chosen];
  const values = LINES.flatMap(({ valueOf }) => points.flatMap((point) => valueOf(point) ?? []));
  const low = Math.max(0, Math.min(...values, 1) - 0.02), high = Math.min(1, Math.max(...values, low) + 0.02);
  const first = Math.min(...ks), last = Math.max(...ks), span = Math.log(last / first);
  const x = (k: number) => LEFT + PLOT * (span > 0 ? Math.log(k / first) / span : 0.5);
  const y = (value: number) => BASE - (BASE - TOP) * (value - low) / (high - low);
  const rows = ticksBetween(100 * low, 100 * high).map((tick) => {
    const at = y(tick / 100).toFixed(1);
    return `<line class="grid" x1="${LEFT}" x2="${LEFT + PLOT}" y1="${at}" y2="${at}"/>` +
      text(LEFT - 6, Number(at) + 4, rounded(tick), "end");
  });
  const columns = logarithmicTicks(first, last).map((tick) =>
    `<line class="grid" x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${BASE}" y2="${BASE + 4}"/>` +
    text(x(tick), BASE + 17, String(tick), "middle")
  );
  const mark = chosenPoint(sweep), ofQuantiles = points.filter(({ q }) => q !== null);
  const lines = LINES.map(({ words, kind, valueOf }, i) => {
    const at = LEFT + 160 * i;
    return `<line class="sweep ${kind}" x1="${at}" x2="${at + 20}" y1="12" y2="12"/>` +
      text(at + 24, 16, words, "start") +
      runsOf(points, valueOf).map((run) => {
        const places = run.map((point) => ({ point, at: x(point.k), up: y(valueOf(point)!) }));
        return `<polyline class="sweep ${kind}" points="${
          places.map(({ at, up }) => `${at.toFixed(1)},${up.toFixed(1)}`).join(" ")
        }"/>` +
          places.map(({ point, at, up }) => dot(at, up, kind, point, point === mark)).join("");
      }).join("");
  });
  return svg(
    HEIGHT,
    sweepTitle(sweep),
    rows.join("") + columns.join("") + quantileLabels(ofQuantiles, x) + lines.join("") + chosenLine(x(chosen), sweep) +
      (ofQuantiles.length > 0
        ? ring(LEFT + 290, 12) + text(LEFT + 300, 16, "k at a quantile q of both", "start")
        : text(LEFT + 290, 16, "no quantile gives a k", "start")) +
      text(LEFT + PLOT / 2, HEIGHT - 4, "k, the factor of the feature branch", "middle") +
      `<text class="axis" transform="translate(11 ${
        (TOP + BASE) / 2
      }) rotate(-90)" text-anchor="middle">AU-PRO, %</text>`,
  );
}

function dot(x: number, y: number, kind: string, point: Point, isChosen: boolean): string {
  const { q, k, auPro, auProStrict } = point, at = q === null ? "" : `, q ${quantileText(q)}`;
  return `<circle class="dot ${kind}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${isChosen ? 5.5 : 2.5}"><title>k ${
    significant(k)
  }${at}: ${percent(auPro)} % up to 0.3, ${percent(auProStrict)} % up to 0.05</title></circle>` +
    (q === null ? "" : ring(x, y));
}

const ring = (x: number, y: number) => `<circle class="ring" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="5.5"/>`;

/** Each quantile above its point, as many as there is room for. */
function quantileLabels(points: readonly Point[], x: (k: number) => number): string {
  if (points.length === 0) return "";
  let before = -Infinity;
  const labels = points.map(({ q, k }) => {
    const at = x(k);
    if (at - before < LABELS_APART) return "";
    before = at;
    return text(at, QUANTILES, quantileText(q), "middle") +
      `<line class="grid" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${QUANTILES + 4}" y2="${BASE}"/>`;
  });
  return text(LEFT - 20, QUANTILES, "q", "end") + labels.join("");
}

/** Stretches of points that have a figure. */
function runsOf(points: readonly Point[], valueOf: (point: Point) => number | null): Point[][] {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (valueOf(point) !== null) runs.at(-1)!.push(point);
    else if (runs.at(-1)!.length > 0) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

function chosenLine(at: number, sweep: Sweep): string {
  const anchor = at > LEFT + PLOT / 2 ? "end" : "start", q = chosenPoint(sweep)?.q ?? null;
  const words = `k in use: ${significant(sweep.chosen)}${q === null ? "" : ` (q ${quantileText(q)})`}`;
  return `<line class="threshold" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="26" y2="${BASE}"/>` +
    text(at + (anchor === "end" ? -5 : 5), 36, words, anchor);
}

/** How the chart's own parts look. */
export const sweepStyle = `
.chart .sweep { fill: none; stroke-width: 2; }
.chart .sweep.wide { stroke: var(--accent); }
.chart .sweep.strict { stroke: #e06c2b; stroke-dasharray: 6 3; }
.chart .dot.wide { fill: var(--accent); }
.chart .dot.strict { fill: #e06c2b; }
.chart .ring { fill: none; stroke: var(--quiet); pointer-events: none; }
`;

/** The chart as a file of its own, light or dark as the reader's system is. */
export function sweepSvg(sweep: Sweep): string {
  const style = `svg { --ink: #1b1f24; --quiet: #5b6470; --line: #d9dde2; --accent: #1f6feb; background: #fff; }
@media (prefers-color-scheme: dark) { svg { --ink: #e8eaed; --quiet: #9aa4b0; --line: #363c44; --accent: #6ea8fe; background: #1e2227; } }
.chart .axis { font: 12px system-ui, sans-serif; fill: var(--quiet); }
.chart .grid { stroke: var(--line); }
.chart .threshold { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 3; }${sweepStyle}`;
  return sweepChart(sweep).replace(
    /^<svg ([^>]*)>/,
    `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * WIDTH}" height="${2 * HEIGHT}" $1><style>${style}</style>`,
  ) + "\n";
}
