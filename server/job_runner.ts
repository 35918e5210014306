/** Batches and fits: one of each at a time, the oldest first, going on where a restart left them. @module */
import { type Log, RunAborted } from "../core/mod.ts";
import { Uni3dadError } from "../errors.ts";
import { ShuttingDown } from "./errors.ts";
import type { Job, JobItem } from "./schemas/job_schema.ts";
import type { Store } from "./store/store.ts";

type JobKind = Job["kind"];

/** Something about a job changed. */
export type JobEvent = { readonly event: "job"; readonly data: Job } | { readonly event: "item"; readonly data: JobItem };

/** Does what jobs ask for. */
export interface JobRunner {
  /** Looks for jobs; to be called where one was added. */
  wake(): void;
  /** Stops a job; false where it had ended, or is none. */
  cancel(id: string): boolean;
  /** A job as it stands and all that changes until it ends. */
  watch(id: string, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** Stops at the next step; what was begun is queued again at the next start. */
  close(): Promise<void>;
}

/** What work on a job gets. */
export interface JobWork {
  /** The job. */
  readonly id: string;
  /** The model that it is about. */
  readonly model: string;
  /** As it was asked for. */
  readonly request: unknown;
  /** Aborted where the job is cancelled or the server ends. */
  readonly signal: AbortSignal;
  /** Tells who watches of the job. */
  readonly tell: () => void;
  /** Tells who watches of an item. */
  readonly tellItem: (item: JobItem) => void;
}

/** Does all of one job; what it throws ends the job as failed. */
export type JobWorker = (work: JobWork) => Promise<void>;

const ended = ({ state }: Job) => ["done", "failed", "cancelled"].includes(state);

/** Runs jobs by kind. `onEnd` is given the request of each job that has ended. */
export function jobRunner(
  { jobs }: Pick<Store, "jobs">,
  workers: Readonly<Record<JobKind, JobWorker>>,
  { log, onEnd }: { readonly log: Log; readonly onEnd: (request: unknown) => Promise<void> },
): JobRunner {
  const watchers = new Map<string, Set<(event?: JobEvent) => void>>(), stops = new Map<string, AbortController>();
  const lanes = new Map<JobKind, Promise<void>>();
  let closing = false;

  const send = (id: string, event: JobEvent) => {
    for (const watcher of watchers.get(id) ?? []) watcher(event);
  };
  const tell = (id: string) => {
    const data = jobs.get(id);
    if (data) send(id, { event: "job", data });
  };

  const one = async (id: string, kind: JobKind, request: unknown) => {
    const stop = new AbortController(), { model } = jobs.get(id)!;
    stops.set(id, stop);
    jobs.start(id);
    tell(id);
    try {
      await workers[kind]({
        id,
        model,
        request,
        signal: stop.signal,
        tell: () => tell(id),
        tellItem: (data) => send(id, { event: "item", data }),
      });
      jobs.end(id, "done");
    } catch (error) {
      if (closing && (error instanceof RunAborted || error instanceof ShuttingDown)) return; // queued again by the next start
      if (stop.signal.aborted) jobs.end(id, "cancelled");
      else {
        const { code, message } = error instanceof Uni3dadError
          ? error
          : { code: "internal-error", message: "A fault of the server's own; its log has more under this job's id" };
        if (code === "internal-error") log.warn(`job ${id}: ${error instanceof Error ? error.stack : error}`);
        jobs.end(id, "failed", { code, message });
      }
    } finally {
      stops.delete(id);
    }
    tell(id);
    await onEnd(request);
  };

  const lane = async (kind: JobKind) => {
    for (let next; !closing && (next = jobs.nextQueued(kind));) await one(next.job.id, kind, next.request);
  };

  return {
    wake() {
      for (const kind of Object.keys(workers) as JobKind[]) {
        if (lanes.has(kind) || closing) continue;
        const running = lane(kind).catch((error) =>
          log.warn(`jobs of kind ${kind} stopped: ${error instanceof Error ? error.stack : error}`)
        ).finally(() => lanes.delete(kind));
        lanes.set(kind, running);
      }
    },
    cancel(id) {
      const job = jobs.get(id);
      if (!job || ended(job)) return false;
      const stop = stops.get(id);
      if (stop) stop.abort(new RunAborted());
      else {
        jobs.end(id, "cancelled");
        tell(id);
        onEnd(jobs.request(id)).catch((error) => log.warn(`job ${id}: ${error}`));
      }
      return true;
    },
    async *watch(id, signal) {
      const events: JobEvent[] = [];
      let ring = () => {};
      const watcher = (event?: JobEvent) => {
        if (event) events.push(event);
        ring();
      };
      const all = watchers.get(id) ?? new Set();
      watchers.set(id, all.add(watcher));
      const leave = () => ring();
      signal.addEventListener("abort", leave);
      try {
        const job = jobs.get(id);
        if (job) events.push({ event: "job", data: job });
        while (!signal.aborted && !closing) {
          const event = events.shift();
          if (!event) {
            await new Promise<void>((wake) => ring = wake);
            continue;
          }
          yield event;
          if (event.event === "job" && ended(event.data)) return;
        }
      } finally {
        signal.removeEventListener("abort", leave);
        all.delete(watcher);
        if (all.size === 0) watchers.delete(id);
      }
    },
    async close() {
      closing = true;
      for (const stop of stops.values()) stop.abort(new RunAborted());
      for (const all of watchers.values()) for (const wakeUp of all) wakeUp();
      await Promise.all(lanes.values());
    },
  };
}
