/** How far a job is, kept now and then. @module */

/** What is being done, and how much of it. */
export interface Progress {
  /** For people. */
  readonly task: string;
  /** Steps that are done. */
  readonly done?: number;
  /** Steps that there are. */
  readonly total?: number;
}

/** Takes what is said often and writes it seldom: every write waits for the disk. Disposing drops what is not written. */
export interface JobProgress extends Disposable {
  /** Written by and by, unless something newer comes. */
  say(progress: Progress): void;
  /** What was said last and is not written. */
  take(): Progress | undefined;
}

const EVERY_MS = 250;

/** A progress that is given to `write` at once, and then four times a second at most. */
export function jobProgress(write: (progress: Progress) => void): JobProgress {
  let waiting: Progress | undefined, timer: ReturnType<typeof setTimeout> | undefined;
  const take = () => {
    const last = waiting;
    waiting = undefined;
    return last;
  };
  const due = () => {
    timer = undefined;
    const last = take();
    if (!last) return;
    timer = setTimeout(due, EVERY_MS);
    write(last);
  };
  return {
    say(progress) {
      waiting = progress;
      if (timer === undefined) due();
    },
    take,
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
