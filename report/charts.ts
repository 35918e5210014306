/** Charts of the report, drawn as SVG so that they show without scripts. @module */
import { escapeHtml } from "./escape.ts";
import { significant } from "./figures.ts";

/** One row of a score chart. */
export interface ScoreSeries {
  readonly name: string;
  /** Class of the bars, which the page's style colours. */
  readonly kind: "held-out" | "good" | "defective" | "unknown";
  readonly scores: readonly number[];
}

/** Width of every chart in its own units. */
export const WIDTH = 560;
/** Where the plot begins. */
export const LEFT = 46;
const RIGHT = 14;
/** Width of the plot. */
export const PLOT = WIDTH - LEFT - RIGHT;
const CURVE_HEIGHT = 250, CURVE_TOP = 12, CURVE_BOTTOM = 38;

/** PRO against the false-positive rate up to `limit`. */
export function proCurveChart(fpr: readonly number[], pro: readonly number[], limit = 0.3): string {
  const height = CURVE_HEIGHT - CURVE_TOP - CURVE_BOTTOM, base = CURVE_TOP + height;
  const x = (rate: number) => LEFT + (PLOT * Math.min(rate, limit)) / limit,
    y = (share: number) => base - height * share;
  const corners = fpr.map((rate, i) => `${x(rate).toFixed(1)},${y(pro[i]).toFixed(1)}`);
  const end = x(fpr.at(-1) ?? 0).toFixed(1);
  const rows = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    `<line class="grid" x1="${LEFT}" x2="${LEFT + PLOT}" y1="${y(share)}" y2="${y(share)}"/>` +
    text(LEFT - 6, y(share) + 4, `${100 * share}`, "end")
  );
  const columns = [0, 0.05, 0.1, 0.2, 0.3].filter((rate) => rate <= limit).map((rate) =>
    `<line class="grid" x1="${x(rate)}" x2="${x(rate)}" y1="${CURVE_TOP}" y2="${base}"/>` +
    text(x(rate), base + 16, `${100 * rate}`, "middle")
  );
  return svg(
    CURVE_HEIGHT,
    `PRO against false-positive rate, up to ${100 * limit} %`,
    rows.join("") + columns.join("") +
      `<polygon class="under" points="${x(0)},${base} ${corners.join(" ")} ${end},${base}"/>` +
      `<polyline class="curve" points="${corners.join(" ")}"/>` +
      text(LEFT + PLOT / 2, CURVE_HEIGHT - 6, "false-positive rate, % of normal places", "middle") +
      `<text class="axis" transform="translate(11 ${
        CURVE_TOP + height / 2
      }) rotate(-90)" text-anchor="middle">PRO, %</text>`,
  );
}

const BINS = 48, ROW = 62, TOP = 20, FOOT = 40;

/** Score histograms on one axis, a row a series, with the scan threshold across them. */
export function scoreChart(series: readonly ScoreSeries[], threshold: number | null): string {
  const shown = series.filter(({ scores }) => scores.length > 0);
  const values = shown.flatMap(({ scores }) => scores);
  const marked = threshold === null ? values : [...values, threshold];
  if (values.length === 0) return "";
  let low = Math.min(...marked), high = Math.max(...marked);
  if (low >= 0 && low < 0.25 * high) low = 0;
  if (!(high > low)) high = low + (Math.abs(low) || 1);
  const span = (high - low) * 1.02, height = TOP + ROW * shown.length + FOOT, base = TOP + ROW * shown.length;
  const x = (score: number) => LEFT + (PLOT * (score - low)) / span;
  const rows = shown.map(({ name, kind, scores }, row) => {
    const counts = new Array<number>(BINS).fill(0);
    for (const score of scores) counts[Math.min(BINS - 1, Math.floor((BINS * (score - low)) / span))]++;
    const most = Math.max(...counts), floor = TOP + ROW * (row + 1);
    const bars = counts.map((count, bin) => {
      if (count === 0) return "";
      const tall = Math.max(2, ((ROW - 24) * count) / most), from = low + (span * bin) / BINS;
      return `<rect class="bar ${kind}" x="${(LEFT + (PLOT * bin) / BINS + 0.5).toFixed(1)}" y="${
        (floor - tall).toFixed(1)
      }" width="${(PLOT / BINS - 1).toFixed(1)}" height="${tall.toFixed(1)}"><title>${count} from ${
        significant(from)
      } to ${significant(from + span / BINS)}</title></rect>`;
    });
    return `<line class="base" x1="${LEFT}" x2="${LEFT + PLOT}" y1="${floor}" y2="${floor}"/>${bars.join("")}` +
      text(LEFT, floor - ROW + 18, `${name} (${scores.length})`, "start") +
      text(LEFT - 6, floor - ROW + 34, String(most), "end");
  });
  const ticks = ticksBetween(low, low + span).map((tick) =>
    `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${base}" y2="${base + 4}"/>` +
    text(x(tick), base + 17, significant(tick), "middle")
  );
  const line = threshold === null ? "" : thresholdLine(x(threshold), base, threshold);
  return svg(
    height,
    "scan scores, with the threshold",
    rows.join("") + ticks.join("") + line + text(LEFT + PLOT / 2, height - 6, "scan score", "middle"),
  );
}

function thresholdLine(at: number, base: number, threshold: number): string {
  const anchor = at > LEFT + PLOT * 0.7 ? "end" : "start";
  return `<line class="threshold" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="6" y2="${base}"/>` +
    text(at + (anchor === "end" ? -5 : 5), 13, `threshold ${significant(threshold)}`, anchor);
}

/** About five round numbers in a range. */
export function ticksBetween(low: number, high: number): readonly number[] {
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** Words at a place of a chart. */
export function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end"): string {
  return `<text class="axis" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${
    escapeHtml(words)
  }</text>`;
}

/** A chart of {@linkcode WIDTH} by `height` that a page styles. */
export function svg(height: number, label: string, content: string): string {
  return `<svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${
    escapeHtml(label)
  }">${content}</svg>`;
}
