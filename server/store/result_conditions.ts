/** What the history is asked for, as SQL. @module */
import type { ResultFilter } from "../schemas/result_schema.ts";
import type { Value } from "./connection.ts";

/** Conditions on the table of results, and the values in them. */
export interface Conditions {
  readonly sql: string;
  readonly values: Readonly<Record<string, Value>>;
}

const texts: { readonly [K in keyof ResultFilter]?: string } = {
  model: "model = $model",
  decision: "decision = $decision",
  verdict: "verdict = $verdict",
  job: "job = $job",
  input: "instr(lower(input), lower($input)) > 0",
  from: "created >= $from",
  to: "created < $to",
  minScore: "score >= $minScore",
};

/** What a filter asks of a result; `after` and `limit`, which are of the page, are left out. */
export function resultConditions(filter: Partial<ResultFilter>): Conditions {
  const terms: string[] = [], values: Record<string, Value> = {};
  for (const [name, text] of Object.entries(texts) as [keyof ResultFilter, string][]) {
    const value = filter[name];
    if (value === undefined) continue;
    if (name === "verdict" && value === "none") {
      terms.push("verdict IS NULL");
      continue;
    }
    terms.push(text);
    values[name] = name === "from" || name === "to" ? Date.parse(String(value)) : value;
  }
  return { sql: ["TRUE", ...terms].join(" AND "), values };
}
