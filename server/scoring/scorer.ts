/** The one way to the GPU: scans are scored in a worker, so that the server answers meanwhile, whatever happens there. @module */
import { type Log, RunAborted } from "../../core/mod.ts";
import { ScorerLost } from "../errors.ts";
import type { ScoreRequest, WorkerOptions, WorkerState } from "./scoring_messages.ts";
import { type Followed, openScoringThread, type ScoreAnswer, type ScoringThread } from "./scoring_thread.ts";

export type { Followed, ScoreAnswer } from "./scoring_thread.ts";
export type { Drawn, Rendering, Renderings, ScoreRequest, ScoreStep } from "./scoring_messages.ts";

/** How a scorer is opened. */
export interface OpenScorerOptions extends WorkerOptions {
  /** Sentences for who runs the server. */
  readonly log: Log;
  /** Milliseconds in which a stopped score has to end; else its worker is ended and another one started. Default 10,000. */
  readonly graceMs?: number;
}

/** How the scorer stands. */
export interface ScorerState extends WorkerState {
  /** Times that its worker was started anew. */
  readonly restarts: number;
  /** Times that the device was lost and opened again. */
  readonly deviceLosses: number;
}

/** Scores scans, one at a time and in the order that they come in. Disposing waits for what was taken. */
export interface Scorer extends AsyncDisposable {
  /**
   * Scores a scan. Where the device or the worker is lost in it, it is tried once more.
   * @throws {RunAborted} with the signal's reason as its cause @throws {ScorerLost} @throws {CarriedError} what went wrong with scan, model
   * or device
   */
  score(request: ScoreRequest, followed: Followed): Promise<ScoreAnswer>;
  /** Lets a model go, after the scans that were sent before. @throws {ScorerLost} */
  forget(model: string): Promise<void>;
  /** How it stands. @throws {ScorerLost} @throws {CarriedError} where no GPU can be opened any more */
  state(): Promise<ScorerState>;
  /** Ends when all that is being drawn is drawn, or can't be. */
  drawn(): Promise<void>;
}

const GRACE_MS = 10_000;

/** Starts the worker and opens the GPU there. @throws {CarriedError} where there is none */
export async function openScorer(options: OpenScorerOptions): Promise<Scorer> {
  const { log, graceMs = GRACE_MS } = options;
  const pictures = new Set<Promise<unknown>>();
  let restarts = 0, deviceLosses = 0, closed = false, turn: Promise<unknown> = Promise.resolve();
  let current: Promise<ScoringThread> | undefined;

  const start = () => {
    const thread = openScoringThread({
      ...workerOptions(options),
      log,
      graceMs,
      onDeviceLost: () => deviceLosses++,
      onLost: (problem) => {
        if (current === thread) current = undefined; // the next one who asks starts another
        if (!closed) log.warn(`the worker that owns the GPU ended: ${problem}`);
      },
    });
    thread.catch(() => {
      if (current === thread) current = undefined;
    });
    return thread;
  };
  const thread = () => {
    if (closed) throw new ScorerLost("it was closed");
    if (!current) {
      restarts++;
      current = start();
    }
    return current;
  };
  const twice = async <T>(work: (thread: ScoringThread) => Promise<T>): Promise<T> => {
    try {
      return await work(await thread());
    } catch (error) {
      if (!(error instanceof ScorerLost) || closed) throw error;
      return await work(await thread());
    }
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };
  const keep = (picture: Promise<unknown>) => {
    const ended: Promise<unknown> = picture.catch(() => {}).then(() => pictures.delete(ended));
    pictures.add(ended);
  };

  const drawn = async () => void await Promise.all(pictures);

  await (current = start());
  return {
    drawn,
    score: (request, { signal, onStage }) =>
      inTurn(() =>
        twice(async (thread) => {
          if (signal.aborted) throw new RunAborted({ cause: signal.reason });
          try {
            const answer = await thread.score(request, { signal, onStage });
            keep(answer.renderings);
            return answer;
          } catch (error) {
            throw signal.aborted ? new RunAborted({ cause: signal.reason }) : error;
          }
        })
      ),
    forget: (model) => inTurn(() => twice((thread) => thread.forget(model))),
    state: async () => ({ ...await twice((thread) => thread.state()), restarts, deviceLosses }),
    async [Symbol.asyncDispose]() {
      await turn;
      await drawn();
      closed = true;
      (await current?.catch(() => undefined))?.[Symbol.dispose]();
    },
  };
}

/** What is sent to the worker: plain data. */
const workerOptions = ({ models, memoryBytes, seed, download, gpuModule }: OpenScorerOptions): WorkerOptions => ({
  models,
  memoryBytes,
  seed,
  download,
  gpuModule,
});
