/** One open SQLite file: statements that are kept, transactions, and what goes wrong in our words. @module */
import { DatabaseSync } from "node:sqlite";
import { StoreRefused, StoreUnwritable } from "../errors.ts";

/** What a column holds. */
export type Value = null | number | string | Uint8Array;

/** A prepared statement; parameters by name, `$name` in the text. */
export interface Statement<Row> {
  /** The first row. */
  get(values?: Readonly<Record<string, Value>>): Row | undefined;
  /** All rows. */
  all(values?: Readonly<Record<string, Value>>): Row[];
  /** Runs it and counts the rows that it changed. */
  run(values?: Readonly<Record<string, Value>>): number;
}

/** An open file. Every call throws {@linkcode StoreUnwritable} or {@linkcode StoreRefused} where the file is at fault. */
export interface Connection extends Disposable {
  /** Where the file lies. */
  readonly file: string;
  /** The statement of this text, prepared once. Its columns are not checked: `Row` must be what the text selects. */
  prepare<Row = never>(sql: string): Statement<Row>;
  /** Runs several statements that give nothing. */
  execute(sql: string): void;
  /** Runs `action` as one transaction: all that it writes is there, or nothing. Within another one, it is a part of that. */
  write<T>(action: () => T): T;
  /** Gives the room of what was removed back to the disk. */
  shrink(): void;
}

/** Milliseconds that opening waits for a process that has the file and is about to end. */
const BUSY_MS = 2000;
/** Marks the file as ours: "u3da". */
const APPLICATION = 0x75336461;
/** What the journal beside the file may keep of the disk after a large write. */
const JOURNAL_BYTES = 64 * 2 ** 20;

/**
 * Opens or makes the file. A write is on the disk before its call returns, so neither a kill nor a power cut takes it back.
 * @throws {StoreUnwritable} @throws {StoreRefused}
 */
export function openConnection(file: string): Connection {
  const guarded = <T>(action: () => T): T => {
    try {
      return action();
    } catch (cause) {
      throw inOurWords(file, cause);
    }
  };
  const database = guarded(() => new DatabaseSync(file));
  const statements = new Map<string, Statement<unknown>>();
  const execute = (sql: string) => guarded(() => database.exec(sql));
  const prepare = <Row>(sql: string): Statement<Row> => {
    const kept = statements.get(sql);
    if (kept) return kept as Statement<Row>;
    const prepared = guarded(() => database.prepare(sql));
    const statement: Statement<unknown> = {
      get: (values = {}) => guarded(() => prepared.get(whole(values))),
      all: (values = {}) => guarded(() => prepared.all(whole(values))),
      run: (values = {}) => Number(guarded(() => prepared.run(whole(values))).changes),
    };
    statements.set(sql, statement);
    return statement as Statement<Row>;
  };
  try {
    // exclusive, because what two processes on one file would do to each other's jobs is worse than a refusal; the lock goes with
    // the process, however that ends
    execute(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA locking_mode = EXCLUSIVE`);
    claim(file, { prepare, execute });
    execute(`
      PRAGMA journal_mode = WAL;
      PRAGMA journal_size_limit = ${JOURNAL_BYTES};
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
    `);
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    file,
    prepare,
    execute,
    write(action) {
      if (database.isTransaction) return action();
      execute("BEGIN IMMEDIATE");
      try {
        const given = action();
        execute("COMMIT");
        return given;
      } catch (error) {
        if (database.isTransaction) execute("ROLLBACK"); // a full disk may have done so already
        throw error;
      }
    },
    shrink() {
      prepare("PRAGMA incremental_vacuum").all();
      prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
    },
    [Symbol.dispose]() {
      if (database.isOpen) database.close();
    },
  };
}

/** Marks an empty file as ours, and refuses one that is another program's before anything is written into it. */
function claim(file: string, { prepare, execute }: Pick<Connection, "prepare" | "execute">): void {
  const { pages, application } = prepare<{ pages: number; application: number }>(`
    SELECT page_count AS pages, application_id AS application FROM pragma_page_count, pragma_application_id`).get()!;
  // auto_vacuum can only be chosen now
  if (pages === 0) execute(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = ${APPLICATION}`);
  else if (application !== APPLICATION) {
    throw new StoreRefused(file, "it is a database of another program; choose another folder");
  }
}

/** SQLite would end a text at its first U+0000 without a word. */
function whole(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "string" ? value.replaceAll("\0", "\ufffd") : value,
    ]),
  );
}

/** Deno's errors of SQLite carry its numbers from some calls only; the words, which SQLite itself gives, from all. */
function inOurWords(file: string, cause: unknown): unknown {
  const words = cause instanceof Error ? cause.message : String(cause), options = { cause };
  if (cause instanceof Deno.errors.PermissionDenied || cause instanceof Deno.errors.NotCapable) {
    return new StoreUnwritable(file, words, options);
  }
  if (/disk is full|readonly database|unable to open database file|disk I\/O error/.test(words)) {
    return new StoreUnwritable(file, words, options);
  }
  if (/malformed|file is not a database/.test(words)) {
    return new StoreRefused(
      file,
      `it is damaged, or no store (${words}); put a copy of it in its place, or move it away to begin with an empty one`,
      options,
    );
  }
  if (/is locked/.test(words)) {
    return new StoreRefused(file, `another process holds it (${words}); stop that one and try again`, options);
  }
  return cause;
}
