/** Answers to requests with an idempotency key, so that a request which is sent again is not done again. @module */
import type { Connection } from "./connection.ts";

/** An answer as it is kept. */
export interface Reply {
  readonly status: number;
  /** Content type. */
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What is known of a request. `other`: its key belongs to another request. */
export type ReplyState =
  | { readonly state: "new" | "running" | "other" }
  | { readonly state: "done" } & Reply;

/** Answers by owner and idempotency key. */
export interface Replies {
  /** Begins a request whose content has this digest, unless its key is taken: then says how that one stands. */
  begin(owner: string, key: string, digest: string): ReplyState;
  /** Keeps the answer of a request that was begun. */
  finish(owner: string, key: string, reply: Reply): void;
  /** Forgets a request that came to nothing, so that it may be tried again. */
  abandon(owner: string, key: string): void;
  /** Forgets answers to requests that were begun before this time, milliseconds since 1970, and counts them. */
  removeBefore(time: number): number;
}

interface Row {
  readonly digest: string;
  readonly status: number | null;
  readonly type: string;
  readonly headers: string;
  readonly body: Uint8Array;
}

/** Answers in the tables of a store. What was begun by a process that is gone is forgotten: nobody will finish it. */
export function openReplies(connection: Connection, now: () => number): Replies {
  const one = connection.prepare<Row>(
    "SELECT digest, status, type, headers, body FROM replies WHERE owner = $owner AND key = $key",
  );
  const insert = connection.prepare(
    "INSERT INTO replies VALUES ($owner, $key, $digest, $begun, NULL, NULL, NULL, NULL)",
  );
  const finish = connection.prepare(`
    UPDATE replies SET status = $status, type = $type, headers = $headers, body = $body
    WHERE owner = $owner AND key = $key AND status IS NULL`);
  const abandon = connection.prepare("DELETE FROM replies WHERE owner = $owner AND key = $key AND status IS NULL");
  const remove = connection.prepare("DELETE FROM replies WHERE begun < $time AND status IS NOT NULL");
  connection.prepare("DELETE FROM replies WHERE status IS NULL").run();

  return {
    begin: (owner, key, digest) =>
      connection.write((): ReplyState => {
        const row = one.get({ owner, key });
        if (!row) {
          insert.run({ owner, key, digest, begun: Math.floor(now()) });
          return { state: "new" };
        }
        if (row.digest !== digest) return { state: "other" };
        if (row.status === null) return { state: "running" };
        const { status, type, headers, body } = row;
        return { state: "done", status, type, headers: JSON.parse(headers), body };
      }),
    finish: (owner, key, { status, type, headers, body }) =>
      void finish.run({ owner, key, status, type, headers: JSON.stringify(headers), body }),
    abandon: (owner, key) => void abandon.run({ owner, key }),
    removeBefore: (time) => remove.run({ time }),
  };
}
