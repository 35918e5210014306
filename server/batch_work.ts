/** A batch: its scans one after the other, each kept as soon as it is decided. @module */
import { type Log, RunAborted } from "../core/mod.ts";
import { Uni3dadError } from "../errors.ts";
import { readFile } from "../host/mod.ts";
import type { JobWorker } from "./job_runner.ts";
import { followResult, resultOf } from "./keep_result.ts";
import type { Metrics } from "./metrics.ts";
import type { ModelShelf } from "./model_shelf.ts";
import type { JobItem } from "./schemas/job_schema.ts";
import type { ScoreQuery } from "./schemas/score_schema.ts";
import type { Scorer } from "./scoring/scorer.ts";
import type { ScoringQueue } from "./scoring_queue.ts";
import type { Store } from "./store/store.ts";

/** What a batch keeps of its request. */
export interface BatchRequest {
  /** How its scans are scored. */
  readonly query: Omit<ScoreQuery, "name">;
  /** Folder of its uploads, which goes when it ends; null where the scans are the server's own. */
  readonly uploads: string | null;
}

/** Errors that concern the machine or the model, so that the next scans would meet them too. */
const ENDS_BATCH = [
  "device-lost",
  "gpu-out-of-memory",
  "model-inactive",
  "model-refused",
  "no-adapter",
  "no-such-model",
  "run-aborted",
  "scorer-lost",
  "shutting-down",
  "store-unwritable",
];

/** Works through the items of a batch that are not done. */
export function batchWork(
  { store, scorer, queue, shelf, metrics, points, log }: {
    readonly store: Store;
    readonly scorer: Scorer;
    readonly queue: ScoringQueue;
    readonly shelf: ModelShelf;
    readonly metrics: Metrics;
    readonly points: number;
    readonly log: Log;
  },
): JobWorker {
  return async ({ id, model, request, signal, tell, tellItem }) => {
    const { query: { unit, ...asked } } = request as BatchRequest;
    for (let item; (item = store.jobs.nextItem(id));) {
      const { index, input, source } = item;
      if (signal.aborted) throw new RunAborted();
      let ended: JobItem | undefined;
      try {
        const bytes = await readFile(source);
        const answer = await queue.run({ urgency: "later", signal }, async (signal) => {
          const set = await shelf.scoring(model);
          const threshold = asked.threshold ?? set.threshold ?? undefined, alpha = asked.alpha ?? set.alpha ?? undefined;
          return await scorer.score(
            { model, input, bytes, unit, decision: { threshold, alpha }, mostPoints: points, renderings: ["view"] },
            {
              signal,
              onStage: (task) => {
                store.jobs.progress(id, { task: `${input}: ${task}` });
                tell();
              },
            },
          );
        });
        ended = store.jobs.finishItem(id, index, { result: resultOf(model, answer, id) });
        if (ended?.result) followResult({ store, metrics, log }, { model, answer, id: ended.result });
      } catch (error) {
        if (!(error instanceof Uni3dadError) || ENDS_BATCH.includes(error.code)) throw error;
        metrics.failed(error.code);
        ended = store.jobs.finishItem(id, index, { error: { code: error.code, message: error.message } });
      }
      if (ended) tellItem(ended);
      tell();
    }
  };
}
