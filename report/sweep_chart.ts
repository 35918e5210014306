/**
 * Accuracy by the quantile that sets the scale between the branches, as a chart. @module
 *
 * Source: Uni-3DAD (arXiv 2408.16201), Figure 8. Broken lines where a quantile gives no finite scale.
 */
import type { Sweep } from "../evaluation/mod.ts";
import { LEFT, PLOT, svg, text, ticksBetween, WIDTH } from "./charts.ts";
import { significant } from "./figures.ts";

type Point = Sweep["points"][number];

const HEIGHT = 290, TOP = 44, BOTTOM = 38;
const BASE = HEIGHT - BOTTOM;

/** What a sweep is of, in words. */
export const sweepTitle = ({ category, dataset, testSet, method }: Sweep): string =>
  `Figure 8: accuracy by the quantile that k is taken at, ${category}, ${method}, ${dataset}, ${testSet} test set`;

/** The point whose k is nearest to the one in use, by their ratio; of two as near, the smaller q. Undefined where no k can be compared. */
export function chosenPoint({ points, chosen }: Sweep): Point | undefined {
  const apart = ({ k }: Point) => k === null ? NaN : Math.abs(Math.log(k / chosen));
  return points.filter((point) => Number.isFinite(apart(point))).reduce<Point | undefined>(
    (nearest, point) => nearest && apart(nearest) <= apart(point) ? nearest : point,
    undefined,
  );
}

/** A quantile as people write it, without what binary fractions leave behind. */
export const quantileText = (q: number): string => String(Number(q.toFixed(4)));

const LINES = [
  { words: "AU-PRO up to 0.3", kind: "wide", valueOf: ({ auPro }: Point) => auPro },
  { words: "up to 0.05", kind: "strict", valueOf: ({ auProStrict }: Point) => auProStrict },
] as const;

/** The chart for a page, which styles it by {@linkcode sweepStyle}: q to the right, AU-PRO in percent upwards, the k in use marked. */
export function sweepChart(sweep: Sweep): string {
  const { points, chosen } = sweep;
  const values = LINES.flatMap(({ valueOf }) => points.flatMap((point) => valueOf(point) ?? []));
  const low = Math.max(0, Math.min(...values, 1) - 0.02), high = Math.min(1, Math.max(...values, low) + 0.02);
  const first = points[0]?.q ?? 0, last = points.at(-1)?.q ?? 1;
  const x = (q: number) => LEFT + PLOT * (last > first ? (q - first) / (last - first) : 0.5);
  const y = (value: number) => BASE - (BASE - TOP) * (value - low) / (high - low);
  const rows = ticksBetween(100 * low, 100 * high).map((tick) => {
    const at = y(tick / 100).toFixed(1);
    return `<line class="grid" x1="${LEFT}" x2="${LEFT + PLOT}" y1="${at}" y2="${at}"/>` +
      text(LEFT - 6, Number(at) + 4, quantileText(tick), "end");
  });
  const columns = (last > first ? ticksBetween(first, last) : [first]).map((tick) =>
    text(x(tick), BASE + 16, quantileText(tick), "middle")
  );
  const mark = chosenPoint(sweep);
  const lines = LINES.map(({ words, kind, valueOf }, i) => {
    const at = 24 + 190 * i;
    return `<line class="sweep ${kind}" x1="${LEFT + at - 24}" x2="${LEFT + at - 4}" y1="12" y2="12"/>` +
      text(LEFT + at, 16, words, "start") +
      runsOf(points, valueOf).map((run) =>
        `<polyline class="sweep ${kind}" points="${
          run.map((point) => `${x(point.q).toFixed(1)},${y(valueOf(point) ?? low).toFixed(1)}`).join(" ")
        }"/>` +
        run.map((point) => dot(x(point.q), y(valueOf(point) ?? low), kind, point === mark ? 5.5 : 2.5)).join("")
      ).join("");
  });
  return svg(
    HEIGHT,
    sweepTitle(sweep),
    rows.join("") + columns.join("") + lines.join("") + (mark ? chosenLine(x(mark.q), mark, chosen) : "") +
      text(LEFT + PLOT / 2, HEIGHT - 6, "quantile q of both branches, k(q) = Q(S2) / Q(S1)", "middle") +
      `<text class="axis" transform="translate(11 ${
        (TOP + BASE) / 2
      }) rotate(-90)" text-anchor="middle">AU-PRO, %</text>`,
  );
}

const dot = (x: number, y: number, kind: string, radius: number) =>
  `<circle class="dot ${kind}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}"/>`;

/** Stretches of points that have a figure. */
function runsOf(points: readonly Point[], valueOf: (point: Point) => number | null): Point[][] {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (valueOf(point) !== null) runs.at(-1)!.push(point);
    else if (runs.at(-1)!.length > 0) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

function chosenLine(at: number, { q, k }: Point, chosen: number): string {
  const anchor = at > LEFT + PLOT / 2 ? "end" : "start";
  const nearest = k === chosen ? `q ${quantileText(q)}` : `nearest q ${quantileText(q)}`;
  return `<line class="threshold" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="24" y2="${BASE}"/>` +
    text(at + (anchor === "end" ? -5 : 5), 34, `k in use: ${significant(chosen)} (${nearest})`, anchor);
}

/** How the chart's own parts look. */
export const sweepStyle = `
.chart .sweep { fill: none; stroke-width: 2; }
.chart .sweep.wide { stroke: var(--accent); }
.chart .sweep.strict { stroke: #e06c2b; stroke-dasharray: 6 3; }
.chart .dot.wide { fill: var(--accent); }
.chart .dot.strict { fill: #e06c2b; }
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
