/** API keys: only their hashes are kept. @module */
import { createHash, randomBytes } from "node:crypto";
import type { Key, Scope } from "../schemas/key_schema.ts";
import type { Connection } from "./connection.ts";
import type { Ids } from "./ids.ts";
import { isoTime, isoTimeOrNull } from "./times.ts";

/** What a key looks like: `u3_` and 32 random bytes in base64url. */
export const KEY_PATTERN = /u3_[A-Za-z0-9_-]{43}/;

/** All keys. */
export interface Keys {
  /** Makes a key. It is given this once and kept nowhere. */
  add(wanted: { readonly name: string; readonly scopes: readonly Scope[] }): Key & { key: string };
  /** Whose key this is; undefined where it is nobody's or was revoked. It is looked up by its hash, so time tells nothing of it. */
  find(key: string): Key | undefined;
  /** All keys in the order that they were made, revoked ones too. */
  list(): Key[];
  /** Revokes a key for good; undefined when there is none. */
  revoke(id: string): Key | undefined;
  /** How many are not revoked. */
  count(): number;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly scopes: string;
  readonly created: number;
  readonly revoked: number | null;
}

/** Keys in the tables of a store. */
export function openKeys(connection: Connection, ids: Ids, now: () => number): Keys {
  const select = "SELECT id, name, scopes, created, revoked FROM keys";
  const insert = connection.prepare("INSERT INTO keys VALUES ($id, $name, $scopes, $hash, $created, NULL)");
  const one = connection.prepare<Row>(`${select} WHERE id = $id`);
  const byHash = connection.prepare<Row>(`${select} WHERE hash = $hash AND revoked IS NULL`);
  const all = connection.prepare<Row>(`${select} ORDER BY id`);
  const revoke = connection.prepare("UPDATE keys SET revoked = $now WHERE id = $id AND revoked IS NULL");
  const count = connection.prepare<{ count: number }>("SELECT count(*) AS count FROM keys WHERE revoked IS NULL");
  const shown = ({ id, name, scopes, created, revoked }: Row): Key => ({
    id,
    name,
    scopes: JSON.parse(scopes),
    created: isoTime(created),
    revoked: isoTimeOrNull(revoked),
  });

  return {
    add: ({ name, scopes }) =>
      connection.write(() => {
        const id = ids.next(), key = `u3_${randomBytes(32).toString("base64url")}`;
        insert.run({ id, name, scopes: JSON.stringify(scopes), hash: hashOf(key), created: Math.floor(now()) });
        return { ...shown(one.get({ id })!), key };
      }),
    find(key) {
      const row = byHash.get({ hash: hashOf(key) });
      return row && shown(row);
    },
    list: () => all.all().map(shown),
    revoke(id) {
      revoke.run({ id, now: Math.floor(now()) });
      const row = one.get({ id });
      return row && shown(row);
    },
    count: () => count.get()!.count,
  };
}

const hashOf = (key: string): Uint8Array => createHash("sha256").update(key).digest();
