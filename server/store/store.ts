/** All that the service keeps, in one SQLite file. @module */
import { dirname } from "node:path";
import { StoreUnwritable } from "../errors.ts";
import { type Audit, openAudit } from "./audit.ts";
import { type Connection, openConnection } from "./connection.ts";
import { openIds } from "./ids.ts";
import { type Jobs, openJobs } from "./jobs.ts";
import { type Keys, openKeys } from "./keys.ts";
import { migrate } from "./migrations.ts";
import { openReplies, type Replies } from "./replies.ts";
import { openResults, type Results } from "./results.ts";
import { openSettings, type Settings } from "./settings.ts";

/** The open store; disposing closes its file. What a call wrote is on the disk when it returns. */
export interface Store extends Disposable {
  readonly results: Results;
  readonly jobs: Jobs;
  readonly keys: Keys;
  /** Of models. */
  readonly settings: Settings;
  /** By idempotency key. */
  readonly replies: Replies;
  readonly audit: Audit;
  /** Runs `action`, which must not be async, as one transaction: all that it keeps is there, or nothing. */
  together<T>(action: () => T): T;
}

/** How a store is opened. */
export interface StoreOptions {
  /** The clock, milliseconds since 1970; the system's by default. */
  readonly now?: () => number;
}

/**
 * Opens the store in this file, making it and its folder where there is none, and brings an older one to this version. One process at
 * a time may have it open.
 * @throws {StoreUnwritable} when the file cannot be written
 * @throws {StoreRefused} when it is damaged, of a newer version or another program's
 */
export function openStore(file: string, options: StoreOptions = {}): Store {
  try {
    Deno.mkdirSync(dirname(file), { recursive: true });
  } catch (cause) {
    throw new StoreUnwritable(file, cause instanceof Error ? cause.message : String(cause), { cause });
  }
  const connection = openConnection(file);
  try {
    migrate(connection);
    return storeOver(connection, options);
  } catch (error) {
    connection[Symbol.dispose]();
    throw error;
  }
}

/** The store over a connection to a file of this version; it owns the connection. */
export function storeOver(connection: Connection, { now = Date.now }: StoreOptions = {}): Store {
  const ids = openIds(connection, now), results = openResults(connection, ids, now);
  return {
    results,
    jobs: openJobs(connection, ids, results, now),
    keys: openKeys(connection, ids, now),
    settings: openSettings(connection),
    replies: openReplies(connection, now),
    audit: openAudit(connection, ids, now),
    together: connection.write,
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  };
}
