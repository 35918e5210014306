/** Past results: filters, table, the scores of a model over its results. @module */
/// <reference lib="dom" />
import type { modelListSchema, ServedModel } from "../../schemas/model_schema.ts";
import type { ResultPage } from "../../schemas/result_schema.ts";
import type { z } from "zod";
import type { App, View } from "./app.ts";
import { errorNote, messageOf } from "./badge.ts";
import { button, type Child, el, panel } from "./dom.ts";
import { significant } from "./figures.ts";
import { resultTable } from "./result_table.ts";
import { hashOf, type HistoryFilter, queryOf } from "./route.ts";
import { scoreChart } from "./score_chart.ts";

/** Results on a page of the table, and in the chart. */
const ROWS = 50, CHARTED = 500;

/** The view at `#/history`. */
export const historyView = (filter: HistoryFilter): View => async (app, place, signal) => {
  const query = queryOf(filter), { model } = filter;
  const [{ models }, page, charted] = await Promise.all([
    app.api.get<z.output<typeof modelListSchema>>("/v1/models", signal),
    app.api.get<ResultPage>(`/v1/results?limit=${ROWS}${query === "" ? "" : `&${query}`}`, signal),
    model
      ? app.api.get<ResultPage>(`/v1/results?limit=${CHARTED}&model=${encodeURIComponent(model)}`, signal)
      : undefined,
  ]);
  const known = models.find(({ name }) => name === model);
  place.append(
    el("h1", {}, model ? `History of ${model}` : "History"),
    filterForm(app, filter, models.map(({ name }) => name)),
    model && charted
      ? scoreChart(charted.results, known, (id) => app.go({ kind: "result", id }))
      : el("p", { class: "quiet" }, "Choose a model to see its scores over time, with their limits."),
    ...known && known.threshold !== null ? [setThresholdNote(app, known)] : [],
    panel("Results", ...results(app, filter, page)),
  );
  return model ? `History of ${model}` : "History";
};

function filterForm(app: App, filter: HistoryFilter, models: readonly string[]): HTMLElement {
  const select = (
    id: keyof HistoryFilter,
    words: string,
    values: readonly (readonly [value: string, words: string])[],
  ) =>
    el(
      "div",
      {},
      el("label", { for: `filter-${id}` }, words),
      el(
        "select",
        { id: `filter-${id}`, name: id },
        ...values.map(([value, words]) => el("option", { value, selected: (filter[id] ?? "") === value }, words)),
      ),
    );
  const names = filter.model && !models.includes(filter.model) ? [...models, filter.model] : models;
  const form: HTMLFormElement = el(
    "form",
    { class: "fields panel", role: "search", "aria-label": "Filter of the history" },
    select("model", "Model", [["", "all"], ...names.map((name) => [name, name] as const)]),
    select("decision", "Decision", [["", "all"], ["anomalous", "anomalous"], ["normal", "normal"]]),
    select("verdict", "Marked", [["", "all"], ["right", "right"], ["wrong", "wrong"], ["none", "not marked"]]),
    el(
      "div",
      {},
      el("label", { for: "filter-input" }, "Scan's name has"),
      el("input", { type: "search", id: "filter-input", name: "input", value: filter.input ?? "" }),
    ),
    el(
      "div",
      { class: "fields-end" },
      el("button", { type: "submit" }, "Show"),
      filter.job !== undefined && el("span", { class: "quiet small" }, `of job ${filter.job}`),
    ),
  );
  const go = () => {
    const given = Object.fromEntries(
      [...new FormData(form)].flatMap(([key, value]) => value === "" ? [] : [[key, String(value)]]),
    );
    app.go({ kind: "history", filter: { ...given, job: given.model === filter.model ? filter.job : undefined } });
  };
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) go();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  return form;
}

function results(app: App, filter: HistoryFilter, { results, next }: ResultPage): readonly Child[] {
  if (results.length === 0) {
    const narrowed = queryOf(filter) !== "";
    return [el(
      "p",
      { class: "quiet" },
      narrowed ? "No result is like this. " : "No scan was scored yet. ",
      el("a", { href: narrowed ? "#/history" : "#/" }, narrowed ? "Show all" : "Inspect scans"),
    )];
  }
  const failed = el("div", {});
  const csv = button("Export as CSV", async () => {
    try {
      const { after: _, ...rest } = filter, query = queryOf(rest);
      saveFile(await app.api.file(`/v1/results.csv${query === "" ? "" : `?${query}`}`), "results.csv");
    } catch (error) {
      failed.replaceChildren(errorNote(messageOf(error)));
    }
  });
  return [
    resultTable(results, { withModel: filter.model === undefined }),
    el(
      "nav",
      { class: "actions", "aria-label": "Pages of the history" },
      filter.after !== undefined &&
        el(
          "a",
          { class: "button", href: hashOf({ kind: "history", filter: { ...filter, after: undefined } }) },
          "Latest",
        ),
      next !== null &&
        el("a", { class: "button", href: hashOf({ kind: "history", filter: { ...filter, after: next } }) }, "Older"),
      csv,
    ),
    failed,
  ];
}

/** Lets a person save bytes that were fetched with the key. */
function saveFile(bytes: Blob, name: string): void {
  const url = URL.createObjectURL(bytes), link = el("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser may still be reading it
}

/** Says that a threshold was set by hand, and takes it back. */
function setThresholdNote(app: App, { name, threshold }: ServedModel): HTMLElement {
  const note = el("div", { class: "note" });
  const back = button("Take it back", async () => {
    try {
      await app.api.send("PATCH", `/v1/models/${encodeURIComponent(name)}`, { threshold: null });
      note.replaceChildren(el("p", { role: "status" }, `${name} decides by its calibrated threshold again.`));
    } catch (error) {
      note.replaceChildren(errorNote(messageOf(error)));
    }
  });
  note.append(el("span", {}, `The threshold of ${name} is set by hand: ${significant(threshold)}. `), back);
  return note;
}
