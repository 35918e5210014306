/** Fitting a model in a worker of its own, which can be ended at any time. @module */
import { type Log, type Progress, RunAborted } from "../../core/mod.ts";
import { ModelExists, ScorerLost } from "../errors.ts";
import { released } from "./carried.ts";
import type { FitSurroundings, Fitted, FitWanted, FromFit, ToFit } from "./fit_messages.ts";
import { openLink } from "./worker_link.ts";

/** How a fit is followed. */
export interface FitFollowed extends FitSurroundings {
  /** Ends it at once, unless its model is just being written. */
  readonly signal: AbortSignal;
  /** How far it is. */
  readonly progress: Progress;
  /** Sentences for who runs the server. */
  readonly log: Log;
}

/**
 * Fits a model and writes it to `${into}/${name}`, whole or not at all.
 * @throws {ModelExists} @throws {RunAborted} @throws {ScorerLost} where the worker ended by itself @throws {CarriedError} for what the
 * data set, the method or the disk does not allow
 */
export async function fitApart(wanted: FitWanted, followed: FitFollowed): Promise<Fitted> {
  const { signal, progress, log, ...surroundings } = followed, { into, name, replace } = wanted;
  const aborted = () => new RunAborted({ cause: signal.reason });
  const assertFree = async () => {
    if (!replace && await isThere(`${into}/${name}`)) throw new ModelExists(name);
  };
  await assertFree();
  if (signal.aborted) throw aborted();
  const fitted = Promise.withResolvers<Fitted>();
  let writing = false;
  const stop = () => {
    if (!writing) fitted.reject(aborted());
  };
  const mayWrite = async () => {
    await assertFree(); // another one may have come in the meantime
    if (signal.aborted) throw aborted();
    writing = true;
    link.post({ kind: "write" });
  };
  using link = openLink<ToFit, FromFit>(new URL("./fit_worker.ts", import.meta.url), {
    onMessage: (message) => {
      switch (message.kind) {
        case "log":
          return log[message.level](message.message);
        case "progress":
          return progress(message.task, message.done, message.total);
        case "fitted":
          return void mayWrite().catch(fitted.reject);
        case "done":
          return fitted.resolve(message.fitted);
        case "failed":
          return fitted.reject(released(message.error));
      }
    },
    onLost: (problem) => fitted.reject(new ScorerLost(problem)),
  });
  signal.addEventListener("abort", stop, { once: true });
  try {
    link.post({ kind: "fit", wanted, surroundings });
    return await fitted.promise;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const isThere = (path: string) => Deno.lstat(path).then(() => true, () => false);
