/// <reference lib="dom" />
/** One result: decision and why, pictures, 3-D view, regions, and what people say of it. @module */
import type { ScanFound } from "../../../core/mod.ts";
import type { ScanView } from "../../../report/mod.ts";
import type { Result } from "../../schemas/result_schema.ts";
import type { App, View } from "./app.ts";
import { badge } from "./badge.ts";
import { type CloudView, cloudView } from "./cloud_view.ts";
import { decisionPanel, decisionSentence, regionsSentence, regionTable } from "./decision_panel.ts";
import { el, panel } from "./dom.ts";
import { counted, percent, significant } from "./figures.ts";
import { mapView } from "./map_view.ts";
import { thresholdSlider } from "./threshold_slider.ts";
import { verdictForm } from "./verdict_form.ts";

/** The view at `#/results/ID`. */
export const resultView = (id: string): View => async (app, place, signal) => {
  const path = `/v1/results/${encodeURIComponent(id)}`;
  const result = await app.api.get<Result>(path, signal);
  const view = result.files.view === undefined ? undefined : await app.api.get<ScanView>(result.files.view, signal);
  const found = result.document.scans.find((scan): scan is ScanFound => !("error" in scan));
  if (!found) throw new Error("This result holds no decision");
  const lacking = view?.lacking ?? [];
  place.append(
    el("p", { class: "crumbs" }, el("a", { href: "#/history" }, "History")),
    el("h1", {}, result.input, " ", badge(result.decision)),
    view ? drawn(app, view, result, found, signal) : el(
      "div",
      { class: "columns" },
      el(
        "div",
        {},
        decisionPanel(found, result),
        el(
          "p",
          { class: "note" },
          "This result has no pictures. They are drawn a moment after the decision: load the page again where it is new.",
        ),
      ),
    ),
    el("div", { class: "columns" }, panel("Regions", regionTable(found, lacking)), verdictForm(app, result)),
  );
  app.announce(`${result.decision}. ${decisionSentence(found)}`);
  return result.input;
};

/** Decision, pictures and slider, which belong together. */
function drawn(app: App, view: ScanView, result: Result, found: ScanFound, signal: AbortSignal): HTMLElement {
  const about = `${decisionSentence(found)} ${regionsSentence(found, view.lacking)}`;
  const map = mapView(view, about, signal), cloud = cloudView(view, about, signal);
  const slider = thresholdSlider(app, {
    model: result.model,
    max: view.scale.max,
    decided: view.mapThreshold,
    words: (threshold) => exploredWords(cloud, found, threshold),
    onChange: (threshold, explored) => {
      map.setThreshold(threshold, explored);
      cloud.setThreshold(threshold);
    },
  });
  return el(
    "div",
    {},
    el("div", { class: "columns" }, decisionPanel(found, result), slider),
    el(
      "div",
      { class: "columns" },
      panel("Score map", map.node),
      panel("3-D view", el("p", { class: "small" }, regionsSentence(found, view.lacking)), cloud.node),
    ),
  );
}

/** How much is above a threshold, and what that would make of the scan. */
function exploredWords({ points: { scores, count } }: CloudView, { score }: ScanFound, threshold: number): string {
  const above = scores.reduce((sum, value) => sum + (value > threshold ? 1 : 0), 0);
  return `Above ${significant(threshold)}: ${above} of the ${counted(count, "point")} shown, ${
    percent(above / count)
  }. ` +
    `By this threshold the scan would be ${score > threshold ? "anomalous" : "normal"}.`;
}
