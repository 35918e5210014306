/** Batches and fits: one of each at a time, the oldest first, going on where a restart left them. @module */
import { setTimeout as delay } from "node:timers/promises";
import { type Log, RunAborted } from "../core/mod.ts";
import { Uni3dadError } from "../errors.ts";
import { StoreUnwritable } from "./errors.ts";
import { hasEnded, type JobEvent, jobEvents } from "./job_events.ts";
import { jobProgress, type Progress } from "./job_progress.ts";
import type { Job, JobItem } from "./schemas/job_schema.ts";
import type { Store } from "./store/store.ts";

export type { JobEvent } from "./job_events.ts";

type JobKind = Job["kind"];

/** Does what jobs ask for. */
export interface JobRunner {
  /** Looks for jobs; to be called where one was added. */
  wake(): void;
  /** Stops a job; false where it had ended, or is none. One that is about to end may still come to its end. */
  cancel(id: string): boolean;
  /** A job as it stands and all that changes until it ends; a reader that is far behind is let go. */
  watch(id: string, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** Stops at the next step; what was begun is queued again at the next start. */
  close(): Promise<void>;
}

/** What work on a job gets. */
export interface JobWork {
  /** The job, as it stood when this work on it began. */
  readonly job: Job;
  /** As it was asked for. */
  readonly request: unknown;
  /** Aborted where the job is cancelled or the server ends. */
  readonly signal: AbortSignal;
  /** Writes to the store, where it has no room as soon as it has again. @throws {RunAborted} where the job is stopped before */
  readonly keep: <T>(write: () => T) => Promise<T>;
  /** Says how far it is. */
  readonly say: (progress: Progress) => void;
  /** Tells who watches of an item, and of the job that counts it. */
  readonly tellItem: (item: JobItem) => void;
}

/** Does all of one job; what it throws ends the job as failed. */
export type JobWorker = (work: JobWork) => Promise<void>;

/** How jobs are run. */
export interface JobRunnerOptions {
  /** Words for who runs the server. */
  readonly log: Log;
  /** Given the request of each job that has ended. */
  readonly onEnd: (request: unknown) => Promise<void>;
  /** Milliseconds before what went wrong with the store is tried again; twice as long each time, up to a minute. Default 1,000. */
  readonly pauseMs?: number;
}

const MOST_PAUSE_MS = 60_000;

interface Running {
  readonly stop: AbortController;
  cancelled: boolean;
}

/** Runs jobs by kind. */
export function jobRunner(
  { jobs }: Pick<Store, "jobs">,
  workers: Readonly<Record<JobKind, JobWorker>>,
  { log, onEnd, pauseMs = 1000 }: JobRunnerOptions,
): JobRunner {
  const events = jobEvents(), running = new Map<string, Running>(), closed = new AbortController();
  const lanes = new Map<JobKind, Promise<void>>(), awake = new Set<JobKind>();

  const tell = (id: string) => {
    const data = jobs.get(id);
    if (data) events.tell(id, { event: "job", data });
  };
  /** Waits after the n-th failure in a row. @throws {RunAborted} */
  const pause = (failures: number, signal: AbortSignal) =>
    delay(Math.min(MOST_PAUSE_MS, pauseMs * 2 ** failures), undefined, { signal }).catch(() => {
      throw new RunAborted({ cause: signal.reason });
    });
  const patiently = async <T>(id: string, write: () => T, signal: AbortSignal): Promise<T> => {
    for (let failures = 0;; failures++) {
      try {
        return write();
      } catch (error) {
        if (!(error instanceof StoreUnwritable)) throw error;
        if (failures === 0) log.warn(`job ${id} waits: ${error.message}`);
        await pause(failures, signal);
      }
    }
  };
  const attempt = (id: string, write: () => unknown) => {
    try {
      write();
    } catch (error) {
      log.warn(`job ${id}: ${wordsOf(error)}`);
    }
  };

  const work = async (job: Job, request: unknown, { stop: { signal } }: Running) => {
    const { id, kind } = job, keep = <T>(write: () => T) => patiently(id, write, signal);
    using progress = jobProgress((last) =>
      attempt(id, () => {
        jobs.progress(id, last);
        tell(id);
      })
    );
    await keep(() => jobs.start(id));
    tell(id);
    const tellItem = (data: JobItem) => {
      events.tell(id, { event: "item", data });
      attempt(id, () => tell(id));
    };
    signal.throwIfAborted();
    await workers[kind]({ job: jobs.get(id) ?? job, request, signal, keep, say: progress.say, tellItem });
    const last = progress.take();
    if (last) await keep(() => jobs.progress(id, last));
  };

  const one = async (job: Job, request: unknown) => {
    const { id } = job, run: Running = { stop: new AbortController(), cancelled: false };
    const end = (state: "done" | "failed" | "cancelled", error?: NonNullable<Job["error"]>) =>
      patiently(id, () => jobs.end(id, state, error), closed.signal);
    running.set(id, run);
    try {
      await work(job, request, run);
      await end("done");
    } catch (error) {
      if (closed.signal.aborted && !run.cancelled) return; // queued again by the next start
      if (run.cancelled) await end("cancelled");
      else await end("failed", failureOf(error, (words) => log.warn(`job ${id}: ${words}`)));
    } finally {
      running.delete(id);
    }
    tell(id);
    await onEnd(request);
  };

  const lane = async (kind: JobKind) => {
    for (let failures = 0; !closed.signal.aborted;) {
      try {
        const next = jobs.nextQueued(kind);
        if (!next) break;
        await one(next.job, next.request);
        failures = 0;
      } catch (error) {
        if (closed.signal.aborted) break;
        log.warn(`jobs of kind ${kind} stand still, and are tried again: ${wordsOf(error)}`);
        await pause(failures++, closed.signal).catch(() => {}); // closed: the loop ends
      }
    }
    awake.delete(kind); // in one breath with the look for a next job, or who adds one in between would wake nobody
  };

  return {
    wake() {
      for (const kind of Object.keys(workers) as JobKind[]) {
        if (awake.has(kind) || closed.signal.aborted) continue;
        awake.add(kind);
        lanes.set(kind, lane(kind));
      }
    },
    cancel(id) {
      const job = jobs.get(id);
      if (!job || hasEnded(job)) return false;
      const run = running.get(id);
      if (run) {
        run.cancelled = true;
        run.stop.abort(new RunAborted());
      } else {
        const request = jobs.request(id);
        jobs.end(id, "cancelled");
        tell(id);
        onEnd(request).catch((error) => log.warn(`job ${id}: ${wordsOf(error)}`));
      }
      return true;
    },
    watch: (id, signal) => events.watch(id, () => jobs.get(id), signal),
    async close() {
      closed.abort(new RunAborted());
      for (const { stop } of running.values()) stop.abort(new RunAborted());
      events.close();
      await Promise.all(lanes.values());
    },
  };
}

/** What a job says of its failure; faults of ours are told to the log. */
function failureOf(error: unknown, tellLog: (words: string) => void): NonNullable<Job["error"]> {
  if (error instanceof Uni3dadError) return { code: error.code, message: error.message };
  tellLog(wordsOf(error));
  return { code: "internal-error", message: "A fault of the server's own; its log has more under this job's id" };
}

const wordsOf = (error: unknown) => error instanceof Error ? error.stack ?? error.message : String(error);
