/** Saying whether a decision was right. @module */
/// <reference lib="dom" />
import type { ResultRow } from "../../schemas/result_schema.ts";
import type { App } from "./app.ts";
import { errorNote, messageOf } from "./badge.ts";
import { button, el, panel } from "./dom.ts";

/** The form; what is kept is shown in it. */
export function verdictForm(app: App, { id, verdict, note }: Pick<ResultRow, "id" | "verdict" | "note">): HTMLElement {
  const said = el("div", {});
  const radio = (value: "right" | "wrong") =>
    el("input", { type: "radio", name: "verdict", value, checked: verdict === value, required: true });
  const right = radio("right"), wrong = radio("wrong");
  const words = el("textarea", { id: "note", rows: 3, maxlength: 2000 });
  words.value = note;
  const save = async (kept: "right" | "wrong" | null) => {
    try {
      const row = await app.api.send<ResultRow>("PUT", `/v1/results/${encodeURIComponent(id)}/verdict`, {
        verdict: kept,
        note: kept === null ? "" : words.value,
      });
      right.checked = row.verdict === "right";
      wrong.checked = row.verdict === "wrong";
      words.value = row.note;
      takeBack.hidden = row.verdict === null;
      said.replaceChildren(
        el(
          "p",
          { class: "note good", role: "status" },
          row.verdict === null ? "Taken back." : `Marked ${row.verdict}.`,
        ),
      );
    } catch (error) {
      said.replaceChildren(errorNote(messageOf(error)));
    }
  };
  const takeBack = button("Take back", () => save(null), { hidden: verdict === null });
  const form = el(
    "form",
    {
      submit: (event) => {
        event.preventDefault();
        save(wrong.checked ? "wrong" : "right");
      },
    },
    el(
      "fieldset",
      { class: "choices" },
      el("legend", {}, "The decision was"),
      el("label", {}, right, " right"),
      el("label", {}, wrong, " wrong"),
    ),
    el("label", { for: "note" }, "Note"),
    words,
    el("p", { class: "actions" }, el("button", { type: "submit", class: "strong" }, "Save"), takeBack),
    said,
    el("p", { class: "quiet small" }, "Kept with the result and exported with the history. It changes no model."),
  );
  return panel("Was it right?", form);
}
