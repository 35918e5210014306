/** What the page shows, as its address says it behind the `#`. @module */

/** What the history is narrowed to; absent keys narrow nothing. */
export interface HistoryFilter {
  /** Name of a model. */
  readonly model?: string;
  /** `normal` or `anomalous`. */
  readonly decision?: string;
  /** `right`, `wrong` or `none`. */
  readonly verdict?: string;
  /** Part of the scan's name. */
  readonly input?: string;
  /** Id of the job that scored it. */
  readonly job?: string;
  /** Id of the result that this page of the history begins behind. */
  readonly after?: string;
}

/** A view of the page. */
export type Route =
  | { readonly kind: "inspect" }
  | { readonly kind: "job"; readonly id: string }
  | { readonly kind: "result"; readonly id: string }
  | { readonly kind: "history"; readonly filter: HistoryFilter }
  | { readonly kind: "unknown"; readonly path: string };

const KEYS = ["model", "decision", "verdict", "input", "job", "after"] as const;

/** Reads an address such as `#/results/01J…` or `#/history?model=bagel&verdict=wrong`; what is not known of a filter is left out. */
export function parseRoute(hash: string): Route {
  const [path, query = ""] = hash.replace(/^#/, "").split("?", 2);
  const parts = path.split("/").filter((part) => part !== "").map(decoded);
  const [first, id] = parts;
  if (parts.length === 0) return { kind: "inspect" };
  if (first === "results" && parts.length === 2) return { kind: "result", id };
  if (first === "jobs" && parts.length === 2) return { kind: "job", id };
  if (first === "history" && parts.length === 1) {
    const given = new URLSearchParams(query);
    const filter = KEYS.flatMap((key) => given.get(key) ? [[key, given.get(key)]] : []);
    return { kind: "history", filter: Object.fromEntries(filter) };
  }
  return { kind: "unknown", path };
}

/** The address of a view: what {@linkcode parseRoute} reads. */
export function hashOf(route: Route): string {
  if (route.kind === "inspect") return "#/";
  if (route.kind === "job") return `#/jobs/${encodeURIComponent(route.id)}`;
  if (route.kind === "result") return `#/results/${encodeURIComponent(route.id)}`;
  if (route.kind === "unknown") return `#${route.path}`;
  const query = queryOf(route.filter);
  return `#/history${query === "" ? "" : `?${query}`}`;
}

/** A filter as the query of an address, in an order of its own, so that equal filters have equal addresses. */
export function queryOf(filter: HistoryFilter): string {
  const query = new URLSearchParams();
  for (const key of KEYS) if (filter[key]) query.set(key, filter[key]);
  return query.toString();
}

/** Text of a part of an address; a part that is no valid encoding stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
