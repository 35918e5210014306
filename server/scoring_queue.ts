/** Who uses the GPU next: one at a time, people who wait before batches, and no more of them than can be served. @module */
import { type Log, RunAborted } from "../core/mod.ts";
import { QueueFull, RequestTimedOut, ShuttingDown } from "./errors.ts";

/** `now`: somebody waits for the answer; `later`: part of a batch. */
export type Urgency = "now" | "later";

/** How a piece of work is to be done. */
export interface Asked {
  /** Batches wait for who waits for an answer, but get every eighth turn. */
  readonly urgency: Urgency;
  /** Gone when nobody wants the answer any more. */
  readonly signal: AbortSignal;
  /** Most milliseconds of waiting and working together; none where absent. */
  readonly timeoutMs?: number;
}

/** What a queue can be asked for and what it is doing. */
export interface ScoringQueue {
  /**
   * Does the work when its turn comes; its signal is aborted when the time is over or nobody wants it any more.
   * @throws {QueueFull} at once @throws {ShuttingDown} @throws {RequestTimedOut} @throws {RunAborted}
   */
  run<T>(asked: Asked, work: (signal: AbortSignal, waitedMs: number) => Promise<T>): Promise<T>;
  /** How many wait, by urgency. */
  readonly waiting: Readonly<Record<Urgency, number>>;
  /** Whether something is being done. */
  readonly busy: boolean;
  /** Seconds until a new piece of work would begin, as far as the last ones tell. */
  readonly delaySeconds: number;
  /** Takes nothing new, and ends when all that was taken with urgency `now` is done; what waits with urgency `later` is let go. */
  close(): Promise<void>;
}

/** A turn in so many goes to a batch, however many wait for answers. */
const BATCH_TURN = 8;

interface Waiting {
  readonly begin: () => void;
  readonly refuse: (error: Error) => void;
}

/** A queue that lets `most` wait for answers; batches ask for one piece after the other, so they need no bound. */
export function scoringQueue({ most, log }: { readonly most: number; readonly log: Log }): ScoringQueue {
  const waiting: Record<Urgency, Waiting[]> = { now: [], later: [] };
  const idle: (() => void)[] = [];
  let busy = false, closing = false, turns = 0, meanSeconds = 1;

  const next = () => {
    turns++;
    const batchFirst = turns % BATCH_TURN === 0 && waiting.later.length > 0;
    const one = (batchFirst ? undefined : waiting.now.shift()) ?? waiting.later.shift() ?? waiting.now.shift();
    busy = one !== undefined;
    if (one) one.begin();
    else for (const done of idle.splice(0)) done();
  };

  const turn = (urgency: Urgency, signal: AbortSignal) =>
    new Promise<void>((begin, refuse) => {
      if (!busy) {
        busy = true;
        return begin();
      }
      const one: Waiting = { begin, refuse };
      waiting[urgency].push(one);
      signal.addEventListener("abort", () => {
        const at = waiting[urgency].indexOf(one);
        if (at < 0) return;
        waiting[urgency].splice(at, 1);
        refuse(signal.reason);
      }, { once: true });
    });

  return {
    async run({ urgency, signal, timeoutMs }, work) {
      if (closing) throw new ShuttingDown();
      if (urgency === "now" && busy && waiting.now.length >= most) throw new QueueFull(most, this.delaySeconds);
      if (signal.aborted) throw new RunAborted();
      const stop = new AbortController();
      const leave = () => stop.abort(new RunAborted());
      signal.addEventListener("abort", leave, { once: true });
      const timer = timeoutMs === undefined
        ? undefined
        : setTimeout(() => stop.abort(new RequestTimedOut(timeoutMs)), timeoutMs);
      const asked = performance.now();
      try {
        await turn(urgency, stop.signal);
        const began = performance.now();
        try {
          stop.signal.throwIfAborted(); // between the turn and here
          return await work(stop.signal, began - asked);
        } catch (error) {
          throw stop.signal.aborted ? stop.signal.reason : error;
        } finally {
          meanSeconds += 0.1 * ((performance.now() - began) / 1000 - meanSeconds);
          next();
        }
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", leave);
      }
    },
    get waiting() {
      return { now: waiting.now.length, later: waiting.later.length };
    },
    get busy() {
      return busy;
    },
    get delaySeconds() {
      return Math.max(1, Math.ceil((waiting.now.length + Number(busy)) * meanSeconds));
    },
    async close() {
      closing = true;
      const left = waiting.later.splice(0);
      if (waiting.now.length > 0) log.info(`finishing ${waiting.now.length} scans that wait for their answer`);
      for (const { refuse } of left) refuse(new ShuttingDown());
      if (busy) await new Promise<void>((done) => idle.push(done));
    },
  };
}
