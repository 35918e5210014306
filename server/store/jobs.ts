/** Work that goes on after the answer, and through a restart. @module */
import type { Job, JobItem, JobState } from "../schemas/job_schema.ts";
import type { Connection } from "./connection.ts";
import type { Ids } from "./ids.ts";
import { type JobItemOutcome, type JobItemTurn, type NewJobItem, openJobItems } from "./job_items.ts";
import type { Results } from "./results.ts";
import { isoTime, isoTimeOrNull } from "./times.ts";

/** A job that is wanted. */
export interface NewJob {
  readonly kind: Job["kind"];
  readonly model: string;
  /** All that is needed to do it after a restart; JSON. */
  readonly request: unknown;
  readonly items: readonly NewJobItem[];
  /** The number of items by default. */
  readonly total?: number;
}

/** All jobs. A call that names a job which there is not gives undefined, or does nothing. */
export interface Jobs {
  /** Adds a job that waits, with its items. */
  add(job: NewJob): Job;
  /** A job as it stands. */
  get(id: string): Job | undefined;
  /** What a job was asked for with. */
  request(id: string): unknown;
  /** The requests of all jobs that have not ended. */
  openRequests(): unknown[];
  /** Jobs, latest first. */
  list(filter: { model?: string; state?: JobState; limit: number }): Job[];
  /** Items behind index `after`, by index; give `next` as `after` for those behind them. */
  items(job: string, page: { after?: number; limit: number }): { items: JobItem[]; next: number | null };
  /** The oldest job that has not ended, of this kind if one is given, and its request; one that runs is given again. */
  nextQueued(kind?: Job["kind"]): { job: Job; request: unknown } | undefined;
  /** Marks a job as running; undefined when it has ended. */
  start(id: string): Job | undefined;
  /** Keeps how far a job has come; undefined when it does not run (any more). */
  progress(id: string, progress: { task: string; done?: number; total?: number }): Job | undefined;
  /** Takes the first item that waits and marks it as running. */
  nextItem(job: string): JobItemTurn | undefined;
  /**
   * Keeps an item's result and the item itself in one transaction, and counts it. Gives the item as it stands then; undefined, and
   * nothing is kept, when it does not run (any more), as after a cancellation.
   */
  finishItem(job: string, index: number, outcome: JobItemOutcome): JobItem | undefined;
  /** Ends a job, and marks items that are not done as cancelled; undefined when it had ended before. */
  end(id: string, state: "done" | "failed" | "cancelled", error?: { code: string; message: string }): Job | undefined;
  /** To be called once after the store was opened: what ran when the process died waits again. Counts the jobs. */
  recover(): number;
  /** Sources of items that are not done; ask before the end. */
  sources(job: string): string[];
  /** Removes jobs that ended before this time, milliseconds since 1970; their results stay. Counts them. */
  removeBefore(time: number): number;
}

type Row = Omit<Job, "created" | "started" | "ended" | "error"> & {
  created: number;
  started: number | null;
  ended: number | null;
  error: string | null;
};

const COLUMNS = "id, kind, model, state, created, started, ended, total, done, failed, task, error";
const OPEN = "state IN ('queued', 'running')";

/** Jobs in the tables of a store. */
export function openJobs(connection: Connection, ids: Ids, results: Results, now: () => number): Jobs {
  const items = openJobItems(connection, results);
  const insert = connection.prepare(`
    INSERT INTO jobs VALUES ($id, $kind, $model, $request, 'queued', $created, NULL, NULL, $total, 0, 0, 'waiting', NULL)`);
  const one = connection.prepare<Row>(`SELECT ${COLUMNS} FROM jobs WHERE id = $id`);
  const list = connection.prepare<Row>(`
    SELECT ${COLUMNS} FROM jobs WHERE ($model IS NULL OR model = $model) AND ($state IS NULL OR state = $state)
    ORDER BY id DESC LIMIT $limit`);
  const oldest = connection.prepare<Row & { request: string }>(`
    SELECT ${COLUMNS}, request FROM jobs WHERE ${OPEN} AND ($kind IS NULL OR kind = $kind) ORDER BY id LIMIT 1`);
  const request = connection.prepare<{ request: string }>("SELECT request FROM jobs WHERE id = $id");
  const openRequests = connection.prepare<{ request: string }>(`SELECT request FROM jobs WHERE ${OPEN}`);
  const start = connection.prepare(
    `UPDATE jobs SET state = 'running', started = coalesce(started, $now) WHERE id = $id AND ${OPEN}`,
  );
  const progress = connection.prepare(`
    UPDATE jobs SET task = $task, done = coalesce($done, done), total = coalesce($total, total)
    WHERE id = $id AND state = 'running'`);
  const end = connection.prepare(
    `UPDATE jobs SET state = $state, ended = $now, error = $error WHERE id = $id AND ${OPEN}`,
  );
  // steps of a fit are done anew, scans of a batch are not
  const recover = connection.prepare(`
    UPDATE jobs SET state = 'queued', task = 'waiting', done = CASE kind WHEN 'fit' THEN 0 ELSE done END
    WHERE state = 'running'`);
  const remove = connection.prepare("DELETE FROM jobs WHERE ended < $time");
  const time = () => Math.floor(now());
  const shown = ({ id, kind, model, state, created, started, ended, total, done, failed, task, error }: Row): Job => ({
    id,
    kind,
    model,
    state,
    created: isoTime(created),
    started: isoTimeOrNull(started),
    ended: isoTimeOrNull(ended),
    total,
    done,
    failed,
    task,
    error: error === null ? null : JSON.parse(error),
  });
  const get = (id: string) => {
    const row = one.get({ id });
    return row && shown(row);
  };

  return {
    add: ({ kind, model, request, items: wanted, total = wanted.length }) =>
      connection.write(() => {
        const id = ids.next();
        insert.run({ id, kind, model, request: JSON.stringify(request), created: time(), total });
        items.add(id, wanted);
        return get(id)!;
      }),
    get,
    request(id) {
      const row = request.get({ id });
      return row && JSON.parse(row.request);
    },
    openRequests: () => openRequests.all({}).map(({ request }) => JSON.parse(request)),
    list: ({ model = null, state = null, limit }: { model?: string | null; state?: string | null; limit: number }) =>
      list.all({ model, state, limit }).map(shown),
    items: items.page,
    nextQueued(kind) {
      const row = oldest.get({ kind: kind ?? null });
      return row && { job: shown(row), request: JSON.parse(row.request) };
    },
    start: (id) => start.run({ id, now: time() }) > 0 ? get(id) : undefined,
    progress: (id, { task, done, total }) =>
      progress.run({ id, task, done: done ?? null, total: total ?? null }) > 0 ? get(id) : undefined,
    nextItem: items.next,
    finishItem: items.finish,
    end: (id, state, error) =>
      connection.write(() => {
        if (end.run({ id, state, now: time(), error: error ? JSON.stringify(error) : null }) === 0) return undefined;
        items.cancel(id);
        return get(id);
      }),
    recover: () =>
      connection.write(() => {
        items.recover();
        return recover.run();
      }),
    sources: items.sources,
    removeBefore: (before) => remove.run({ time: before }),
  };
}
