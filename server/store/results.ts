/** Kept results: the history's lines, their documents and what was drawn of them. @module */
import { type DetectDocument, isFound, type ScanFound } from "../../core/mod.ts";
import type { Result, ResultFilter, ResultPage, ResultRow, Verdict } from "../schemas/result_schema.ts";
import type { Connection } from "./connection.ts";
import type { Ids } from "./ids.ts";
import { resultConditions } from "./result_conditions.ts";
import { isoTime } from "./times.ts";

/** What is drawn of a result and kept with it. */
export type ArtefactKind = "view" | "picture";

/** Bytes by kind. */
export type Artefacts = Readonly<Partial<Record<ArtefactKind, Uint8Array>>>;

/** A result that is to be kept. */
export interface NewResult {
  readonly model: string;
  /** Its one scan is found. */
  readonly document: DetectDocument;
  /** The job that it belongs to. */
  readonly job: string | null;
  readonly artefacts: Artefacts;
}

/** What stays: a result goes when either bound is passed. */
export interface Retention {
  /** Results decided longer ago than this go. */
  readonly days?: number;
  /** Results beyond so many of the latest go. */
  readonly count?: number;
  /** Whether those with a verdict go too; they stay by default, and `count` counts them. */
  readonly judged?: boolean;
  /** Removes no more than this in one call, for it is not interrupted; Infinity by default. */
  readonly atMost?: number;
}

/** The kept results. */
export interface Results {
  /** Keeps a result whole or not at all, and gives its id. */
  add(result: NewResult): string;
  /** Keeps what was drawn later; false when the result is not there any more. */
  attach(id: string, artefacts: Artefacts): boolean;
  /** One result; its `files` say which artefacts are kept. */
  get(id: string): Result | undefined;
  /** Bytes of an artefact. */
  artefact(id: string, kind: ArtefactKind): Uint8Array | undefined;
  /** A page, latest first. */
  page(filter: ResultFilter): ResultPage;
  /** All that the filter names and that are there now, oldest first, without holding all; `after` and `limit` don't count. */
  rows(filter: Partial<ResultFilter>): Iterable<ResultRow>;
  /** Keeps what a person said; undefined when there is no such result. */
  judge(id: string, verdict: Verdict): ResultRow | undefined;
  /** Removes what is older than wanted, gives its room back to the disk, and counts what was removed. */
  keepOnly(retention: Retention): number;
}

type Row = Omit<ResultRow, "created"> & { created: number };

const COLUMNS = `id, created, model, fingerprint, input, score, p_value AS pValue, threshold, decision,
  decided_by AS decidedBy, area_mm2 AS areaMm2, seconds, job, verdict, note`;
/** Results that one transaction removes, and that one query of all rows reads. */
const BATCH = 100, CHUNK = 500;
const DAY_MS = 24 * 3600 * 1000;

/** The one scan of a result's document. */
export function scanOf(document: DetectDocument): ScanFound {
  const [scan] = document.scans;
  if (document.scans.length !== 1 || !isFound(scan)) throw new TypeError("a result's document holds one scan, found");
  return scan;
}

