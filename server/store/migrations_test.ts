import { deepEqual, equal, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "../../tests/run_deno.ts";
import { StoreRefused } from "../errors.ts";
import { openConnection } from "./connection.ts";
import { migrate, migrations } from "./migrations.ts";
import { openStore } from "./store.ts";

const first = "CREATE TABLE scans (name TEXT)", second = "ALTER TABLE scans ADD COLUMN size INTEGER NOT NULL DEFAULT 7";

Deno.test("migrate() brings an old file to the newest version, with what is in it, and does no step twice", () => {
  using folder = temporaryFolder();
  using connection = openConnection(`${folder.path}/s.sqlite`);
  migrate(connection, [first]);
  connection.prepare("INSERT INTO scans VALUES ('old')").run();
  for (let i = 0; i < 2; i++) {
    migrate(connection, [first, second, "INSERT INTO scans VALUES ('new', 8)"]);
    deepEqual(
      connection.prepare<{ name: string; size: number }>("SELECT * FROM scans").all().map((row) => ({ ...row })),
      [
        { name: "old", size: 7 },
        { name: "new", size: 8 },
      ],
    );
  }
});

Deno.test("migrate() leaves the version before when a step fails in the middle", () => {
  using folder = temporaryFolder();
  using connection = openConnection(`${folder.path}/s.sqlite`);
  throws(() => migrate(connection, [first, `${second}; INSERT INTO nowhere VALUES (1)`]), /nowhere/);
  equal(connection.prepare<{ user_version: number }>("PRAGMA user_version").get()!.user_version, 1);
  throws(() => connection.prepare("SELECT size FROM scans"), /no such column/);
  migrate(connection, [first, second]);
  equal(connection.prepare("SELECT size FROM scans").get(), undefined);
});

Deno.test("a store of a newer version is refused by both versions' names, and not touched", () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/s.sqlite`;
  openStore(file)[Symbol.dispose]();
  const change = (sql: string) => {
    using database = new DatabaseSync(file);
    database.exec(sql);
  };
  change(`PRAGMA user_version = ${migrations.length + 6}`);
  const before = Deno.readFileSync(file);
  throws(() => openStore(file), (error) => {
    return error instanceof StoreRefused && error.code === "store-refused" && error.path === file &&
      error.message.includes(`it is of version ${migrations.length + 6}`) &&
      error.message.includes(`versions up to ${migrations.length};`);
  });
  deepEqual(Deno.readFileSync(file), before);
  change(`PRAGMA user_version = ${migrations.length}`);
  openStore(file)[Symbol.dispose]();
});

Deno.test("another program's database is refused, and not touched", () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/other.sqlite`;
  {
    using database = new DatabaseSync(file);
    database.exec("CREATE TABLE photos (a); PRAGMA user_version = 1");
  }
  const before = Deno.readFileSync(file);
  throws(
    () => openStore(file),
    (error) => error instanceof StoreRefused && /database of another program; choose/.test(error.message),
  );
  deepEqual(Deno.readFileSync(file), before);
});
