/** Files on their way from wherever they were given to the view that scores them. @module */
/// <reference lib="dom" />

/** One taker at a time; what nobody takes waits for the next one. */
export interface FileExchange {
  /** Hands files over; false where nobody takes them yet. */
  give(files: readonly File[]): boolean;
  /** Takes what waits and what comes, until the signal is aborted. */
  take(taker: (files: readonly File[]) => void, signal: AbortSignal): void;
}

/** An exchange in which nothing waits. */
export function fileExchange(): FileExchange {
  let waiting: readonly File[] = [], current: ((files: readonly File[]) => void) | undefined;
  return {
    give(files) {
      if (current) current(files);
      else waiting = files;
      return current !== undefined;
    },
    take(taker, signal) {
      current = taker;
      signal.addEventListener("abort", () => {
        if (current === taker) current = undefined;
      }, { once: true });
      const files = waiting;
      waiting = [];
      if (files.length > 0) taker(files);
    },
  };
}
