/** Scores in their order as a drawing: threshold, limits, moving mean, and a point for each result. @module */
/// <reference lib="dom" />
import type { ResultRow } from "../../schemas/result_schema.ts";
import type { DriftLimits } from "./drift.ts";
import { svg } from "./dom.ts";
import { counted, moment, significant } from "./figures.ts";
import { ticksUpTo } from "./ticks.ts";

/** What is drawn. */
export interface Charted {
  /** Oldest first; at least one. */
  readonly results: readonly ResultRow[];
  /** Moving mean at each result. */
  readonly means: readonly (number | null)[];
  /** Where the mean should stay, where that is known. */
  readonly limits: DriftLimits | undefined;
  /** What it says, for who doesn't see it. */
  readonly words: string;
  /** Of the drawing, in pixels. */
  readonly width: number;
  /** Opens a result. */
  readonly open: (id: string) => void;
}

const HEIGHT = 300, LEFT = 44, RIGHT = 10, TOP = 12, BOTTOM = 34;

/** The drawing. Its points are for pointers; a table beside it leads to the results as well. */
export function chartDrawing({ results, means, limits, words, width, open }: Charted): SVGElement {
  const highest = Math.max(
    ...results.map(({ score, threshold }) => Math.max(score, threshold ?? 0)),
    limits?.upper ?? 0,
    1e-9,
  );
  const across = width - LEFT - RIGHT, up = HEIGHT - TOP - BOTTOM, half = across / results.length / 2;
  const x = (i: number) => LEFT + half * (2 * i + 1);
  const y = (score: number) => TOP + up * (1 - Math.min(1, Math.max(0, score / (1.05 * highest))));
  const chart = svg("svg", {
    class: "chart",
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: "img",
    "aria-label": `Scores of ${counted(results.length, "result")}, oldest first. ${words}`,
  });
  for (const tick of ticksUpTo(1.05 * highest)) {
    chart.append(
      svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }),
      svg("text", { class: "axis", x: LEFT - 8, y: y(tick) + 4, "text-anchor": "end" }, String(tick)),
    );
  }
  if (limits) {
    const top = y(limits.upper), height = Math.max(1, y(limits.lower) - top);
    chart.append(svg("rect", { class: "limits", x: LEFT, width: across, y: top, height }));
  }
  const thresholds = results.map(({ threshold }) => threshold);
  chart.append(
    svg("path", {
      class: "threshold",
      d: path(
        thresholds,
        (value, i, last) =>
          `${value === last ? "" : `M${round(x(i) - half)} ${round(y(value))}`}H${round(x(i) + half)}`,
      ),
    }),
    svg("path", {
      class: "mean",
      d: path(means, (value, i, last) => `${last === null ? "M" : "L"}${round(x(i))} ${round(y(value))}`),
    }),
    ...results.map((result, i) => point(result, x(i), y(result.score), open)),
    svg("text", { class: "axis", x: LEFT, y: HEIGHT - 10 }, moment(results[0].created)),
    svg(
      "text",
      { class: "axis", x: width - RIGHT, y: HEIGHT - 10, "text-anchor": "end" },
      moment(results.at(-1)!.created),
    ),
  );
  return chart;
}

const round = (value: number) => value.toFixed(1);

/** Path data of the values that are there; each sees the one before it. */
const path = (
  values: readonly (number | null)[],
  at: (value: number, i: number, last: number | null) => string,
): string => values.map((value, i) => value === null ? "" : at(value, i, i === 0 ? null : values[i - 1])).join("");

/** A result: a dot where it is normal, a diamond where it is anomalous; a ring around what was marked wrong. */
function point(
  { id, input, score, decision, verdict }: ResultRow,
  x: number,
  y: number,
  open: (id: string) => void,
): SVGElement {
  const [cx, cy] = [round(x), round(y)];
  return svg(
    "g",
    { class: `point ${decision}`, click: () => open(id) },
    svg("title", {}, `${input}: ${significant(score)}, ${decision}${verdict === null ? "" : `, marked ${verdict}`}`),
    svg("circle", { class: "reach", cx, cy, r: 9 }),
    verdict === "wrong" && svg("circle", { class: "ring", cx, cy, r: 9 }),
    decision === "normal"
      ? svg("circle", { class: "shape", cx, cy, r: 4.5 })
      : svg("path", { class: "shape", d: `M${cx} ${cy}m0 -6.5l6.5 6.5l-6.5 6.5l-6.5 -6.5z` }),
  );
}
