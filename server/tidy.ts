/** What is kept for a time only, and goes: results, answers to idempotent requests, ended jobs. @module */
import type { Log } from "../core/mod.ts";
import type { Store } from "./store/store.ts";

/** Results older than these days go, and those beyond this count; judged ones stay. */
export interface Keep {
  /** Days; for ever where absent. */
  readonly days?: number;
  /** Results; any number where absent. */
  readonly count?: number;
}

const HOUR_MS = 3_600_000, DAY_MS = 24 * HOUR_MS;

/** Results that go in one step, which holds requests up. */
const REMOVED_AT_ONCE = 100;

/** Answers to idempotent requests are kept for a day, ended jobs for a month. */
const REPLIES_MS = DAY_MS, JOBS_MS = 30 * DAY_MS;

/** Removes what is past its time, now and every hour, until it is disposed of. What can't be removed now is by the next hour. */
export function keepTidy({ results, replies, jobs }: Store, keep: Keep, log: Log): Disposable {
  let again: ReturnType<typeof setTimeout>;
  const tidy = () => {
    let pause = HOUR_MS;
    try {
      const removed = results.keepOnly({ ...keep, atMost: REMOVED_AT_ONCE });
      if (removed > 0) log.info(`${removed} results were kept as long as wanted, and went`);
      if (removed === REMOVED_AT_ONCE) pause = 0; // requests come in between
      replies.removeBefore(Date.now() - REPLIES_MS);
      jobs.removeBefore(Date.now() - JOBS_MS);
    } catch (error) {
      log.warn(`not tidied up: ${error instanceof Error ? error.message : error}`);
    }
    again = setTimeout(tidy, pause);
  };
  tidy();
  return { [Symbol.dispose]: () => clearTimeout(again) };
}
