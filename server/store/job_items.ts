/** The scans of a batch, one by one. @module */
import type { JobItem } from "../schemas/job_schema.ts";
import type { Connection } from "./connection.ts";
import { type NewResult, type Results, scanOf } from "./results.ts";

/** A scan that a job is to score. */
export interface NewJobItem {
  /** Its name as it was sent. */
  readonly input: string;
  /** Where its bytes lie. */
  readonly source: string;
}

/** A scan whose turn it is. */
export interface JobItemTurn extends NewJobItem {
  readonly index: number;
}

/** How an item came out: scored, or refused. The result's `job` is set to the item's own. */
export type JobItemOutcome =
  | { readonly result: NewResult }
  | { readonly error: { readonly code: string; readonly message: string } };

/** Items of all jobs. */
export interface JobItems {
  /** Adds the items of a new job. */
  add(job: string, items: readonly NewJobItem[]): void;
  /** Those behind index `after`, by index. */
  page(job: string, page: { after?: number; limit: number }): { items: JobItem[]; next: number | null };
  /** Takes the first that waits and marks it as running. */
  next(job: string): JobItemTurn | undefined;
  /** Keeps what came of a running item; undefined, and nothing is kept, when it isn't running (any more). */
  finish(job: string, index: number, outcome: JobItemOutcome): JobItem | undefined;
  /** Marks those that are not done as cancelled. */
  cancel(job: string): void;
  /** Makes running items of running jobs wait again. */
  recover(): void;
  /** Sources of those that are not done, by index. */
  sources(job: string): string[];
}

type Row = Omit<JobItem, "error"> & { error: string | null };

const COLUMNS = 'position AS "index", input, state, result, decision, score, error';

/** Items in the tables of a store. */
export function openJobItems(connection: Connection, results: Results): JobItems {
  const insert = connection.prepare(
    "INSERT INTO job_items VALUES ($job, $index, $input, $source, 'queued', NULL, NULL, NULL, NULL)",
  );
  const page = connection.prepare<Row>(
    `SELECT ${COLUMNS} FROM job_items WHERE job = $job AND position > $after ORDER BY position LIMIT $limit`,
  );
  const one = connection.prepare<Row>(`SELECT ${COLUMNS} FROM job_items WHERE job = $job AND position = $index`);
  const waiting = connection.prepare<JobItemTurn>(`
    SELECT position AS "index", input, source FROM job_items WHERE job = $job AND state = 'queued'
    ORDER BY position LIMIT 1`);
  const begin = connection.prepare(
    "UPDATE job_items SET state = 'running' WHERE job = $job AND position = $index",
  );
  const finish = connection.prepare(`
    UPDATE job_items SET state = $state, result = $result, decision = $decision, score = $score, error = $error
    WHERE job = $job AND position = $index AND state = 'running'`);
  const count = connection.prepare("UPDATE jobs SET done = done + 1, failed = failed + $failed WHERE id = $job");
  const cancel = connection.prepare(
    "UPDATE job_items SET state = 'cancelled' WHERE job = $job AND state IN ('queued', 'running')",
  );
  const recover = connection.prepare(`
    UPDATE job_items SET state = 'queued'
    WHERE state = 'running' AND job IN (SELECT id FROM jobs WHERE state = 'running')`);
  const sources = connection.prepare<{ source: string }>(
    "SELECT source FROM job_items WHERE job = $job AND state IN ('queued', 'running') ORDER BY position",
  );
  const shown = (row: Row): JobItem => ({ ...row, error: row.error === null ? null : JSON.parse(row.error) });

  return {
    add(job, items) {
      for (const [index, { input, source }] of items.entries()) insert.run({ job, index, input, source });
    },
    page(job, { after = -1, limit }) {
      const rows = page.all({ job, after, limit: limit + 1 });
      const items = rows.slice(0, limit).map(shown);
      return { items, next: rows.length > limit ? items[limit - 1].index : null };
    },
    next: (job) =>
      connection.write(() => {
        const turn = waiting.get({ job });
        if (!turn) return undefined;
        begin.run({ job, index: turn.index });
        return { ...turn };
      }),
    finish: (job, index, outcome) =>
      connection.write(() => {
        if (one.get({ job, index })?.state !== "running") return undefined;
        if ("result" in outcome) {
          const { decision, score } = scanOf(outcome.result.document);
          const result = results.add({ ...outcome.result, job });
          finish.run({ job, index, state: "done", result, decision, score, error: null });
        } else {
          const error = JSON.stringify(outcome.error);
          finish.run({ job, index, state: "failed", result: null, decision: null, score: null, error });
        }
        count.run({ job, failed: "result" in outcome ? 0 : 1 });
        return shown(one.get({ job, index })!);
      }),
    cancel: (job) => void cancel.run({ job }),
    recover: () => void recover.run(),
    sources: (job) => sources.all({ job }).map(({ source }) => source),
  };
}