/** Results in the tables of a store. */
export function openResults(connection: Connection, ids: Ids, now: () => number): Results {
  const insert = connection.prepare(`
    INSERT INTO results VALUES ($id, $created, $model, $fingerprint, $input, $score, $pValue, $threshold, $decision,
      $decidedBy, $areaMm2, $seconds, $job, NULL, '')`);
  const insertDocument = connection.prepare("INSERT INTO documents VALUES ($id, $document)");
  const putArtefact = connection.prepare("INSERT OR REPLACE INTO artefacts VALUES ($id, $kind, $bytes)");
  const one = connection.prepare<Row>(`SELECT ${COLUMNS} FROM results WHERE id = $id`);
  const document = connection.prepare<{ document: string }>("SELECT document FROM documents WHERE result = $id");
  const kinds = connection.prepare<{ kind: string }>(
    "SELECT kind FROM artefacts WHERE result = $id ORDER BY kind DESC",
  );
  const bytes = connection.prepare<{ bytes: Uint8Array }>(
    "SELECT bytes FROM artefacts WHERE result = $id AND kind = $kind",
  );
  const judge = connection.prepare("UPDATE results SET verdict = $verdict, note = $note WHERE id = $id");
  const latest = connection.prepare<{ id: string }>("SELECT id FROM results ORDER BY id DESC LIMIT 1 OFFSET $skip");
  const remove = connection.prepare(`
    DELETE FROM results WHERE id IN (
      SELECT id FROM results WHERE (created < $before OR id <= $last) AND (verdict IS NULL OR $judged)
      ORDER BY id LIMIT $limit)`);
  const shown = (row: Row): ResultRow => ({ ...row, created: isoTime(row.created) });
  const attach = (id: string, artefacts: Artefacts) => {
    for (const kind of ["view", "picture"] as const) {
      const drawn = artefacts[kind];
      if (drawn) putArtefact.run({ id, kind, bytes: drawn });
    }
  };

  return {
    add: (result) =>
      connection.write(() => {
        const scan = scanOf(result.document), id = ids.next();
        const { input, score, pValue, threshold, decision, decidedBy, seconds } = scan;
        const areaMm2 = scan.regions.reduce((sum, region) => sum + region.areaMm2, 0);
        const { model, job, document: { model: { fingerprint } } } = result;
        const decided = { input, score, pValue, threshold, decision, decidedBy, areaMm2, seconds };
        insert.run({ id, created: Math.floor(now()), model, fingerprint, job, ...decided });
        insertDocument.run({ id, document: JSON.stringify(result.document) });
        attach(id, result.artefacts);
        return id;
      }),
    attach: (id, artefacts) =>
      connection.write(() => {
        if (!one.get({ id })) return false;
        attach(id, artefacts);
        return true;
      }),
    get(id) {
      const row = one.get({ id });
      return row && {
        ...shown(row),
        document: JSON.parse(document.get({ id })!.document),
        files: Object.fromEntries(kinds.all({ id }).map(({ kind }) => [kind, `/v1/results/${id}/${kind}`])),
      };
    },
    artefact: (id, kind) => bytes.get({ id, kind })?.bytes,
    page({ after, limit, ...filter }) {
      const { sql, values } = resultConditions(filter);
      const behind: Record<string, string> = after === undefined ? {} : { after };
      const rows = connection.prepare<Row>(`
        SELECT ${COLUMNS} FROM results WHERE ${sql} ${after === undefined ? "" : "AND id < $after"}
        ORDER BY id DESC LIMIT $limit`).all({ ...values, ...behind, limit: limit + 1 });
      const results = rows.slice(0, limit).map(shown);
      return { results, next: rows.length > limit ? results[limit - 1].id : null };
    },
    *rows(filter) {
      const { sql, values } = resultConditions(filter);
      const end = latest.get({ skip: 0 })?.id; // what comes meanwhile is left out, or the walk might never end
      const next = connection.prepare<Row>(`
        SELECT ${COLUMNS} FROM results WHERE ${sql} AND id > $after AND id <= $end ORDER BY id LIMIT ${CHUNK}`);
      for (let after = ""; end !== undefined;) {
        const rows = next.all({ ...values, after, end });
        for (const row of rows) yield shown(row);
        if (rows.length < CHUNK) return;
        after = rows[CHUNK - 1].id;
      }
    },
    judge: (id, { verdict, note }) =>
      connection.write(() => {
        judge.run({ id, verdict, note });
        const row = one.get({ id });
        return row && shown(row);
      }),
    keepOnly({ days, count, judged = false, atMost = Infinity }) {
      const before = days === undefined ? null : Math.floor(now() - days * DAY_MS);
      const last = count === undefined ? null : latest.get({ skip: count })?.id ?? null;
      let removed = 0;
      for (let limit = BATCH, found = limit; found === limit && removed < atMost;) {
        limit = Math.min(BATCH, atMost - removed);
        found = remove.run({ before, last, judged: Number(judged), limit });
        removed += found;
      }
      if (removed > 0) connection.shrink();
      return removed;
    },
  };
}
