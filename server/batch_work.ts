/** A batch: its scans one after the other, each kept as soon as it is decided. @module */
import { type Log, RunAborted } from "../core/mod.ts";
import { Uni3dadError } from "../errors.ts";
import { readFile } from "../host/mod.ts";
import type { JobWorker } from "./job_runner.ts";
import { followResult, resultOf } from "./keep_result.ts";
import type { Metrics } from "./metrics.ts";
import type { ModelShelf } from "./model_shelf.ts";
import type { ScoreQuery } from "./schemas/score_schema.ts";
import { scoreDecision } from "./score_decision.ts";
import type { ScoreAnswer, Scorer } from "./scoring/scorer.ts";
import type { ScoringQueue } from "./scoring_queue.ts";
import type { JobItemTurn } from "./store/job_items.ts";
import type { Store } from "./store/store.ts";

/** What a batch keeps of its request. */
export interface BatchRequest {
  /** How its scans are scored. */
  readonly query: Omit<ScoreQuery, "name">;
  /** Folder of its uploads, which goes when it ends; null where the scans are the server's own. */
  readonly uploads: string | null;
}

/** What scoring a batch needs of the service. */
export interface BatchSurroundings {
  readonly store: Store;
  readonly scorer: Scorer;
  readonly queue: ScoringQueue;
  readonly shelf: ModelShelf;
  readonly metrics: Metrics;
  /** Most points of a scan. */
  readonly points: number;
  readonly log: Log;
}

/** Errors of the model or the server, which all further scans would meet too. */
const ENDS_BATCH = [
  "model-inactive",
  "model-refused",
  "no-adapter",
  "no-such-model",
  "run-aborted",
  "setup-failed",
  "shutting-down",
];

/** Errors of the machine, which a scan may be the cause of. When it isn't, the next ones meet them too. */
const OF_MACHINE = ["device-lost", "gpu-out-of-memory", "internal-error", "scorer-lost"];

/** So many scans in a row that met an error of the machine end the batch. */
const MOST_IN_ROW = 3;

/** Works through the items of a batch that are not done. */
export function batchWork(surroundings: BatchSurroundings): JobWorker {
  const { store, metrics, log } = surroundings;
  return async ({ job: { id, model }, request, signal, keep, say, tellItem }) => {
    const { query } = request as BatchRequest, score = scoring(surroundings, model, query);
    for (let inRow = 0;;) {
      const item = await keep(() => store.jobs.nextItem(id));
      if (!item) return;
      if (signal.aborted) throw new RunAborted();
      const onStage = (step: string) => say({ task: `${item.input}: ${step}` });
      try {
        const answer = await score(item, signal, onStage);
        const ended = await keep(() => store.jobs.finishItem(id, item.index, { result: resultOf(model, answer, id) }));
        if (ended?.result) followResult(surroundings, { model, answer, id: ended.result });
        if (ended) tellItem(ended);
        inRow = 0;
      } catch (error) {
        const known = error instanceof Uni3dadError;
        if (known && ENDS_BATCH.includes(error.code)) throw error;
        if (!known) log.warn(`job ${id}, ${item.input}: ${error instanceof Error ? error.stack : error}`);
        const { code, message } = known
          ? error
          : { code: "internal-error", message: "A fault of the server's own; see its log" };
        metrics.failed(code);
        inRow = OF_MACHINE.includes(code) ? inRow + 1 : 0;
        const ended = await keep(() => store.jobs.finishItem(id, item.index, { error: { code, message } }));
        if (ended) tellItem(ended);
        if (inRow === MOST_IN_ROW) throw error;
      }
    }
  };
}

/** Scores an item when its turn comes, by what is set of the model then. */
function scoring(
  { scorer, queue, shelf, points }: BatchSurroundings,
  model: string,
  { unit, ...asked }: BatchRequest["query"],
) {
  return async (
    { input, source }: JobItemTurn,
    signal: AbortSignal,
    onStage: (step: string) => void,
  ): Promise<ScoreAnswer> => {
    const bytes = await readFile(source);
    return await queue.run({ urgency: "later", signal }, async (signal) => {
      const decision = scoreDecision(asked, await shelf.scoring(model));
      return await scorer.score(
        { model, input, bytes, unit, decision, mostPoints: points, renderings: ["view"] },
        { signal, onStage },
      );
    });
  };
}
