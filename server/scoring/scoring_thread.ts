/** The worker that owns the GPU, as the scorer talks to it. @module */
import type { Log } from "../../core/mod.ts";
import { ScorerLost } from "../errors.ts";
import { released } from "./carried.ts";
import type {
  Drawn,
  FromScoring,
  Scored,
  ScoreRequest,
  ScoreStep,
  ToScoring,
  WorkerOptions,
  WorkerState,
} from "./scoring_messages.ts";
import { openLink } from "./worker_link.ts";

/** A scan's document; its pictures follow, since drawing them takes as long as scoring. */
export interface ScoreAnswer extends Scored {
  /** Rejected where they can't be drawn. */
  readonly renderings: Promise<Drawn>;
}

/** How a score is followed. */
export interface Followed {
  /** Stops it; not the pictures after it. */
  readonly signal: AbortSignal;
  /** Called when a step begins. */
  readonly onStage?: (step: ScoreStep) => void;
}

/** A worker with an open GPU. Disposing ends it at once. */
export interface ScoringThread extends Disposable {
  /** Scores a scan. @throws {ScorerLost} where the worker ended in it */
  score(request: ScoreRequest, followed: Followed): Promise<ScoreAnswer>;
  /** Lets a model go. @throws {ScorerLost} */
  forget(model: string): Promise<void>;
  /** How it stands, also while it scores. @throws {ScorerLost} */
  state(): Promise<WorkerState>;
}

/** What the scorer hears of its worker. */
export interface ThreadOptions extends WorkerOptions {
  /** Sentences from the worker. */
  readonly log: Log;
  /** Milliseconds in which a stopped score has to end; else the worker is ended. */
  readonly graceMs: number;
  /** A device was lost, and is opened again. */
  readonly onDeviceLost: () => void;
  /** The worker ended; nothing can be asked of it any more. */
  readonly onLost: (problem: string) => void;
}

/** Starts a worker and waits for its GPU. @throws {CarriedError} where there is none @throws {ScorerLost} where it ended before */
export async function openScoringThread(options: ThreadOptions): Promise<ScoringThread> {
  const { log, graceMs, onDeviceLost, onLost, ...start } = options;
  const ready = Promise.withResolvers<void>();
  const asked = new Map<number, PromiseWithResolvers<unknown>>(), steps = new Map<number, Followed["onStage"]>();
  const drawn = new Map<number, PromiseWithResolvers<Drawn>>();
  let last = 0, lost: ScorerLost | undefined;

  const take = <T>(from: Map<number, T>, id: number) => {
    const one = from.get(id);
    from.delete(id);
    return one;
  };
  const end = (problem: string) => {
    if (lost) return;
    lost = new ScorerLost(problem);
    link[Symbol.dispose]();
    for (const one of [ready, ...asked.values(), ...drawn.values()]) one.reject(lost);
    onLost(problem);
  };
  const hear = (message: FromScoring) => {
    switch (message.kind) {
      case "ready":
        return ready.resolve();
      case "absent":
        return ready.reject(released(message.error));
      case "device lost":
        return onDeviceLost();
      case "log":
        return log[message.level](message.message);
      case "step":
        return steps.get(message.id)?.(message.step);
      case "done":
        return take(asked, message.id)?.resolve(message.value);
      case "failed":
        return take(asked, message.id)?.reject(released(message.error));
      case "rendered":
        return take(drawn, message.id)?.resolve(message);
      case "unrendered":
        return take(drawn, message.id)?.reject(released(message.error));
    }
  };
  const link = openLink<ToScoring, FromScoring>(new URL("./scoring_worker.ts", import.meta.url), {
    onMessage: hear,
    onLost: end,
  });
  const ask = (message: ToScoring & { readonly id: number }): Promise<unknown> => {
    if (lost) return Promise.reject(lost);
    const one = Promise.withResolvers<unknown>();
    asked.set(message.id, one);
    link.post(message);
    return one.promise;
  };

  link.post({ kind: "start", options: start });
  try {
    await ready.promise;
  } catch (error) {
    link[Symbol.dispose]();
    throw error;
  }
  return {
    async score(request, { signal, onStage }) {
      const id = ++last, later = Promise.withResolvers<Drawn>();
      later.promise.catch(() => {}); // who does not look at the pictures need not hear that there are none
      let grace: ReturnType<typeof setTimeout> | undefined;
      const stop = () => {
        link.post({ kind: "abort", id });
        grace = setTimeout(() => end(`a scan did not stop within ${graceMs / 1000} s`), graceMs);
      };
      drawn.set(id, later);
      steps.set(id, onStage);
      signal.addEventListener("abort", stop, { once: true });
      try {
        const scored = await ask({ kind: "score", id, request }) as Scored;
        return { ...scored, renderings: later.promise };
      } catch (error) {
        drawn.delete(id);
        throw error;
      } finally {
        clearTimeout(grace);
        steps.delete(id);
        signal.removeEventListener("abort", stop);
      }
    },
    forget: async (model) => void await ask({ kind: "forget", id: ++last, model }),
    state: async () => await ask({ kind: "state", id: ++last }) as WorkerState,
    [Symbol.dispose]: () => end("it was closed"),
  };
}
