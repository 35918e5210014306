/** Results as lines of a table, each linked to itself. @module */
/// <reference lib="dom" />
import type { ResultRow } from "../../schemas/result_schema.ts";
import { badge } from "./badge.ts";
import { el } from "./dom.ts";
import { ABSENT, area, moment, significant } from "./figures.ts";
import { hashOf } from "./route.ts";

/** The table; columns that a narrow screen has no room for are left out there. */
export function resultTable(
  results: readonly ResultRow[],
  { withModel }: { readonly withModel: boolean },
): HTMLElement {
  const heads: readonly (readonly [words: string, kind: string, title?: string])[] = [
    ["Scan", ""],
    ["Decision", ""],
    ["Score", "number", "the higher, the less the scan looks like a normal one"],
    ["Threshold", "number wide", "a score above it is anomalous"],
    ["p-value", "number wide", "share of held-out normal scans that score at least as high"],
    ["Regions", "number wide", "area of all regions"],
    ...withModel ? [["Model", "wide"] as const] : [],
    ["Marked", ""],
    ["Decided", "wide"],
  ];
  return el(
    "div",
    { class: "scroll", role: "region", "aria-label": "Results", tabindex: 0 },
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el("tr", {}, ...heads.map(([words, kind, title]) => el("th", { scope: "col", class: kind, title }, words))),
      ),
      el("tbody", {}, ...results.map((result) => line(result, withModel))),
    ),
  );
}

function line(
  { id, created, model, input, score, pValue, threshold, decision, areaMm2, verdict, note }: ResultRow,
  withModel: boolean,
): HTMLElement {
  return el(
    "tr",
    {},
    el("th", { scope: "row", class: "name" }, el("a", { href: hashOf({ kind: "result", id }) }, input)),
    el("td", {}, badge(decision)),
    el("td", { class: "number" }, significant(score)),
    el("td", { class: "number wide" }, significant(threshold)),
    el("td", { class: "number wide" }, significant(pValue)),
    el("td", { class: "number wide" }, areaMm2 > 0 ? area(areaMm2) : ABSENT),
    withModel && el("td", { class: "wide" }, model),
    el("td", { title: note === "" ? undefined : note }, verdict === null ? ABSENT : badge(verdict)),
    el("td", { class: "wide nowrap" }, el("time", { datetime: created }, moment(created))),
  );
}
