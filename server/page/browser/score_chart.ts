/** Scores of a model over its results, with threshold, limits and moving mean; as a table as well. @module */
/// <reference lib="dom" />
import type { ServedModel } from "../../schemas/model_schema.ts";
import type { ResultRow } from "../../schemas/result_schema.ts";
import { badge } from "./badge.ts";
import { chartDrawing } from "./chart_drawing.ts";
import { driftLimits, driftState, driftWords, movingMean, WINDOW } from "./drift.ts";
import { el, panel } from "./dom.ts";
import { ABSENT, moment, significant } from "./figures.ts";
import { hashOf } from "./route.ts";

/** The chart of these results, latest first as the server gives them. A click on a point opens its result. */
export function scoreChart(
  latestFirst: readonly ResultRow[],
  model: ServedModel | undefined,
  open: (id: string) => void,
): HTMLElement {
  const results = latestFirst.toReversed(), scores = results.map(({ score }) => score);
  const limits = driftLimits(model?.calibration?.scores ?? []), means = movingMean(scores);
  const words = driftWords(scores, limits), state = driftState(scores, limits);
  if (results.length === 0) {
    return panel("Scores over time", el("p", { class: "quiet" }, "This model has scored nothing yet."));
  }
  return panel(
    "Scores over time",
    el("p", { class: state === "above" || state === "below" ? "note" : "" }, words),
    fitted((width) => chartDrawing({ results, means, limits, words, width, open })),
    el(
      "p",
      { class: "legend small quiet" },
      el("span", { class: "dot normal" }),
      " normal ",
      el("span", { class: "dot anomalous" }),
      " anomalous ",
      el("span", { class: "dash" }),
      " threshold ",
      ...limits
        ? [el("span", { class: "band" }), " limits of the mean: calibration scores, mean ± 3 standard deviations "]
        : [],
      el("span", { class: "stroke" }),
      ` mean of the last ${WINDOW}`,
    ),
    el("details", {}, el("summary", {}, "The chart as a table"), table(results, means)),
  );
}

/** A drawing that is made anew when its place gets another width, so that its words keep their size. */
function fitted(draw: (width: number) => SVGElement): HTMLElement {
  const place = el("div", { class: "chart-place" });
  const watch = new ResizeObserver(() => {
    const width = Math.floor(place.clientWidth);
    if (width > 0 && String(width) !== place.dataset.width) {
      place.dataset.width = String(width);
      place.replaceChildren(draw(width));
    }
  });
  watch.observe(place);
  return place;
}

/** The same in cells, latest first. */
const table = (results: readonly ResultRow[], means: readonly (number | null)[]) =>
  el(
    "div",
    { class: "scroll tall", role: "region", "aria-label": "Scores over time", tabindex: 0 },
    el(
      "table",
      { class: "small" },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ...["Decided", "Scan", "Score", "Decision", `Mean of ${WINDOW}`].map((words) =>
            el("th", { scope: "col" }, words)
          ),
        ),
      ),
      el(
        "tbody",
        {},
        ...results.map(({ id, created, input, score, decision }, i) =>
          el(
            "tr",
            {},
            el("td", { class: "nowrap" }, moment(created)),
            el("td", { class: "name" }, el("a", { href: hashOf({ kind: "result", id }) }, input)),
            el("td", {}, significant(score)),
            el("td", {}, badge(decision)),
            el("td", {}, means[i] === null ? ABSENT : significant(means[i])),
          )
        ).reverse(),
      ),
    ),
  );
