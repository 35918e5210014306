/** Who watches jobs, and what they are told. @module */
import type { Job, JobItem } from "./schemas/job_schema.ts";

/** Something about a job changed. */
export type JobEvent = { readonly event: "job"; readonly data: Job } | {
  readonly event: "item";
  readonly data: JobItem;
};

/** Tells whoever watches a job. */
export interface JobEvents {
  /** Tells those who watch this job. */
  tell(id: string, event: JobEvent): void;
  /** The job as it stands now and all that changes until it ends; a reader that is far behind is let go, as `close` does with all. */
  watch(id: string, now: () => Job | undefined, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** Lets all readers go. */
  close(): void;
}

/** Events that wait for a slow reader. The items of a job can be asked for again, so nothing is lost with the reader. */
const MOST_WAITING = 1000;

/** Whether nothing more comes of a job. */
export const hasEnded = ({ state }: Job): boolean => ["done", "failed", "cancelled"].includes(state);

/** Events of jobs, kept for nobody but those who watch. */
export function jobEvents(): JobEvents {
  const watchers = new Map<string, Set<(event: JobEvent) => void>>(), closed = new AbortController();
  return {
    tell(id, event) {
      for (const hear of watchers.get(id) ?? []) hear(event);
    },
    async *watch(id, now, signal) {
      const waiting: JobEvent[] = [], gone = AbortSignal.any([signal, closed.signal]), job = now();
      if (job) waiting.push({ event: "job", data: job });
      let ring = () => {}, tooLate = false;
      const hear = (event: JobEvent) => {
        const before = event.event === "job" ? waiting.findIndex((other) => other.event === "job") : -1;
        if (before >= 0) waiting.splice(before, 1); // how it stood is of no use any more
        waiting.push(event);
        if (waiting.length > MOST_WAITING) {
          tooLate = true;
          waiting.length = 0;
        }
        ring();
      };
      const leave = () => ring(), all = watchers.get(id) ?? new Set();
      watchers.set(id, all.add(hear));
      gone.addEventListener("abort", leave);
      try {
        while (!gone.aborted && !tooLate) {
          const event = waiting.shift();
          if (!event) {
            await new Promise<void>((wake) => ring = wake);
            continue;
          }
          yield event;
          if (event.event === "job" && hasEnded(event.data)) return;
        }
      } finally {
        gone.removeEventListener("abort", leave);
        all.delete(hear);
        if (all.size === 0) watchers.delete(id);
      }
    },
    close: () => closed.abort(),
  };
}
