/** One result: decision and why, pictures, 3-D view, regions, and what people say of it. @module */
/// <reference lib="dom" />
import type { ScanFound } from "../../../core/mod.ts";
import type { ScanView } from "../../../report/mod.ts";
import type { Result } from "../../schemas/result_schema.ts";
import type { App, View } from "./app.ts";
import { badge, errorNote, messageOf } from "./badge.ts";
import { type CloudView, cloudView } from "./cloud_view.ts";
import { decisionPanel, decisionSentence, regionsSentence, regionTable } from "./decision_panel.ts";
import { el, panel } from "./dom.ts";
import { counted, percent, significant } from "./figures.ts";
import { mapView } from "./map_view.ts";
import { thresholdSlider } from "./threshold_slider.ts";
import { verdictForm } from "./verdict_form.ts";

/** Pictures are drawn after the decision: a result that is younger is asked for again, so often, so many milliseconds apart. */
const YOUNG_MS = 600_000, TRIES = 120, PAUSE_MS = 500;

/** The view at `#/results/ID`. The decision is shown at once, its pictures as soon as they are drawn. */
export const resultView = (id: string): View => async (app, place, signal) => {
  const path = `/v1/results/${encodeURIComponent(id)}`, result = await app.api.get<Result>(path, signal);
  const found = result.document.scans.find((scan): scan is ScanFound => !("error" in scan));
  if (!found) throw new Error("This result holds no decision");
  const above = el("div", {}), regions = el("div", {}), waiting = el("div", {});
  const show = (view: ScanView | undefined) => {
    regions.replaceChildren(panel("Regions", regionTable(found, view?.lacking ?? [])));
    above.replaceChildren(
      view
        ? drawn(app, view, result, found, signal)
        : el("div", { class: "columns" }, decisionPanel(found, result), waiting),
    );
  };
  place.append(
    el("p", { class: "crumbs" }, el("a", { href: "#/history" }, "History")),
    el("h1", {}, result.input, " ", badge(result.decision)),
    above,
    el("div", { class: "columns" }, regions, verdictForm(app, result)),
  );
  waiting.append(el("p", {}, el("progress", { "aria-label": "Drawing" }), " The pictures are being drawn…"));
  if (result.files.view === undefined) show(undefined);
  const asked = readView(app, path, result, signal).then((view) => {
    if (view) show(view);
    else waiting.replaceChildren(el("p", { class: "note" }, "There are no pictures of this result."));
  });
  if (result.files.view !== undefined) await asked;
  else {
    asked.catch((error) => {
      if (!signal.aborted) waiting.replaceChildren(errorNote(messageOf(error)));
    });
  }
  app.announce(`${result.decision}. ${decisionSentence(found)}`);
  return result.input;
};

/** What the view draws, once it is there; undefined where it won't come. */
async function readView(app: App, path: string, first: Result, signal: AbortSignal): Promise<ScanView | undefined> {
  let result = first;
  for (let tries = 0; result.files.view === undefined; tries++) {
    if (tries === TRIES || Date.now() - Date.parse(result.created) > YOUNG_MS) return undefined;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    signal.throwIfAborted();
    result = await app.api.get<Result>(path, signal);
  }
  return await app.api.get<ScanView>(result.files.view, signal);
}

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
