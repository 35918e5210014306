/** What the routes work with. @module */
import type { Log } from "../core/mod.ts";
import type { Metrics } from "./metrics.ts";
import type { JobRunner } from "./job_runner.ts";
import type { ModelShelf } from "./model_shelf.ts";
import type { Key } from "./schemas/key_schema.ts";
import type { Scorer } from "./scoring/scorer.ts";
import type { ScoringQueue } from "./scoring_queue.ts";
import type { Store } from "./store/store.ts";

/** Bounds of what a request may ask for. */
export interface Limits {
  /** Bytes of one scan. */
  readonly scanBytes: number;
  /** Bytes of a batch or an archive, and of what an archive unpacks to tenfold. */
  readonly uploadBytes: number;
  /** Scans of one batch. */
  readonly batchScans: number;
  /** Pixels or points of a scan. */
  readonly points: number;
  /** Milliseconds for the answer to a scan. */
  readonly answerMs: number;
  /** Milliseconds without a byte of a request's body after which it is given up. */
  readonly stallMs: number;
  /** Requests a minute and key. */
  readonly perMinute: number;
}

/** The open service. */
export interface Service {
  /** Everything that outlives a restart. */
  readonly store: Store;
  /** The worker that owns the GPU. */
  readonly scorer: Scorer;
  /** Who uses it next. */
  readonly queue: ScoringQueue;
  /** Models by name. */
  readonly shelf: ModelShelf;
  /** Batches and fits. */
  readonly jobs: JobRunner;
  /** Counts and times. */
  readonly metrics: Metrics;
  /** Words for who runs the server. */
  readonly log: Log;
  /** Whether every call needs a key. */
  readonly keysNeeded: boolean;
  /** Folders below which a request may name folders; real paths. */
  readonly roots: readonly string[];
  /** Folder for uploads that jobs still need. */
  readonly uploads: string;
  /** What a request may ask for. */
  readonly limits: Limits;
  /** Whether it is going down. */
  readonly closing: () => boolean;
}

/** What middleware leaves in a request's context. */
export interface ServerEnv {
  /** See Hono. */
  readonly Variables: {
    /** Of the request; in the answer's header and the log. */
    requestId: string;
    /** Who asks; absent where no keys are needed. */
    key?: Key;
    /** Code of the error that was answered. */
    problem?: string;
    /** Tells the log of a fault. */
    fault?: (error: unknown) => void;
  };
}

/** The name of who asks, for audit and idempotency. */
export const ownerOf = (key: Key | undefined): string => key?.id ?? "local";
