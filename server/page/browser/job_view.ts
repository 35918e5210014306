/** A job as it goes on: its progress, and its scans with what was decided. @module */
/// <reference lib="dom" />
import type { Job, JobItem } from "../../schemas/job_schema.ts";
import type { z } from "zod";
import type { jobItemPageSchema } from "../../schemas/job_schema.ts";
import type { App, View } from "./app.ts";
import { badge, errorNote, messageOf } from "./badge.ts";
import { button, el, panel } from "./dom.ts";
import { counted, significant } from "./figures.ts";
import { hashOf } from "./route.ts";

const hasEnded = ({ state }: Job) => ["done", "failed", "cancelled"].includes(state);

/** Milliseconds before a broken stream of events is opened again. */
const PAUSE = 1500;

/** The view at `#/jobs/ID`. The one scan of a job that ends while it is looked at is shown at once. */
export const jobView = (id: string): View => async (app, place, signal) => {
  const path = `/v1/jobs/${encodeURIComponent(id)}`;
  const first = await app.api.get<Job>(path, signal), live = !hasEnded(first);
  const shown = jobPanel(app, path, first);
  place.append(el("h1", {}, titleOf(first)), shown.node);
  await shown.loadItems(signal);
  if (live) {
    followJob(app, path, shown, signal).then((job) => {
      app.announce(sayingOf(job));
      const only = job.total === 1 ? shown.items().at(0)?.result : undefined;
      if (only) app.go({ kind: "result", id: only }, "replace");
    }).catch((error) => {
      if (!signal.aborted) place.append(errorNote(messageOf(error)));
    });
  }
  return titleOf(first);
};

const titleOf = ({ kind, model, total }: Job) =>
  kind === "fit" ? `Fitting ${model}` : `${counted(total, "scan")} with ${model}`;

/** A job in a sentence. */
function sayingOf({ state, kind, total, done, failed, task, error }: Job): string {
  if (state === "queued") return "Waiting for its turn.";
  const of = kind === "fit" ? task : `${done} of ${counted(total, "scan")} done`;
  const refused = failed > 0 ? `, ${failed} refused` : "";
  if (state === "running") {
    return `${kind === "batch" && task !== "" ? `${of}${refused}; ${task}` : `${of}${refused}`}.`;
  }
  if (state === "failed") return `Failed: ${error?.message ?? "no reason was kept"}`;
  if (state === "cancelled") return `Cancelled; ${of}${refused}.`;
  return kind === "fit" ? "Done: the model can score." : `Done: ${counted(done, "scan")}${refused}.`;
}

/** Asks for events until the job has ended, again where a stream breaks off, and gives the job as it ended. */
async function followJob(app: App, path: string, shown: JobPanel, signal: AbortSignal): Promise<Job> {
  for (;;) {
    for await (const { event, data } of app.api.events(`${path}/events`, signal)) {
      if (event === "item") shown.setItem(JSON.parse(data));
      if (event !== "job") continue;
      const job: Job = JSON.parse(data);
      shown.setJob(job);
      if (!hasEnded(job)) continue;
      await shown.loadItems(signal);
      return job;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    signal.throwIfAborted();
  }
}

interface JobPanel {
  readonly node: HTMLElement;
  readonly items: () => readonly JobItem[];
  setJob(job: Job): void;
  setItem(item: JobItem): void;
  loadItems(signal: AbortSignal): Promise<void>;
}

function jobPanel(app: App, path: string, first: Job): JobPanel {
  const items = new Map<number, { readonly item: JobItem; readonly row: HTMLElement }>();
  const words = el("p", { role: "status" }), bar = el("progress", { "aria-label": "Progress of the job" });
  const problem = el("div", {});
  const cancel = button("Cancel the job", async () => {
    try {
      setJob(await app.api.send<Job>("DELETE", path));
    } catch (error) {
      problem.replaceChildren(errorNote(messageOf(error)));
    }
  });
  const actions = el("p", { class: "actions" }, cancel), body = el("tbody", {});
  const setJob = (job: Job) => {
    words.textContent = sayingOf(job);
    bar.max = Math.max(1, job.total);
    if (job.state === "running" && job.done === 0) bar.removeAttribute("value");
    else bar.value = job.state === "queued" ? 0 : job.done;
    bar.hidden = actions.hidden = hasEnded(job);
  };
  const setItem = (item: JobItem) => {
    const row = itemRow(item), old = items.get(item.index);
    items.set(item.index, { item, row });
    if (old) old.row.replaceWith(row);
    else body.append(row);
  };
  setJob(first);
  const head = ["Scan", "Result", "Score"].map((name) =>
    el("th", { scope: "col", class: name === "Score" ? "number" : "" }, name)
  );
  const table = el(
    "div",
    { class: "scroll", role: "region", "aria-label": "Scans of the job", tabindex: 0 },
    el("table", {}, el("thead", {}, el("tr", {}, ...head)), body),
  );
  return {
    node: el(
      "div",
      { class: "view" },
      el(
        "section",
        { class: "panel", "aria-label": "Progress" },
        words,
        bar,
        problem,
        actions,
      ),
      first.kind === "batch" &&
        panel(
          "Scans",
          table,
          el(
            "p",
            {},
            el("a", { href: hashOf({ kind: "history", filter: { job: first.id } }) }, "Its results in the history"),
          ),
        ),
      first.kind === "fit" && el("p", {}, el("a", { href: "#/" }, "Inspect scans")),
    ),
    items: () => [...items.values()].map(({ item }) => item),
    setJob,
    setItem,
    async loadItems(signal) {
      if (first.kind === "fit") return;
      for (let after: number | null = -1; after !== null;) {
        const page: z.output<typeof jobItemPageSchema> = await app.api.get(
          `${path}/items?after=${after}&limit=500`,
          signal,
        );
        for (const item of page.items) setItem(item);
        after = page.next;
      }
    },
  };
}

const itemRow = ({ input, state, result, decision, score, error }: JobItem): HTMLElement =>
  el(
    "tr",
    {},
    el(
      "th",
      { scope: "row", class: "name" },
      result ? el("a", { href: hashOf({ kind: "result", id: result }) }, input) : input,
    ),
    el("td", {}, decision ? badge(decision) : badge(state), error && ` ${error.message}`),
    el("td", { class: "number" }, significant(score)),
  );
