/** Who changed what. @module */
import type { Connection } from "./connection.ts";
import type { Ids } from "./ids.ts";
import { KEY_PATTERN } from "./keys.ts";
import { isoTime } from "./times.ts";

/** Something that was done. */
export interface AuditRecord {
  /** Who: a key's id, or words where keys aren't needed. */
  readonly actor: string;
  /** What, such as `model.delete`. */
  readonly action: string;
  /** To what, such as a model's name. */
  readonly target: string;
  /** More of it; JSON. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** As it is kept. */
export interface AuditEntry extends AuditRecord {
  readonly id: string;
  /** When, ISO 8601. */
  readonly created: string;
}

/** All that was done; nothing is ever taken out. */
export interface Audit {
  /** Keeps a record. What looks like an API key in it is blotted out. */
  add(record: AuditRecord): AuditEntry;
  /** Latest first; give `next` as `after` for the page behind this one. */
  page(page: { after?: string; limit: number }): { entries: AuditEntry[]; next: string | null };
}

type Row = Omit<AuditEntry, "created" | "detail"> & { readonly created: number; readonly detail: string };

/** The audit in the tables of a store. */
export function openAudit(connection: Connection, ids: Ids, now: () => number): Audit {
  const insert = connection.prepare("INSERT INTO audit VALUES ($id, $created, $actor, $action, $target, $detail)");
  const one = connection.prepare<Row>("SELECT * FROM audit WHERE id = $id");
  const page = connection.prepare<Row>(
    "SELECT * FROM audit WHERE $after IS NULL OR id < $after ORDER BY id DESC LIMIT $limit",
  );
  const key = new RegExp(KEY_PATTERN, "g");
  const safe = (text: string) => text.replace(key, "u3_…");
  const shown = (row: Row): AuditEntry => ({ ...row, created: isoTime(row.created), detail: JSON.parse(row.detail) });

  return {
    add: ({ actor, action, target, detail }) =>
      connection.write(() => {
        const id = ids.next(), created = Math.floor(now());
        const said = { actor: safe(actor), action: safe(action), target: safe(target) };
        insert.run({ id, created, ...said, detail: safe(JSON.stringify(detail)) });
        return shown(one.get({ id })!);
      }),
    page({ after, limit }) {
      const rows = page.all({ after: after ?? null, limit: limit + 1 });
      const entries = rows.slice(0, limit).map(shown);
      return { entries, next: rows.length > limit ? entries[limit - 1].id : null };
    },
  };
}
