/** A threshold that is tried out on one result, and set for its model only when asked. @module */
/// <reference lib="dom" />
import type { ServedModel } from "../../schemas/model_schema.ts";
import type { App } from "./app.ts";
import { errorNote, messageOf } from "./badge.ts";
import { button, el } from "./dom.ts";
import { significant } from "./figures.ts";

/** What is explored. */
export interface Exploring {
  /** Name of the model. */
  readonly model: string;
  /** Largest score of the scale, where the slider ends. */
  readonly max: number;
  /** The threshold that decided; null where none is known. */
  readonly decided: number | null;
  /** What the explored threshold would come to, in words. */
  readonly words: (threshold: number) => string;
  /** Shows it. */
  readonly onChange: (threshold: number, explored: boolean) => void;
}

/** The slider with its words and buttons. */
export function thresholdSlider(app: App, { model, max, decided, words, onChange }: Exploring): HTMLElement {
  const start = decided ?? max / 2, end = Math.max(max, start * 1.25);
  const slider = el("input", {
    type: "range",
    id: "threshold",
    min: 0,
    max: end,
    step: end / 400,
    value: start,
    "aria-describedby": "threshold-words",
  });
  const said = el("p", { id: "threshold-words", role: "status" }), answer = el("div", {});
  const value = el("output", { for: "threshold" });
  const state = { threshold: start };
  const show = () => {
    const { threshold } = state, explored = threshold !== decided;
    value.textContent = significant(threshold);
    slider.setAttribute("aria-valuetext", significant(threshold));
    said.textContent = words(threshold);
    back.disabled = use.disabled = !explored;
    answer.replaceChildren();
    onChange(threshold, explored);
  };
  const back = button(decided === null ? "Back to the middle" : `Back to ${significant(decided)}`, () => {
    slider.value = String(start);
    state.threshold = start;
    show();
  });
  const use = button(
    "Use for this model…",
    () =>
      askToSet(app, model, state.threshold, (sentence, failed) =>
        answer.replaceChildren(
          failed ? errorNote(sentence) : el("p", { class: "note good", role: "status" }, sentence),
        )),
  );
  slider.addEventListener("input", () => {
    state.threshold = Number(slider.value);
    show();
  });
  queueMicrotask(show);
  return el(
    "section",
    { class: "panel", "aria-labelledby": "threshold-title" },
    el("h2", { id: "threshold-title" }, "Try another threshold"),
    el("div", { class: "slider" }, el("label", { for: "threshold" }, "Threshold"), slider, value),
    said,
    el("p", { class: "actions" }, back, use),
    el(
      "p",
      { class: "quiet small" },
      "Explores only: lines and colours follow the slider, the decision above stays as it is.",
    ),
    answer,
  );
}

/** Asks before a model's threshold is set, and sets it. */
function askToSet(app: App, model: string, threshold: number, tell: (sentence: string, failed: boolean) => void): void {
  const dialog: HTMLDialogElement = el(
    "dialog",
    { "aria-labelledby": "set-title" },
    el("h2", { id: "set-title" }, `Set the threshold of ${model}?`),
    el(
      "p",
      {},
      `From now on a scan is anomalous for ${model} when its score is above ${
        significant(threshold)
      }, and places above it are regions, for everybody who uses this server. Results that are kept stay as they are.`,
    ),
    el("p", {}, "One scan is little to set a threshold by: look at the history first. It can be taken back there."),
    el(
      "p",
      { class: "actions" },
      button(`Set it to ${significant(threshold)}`, () => dialog.close("set"), { class: "strong" }),
      button("Leave it", () => dialog.close("")),
    ),
  );
  dialog.addEventListener("close", async () => {
    dialog.remove();
    if (dialog.returnValue !== "set") return;
    try {
      await app.api.send<ServedModel>("PATCH", `/v1/models/${encodeURIComponent(model)}`, { threshold });
      tell(`${model} decides by ${significant(threshold)} from now on.`, false);
    } catch (error) {
      tell(messageOf(error), true);
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}
