/** The store's tables, and the way there from every version before. @module */
import { StoreRefused } from "../errors.ts";
import type { Connection } from "./connection.ts";

/**
 * Step n makes version n + 1 of version n. A step that was once released is never changed: another one is put behind it. Times are
 * milliseconds since 1970. What is large lies in tables of its own, so that lists are read without it.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE last_id (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL) STRICT;

  CREATE TABLE results (
    id TEXT PRIMARY KEY, created INTEGER NOT NULL, model TEXT NOT NULL, fingerprint TEXT NOT NULL, input TEXT NOT NULL,
    score REAL NOT NULL, p_value REAL, threshold REAL, decision TEXT NOT NULL, decided_by TEXT, area_mm2 REAL NOT NULL,
    seconds REAL NOT NULL, job TEXT, verdict TEXT, note TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX results_by_model ON results (model);
  CREATE INDEX results_by_job ON results (job) WHERE job IS NOT NULL;
  CREATE INDEX results_by_verdict ON results (verdict) WHERE verdict IS NOT NULL;
  CREATE TABLE documents (
    result TEXT PRIMARY KEY REFERENCES results ON DELETE CASCADE, document TEXT NOT NULL
  ) STRICT;
  CREATE TABLE artefacts (
    result TEXT NOT NULL REFERENCES results ON DELETE CASCADE, kind TEXT NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (result, kind)
  ) STRICT;

  CREATE TABLE jobs (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, model TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL,
    created INTEGER NOT NULL, started INTEGER, ended INTEGER, total INTEGER NOT NULL, done INTEGER NOT NULL,
    failed INTEGER NOT NULL, task TEXT NOT NULL, error TEXT
  ) STRICT;
  CREATE INDEX jobs_by_state ON jobs (state, id);
  CREATE TABLE job_items (
    job TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE, position INTEGER NOT NULL, input TEXT NOT NULL,
    source TEXT NOT NULL, state TEXT NOT NULL, result TEXT REFERENCES results ON DELETE SET NULL, decision TEXT,
    score REAL, error TEXT, PRIMARY KEY (job, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX job_items_by_state ON job_items (job, state);
  CREATE INDEX job_items_by_result ON job_items (result) WHERE result IS NOT NULL;

  CREATE TABLE keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, created INTEGER NOT NULL,
    revoked INTEGER
  ) STRICT;

  CREATE TABLE settings (
    model TEXT PRIMARY KEY, active INTEGER NOT NULL, threshold REAL, alpha REAL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE replies (
    owner TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, begun INTEGER NOT NULL, status INTEGER, type TEXT,
    headers TEXT, body BLOB, PRIMARY KEY (owner, key)
  ) STRICT;
  CREATE INDEX replies_by_time ON replies (begun);

  CREATE TABLE audit (
    id TEXT PRIMARY KEY, created INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];

/**
 * Brings a file to the version of the last step, each step whole or not at all.
 * @throws {StoreRefused} when the file is newer
 */
export function migrate(connection: Connection, steps: readonly string[] = migrations): void {
  const version = connection.prepare<{ version: number }>("SELECT user_version AS version FROM pragma_user_version");
  for (let at = version.get()!.version; at !== steps.length; at++) {
    if (at > steps.length) {
      throw new StoreRefused(
        connection.file,
        `it is of version ${at}, and this program knows versions up to ${steps.length}; update the program, or choose another folder`,
      );
    }
    connection.write(() => connection.execute(`${steps[at]}; PRAGMA user_version = ${at + 1}`));
  }
}
