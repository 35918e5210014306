import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { temporaryFolder } from "../../tests/run_deno.ts";
import { keySchema, newKeySchema } from "../schemas/key_schema.ts";
import { KEY_PATTERN } from "./keys.ts";
import { openStore } from "./store.ts";

Deno.test("a key is found by itself until it is revoked", () => {
  using folder = temporaryFolder();
  using store = openStore(`${folder.path}/s.sqlite`, { now: () => 0 });
  const { keys } = store, made = keys.add({ name: "line 1", scopes: ["score", "train"] });
  const other = keys.add({ name: "line 1", scopes: ["admin"] });
  deepEqual(newKeySchema.parse(made), made);
  match(made.key, new RegExp(`^${KEY_PATTERN.source}$`));
  notEqual(made.key, other.key);
  const { key, ...kept } = made;
  deepEqual(kept, {
    id: made.id,
    name: "line 1",
    scopes: ["score", "train"],
    created: "1970-01-01T00:00:00.000Z",
    revoked: null,
  });
  deepEqual(keys.find(key), kept);
  for (const wrong of ["", key.slice(0, -1), `${key}A`, key.toUpperCase(), made.id]) equal(keys.find(wrong), undefined);
  equal(keys.count(), 2);
  const revoked = keys.revoke(made.id)!;
  deepEqual(keySchema.parse(revoked), { ...kept, revoked: "1970-01-01T00:00:00.000Z" });
  deepEqual([keys.find(key), keys.revoke("none")], [undefined, undefined]);
  equal(keys.count(), 1);
  deepEqual(keys.list().map(({ id }) => id), [made.id, other.id]);
  ok(keys.find(other.key));
});

Deno.test("a key revoked twice keeps when it was revoked first", () => {
  using folder = temporaryFolder();
  let now = 0;
  using store = openStore(`${folder.path}/s.sqlite`, { now: () => now += 1000 });
  const { id } = store.keys.add({ name: "x", scopes: ["score"] });
  deepEqual(store.keys.revoke(id), store.keys.revoke(id));
});

Deno.test("no key lies in the file, not even when somebody puts one into the audit", () => {
  using folder = temporaryFolder();
  const store = openStore(`${folder.path}/s.sqlite`);
  const { key } = store.keys.add({ name: "line 1", scopes: ["score"] });
  const entry = store.audit.add({
    actor: key,
    action: "key.add",
    target: `of ${key}`,
    detail: { [key]: [`${key} ${key}`] },
  });
  deepEqual([entry.actor, entry.target, entry.detail], ["u3_…", "of u3_…", { "u3_…": ["u3_… u3_…"] }]);
  store[Symbol.dispose]();
  const bytes = new TextDecoder("latin1").decode(Deno.readFileSync(`${folder.path}/s.sqlite`));
  ok(bytes.includes("key.add"), "the file is read");
  ok(!bytes.includes(key.slice(3)));
});
