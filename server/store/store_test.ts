import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { root } from "../../tests/project_files.ts";
import { runDeno, temporaryFolder } from "../../tests/run_deno.ts";
import { StoreRefused, StoreUnwritable } from "../errors.ts";
import { openConnection } from "./connection.ts";
import { migrate } from "./migrations.ts";
import { sampleResult } from "../../tests/sample_document.ts";
import { openStore, storeOver } from "./store.ts";

const bytes = new Uint8Array(50_000), found = (view: Uint8Array) => sampleResult({}, { artefacts: { view } });

Deno.test("together() keeps all or nothing", () => {
  using folder = temporaryFolder();
  using store = openStore(`${folder.path}/s.sqlite`);
  const reply = { status: 200, type: "", headers: {}, body: bytes };
  store.replies.begin("a", "k", "d");
  throws(() =>
    store.together(() => {
      store.results.add(sampleResult());
      store.replies.finish("a", "k", reply);
      throw new Error("in the middle");
    }), /in the middle/);
  deepEqual([[...store.results.rows({})], store.replies.begin("a", "k", "d")], [[], { state: "running" }]);
  const id = store.together(() => {
    store.replies.finish("a", "k", reply);
    return store.results.add(sampleResult());
  });
  ok(store.results.get(id));
  equal(store.replies.begin("a", "k", "d").state, "done");
});

Deno.test("a full disk is a typed error; what was kept stays, and the store goes on when there is room", () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/s.sqlite`, connection = openConnection(file);
  migrate(connection);
  using store = storeOver(connection);
  const { id: job } = store.jobs.add({ kind: "batch", model: "m", request: {}, items: [{ input: "i", source: "s" }] });
  store.jobs.start(job);
  store.jobs.nextItem(job);
  const kept = store.results.add(found(bytes));
  const { page_count } = connection.prepare<{ page_count: number }>("PRAGMA page_count").get()!;
  const limit = (pages: number) => connection.prepare<unknown>(`PRAGMA max_page_count = ${pages}`).get();
  limit(page_count);
  const full = (error: unknown) =>
    error instanceof StoreUnwritable && error.code === "store-unwritable" && error.path === file &&
    error.message.includes(file) && /disk is full; make room/.test(error.message);
  throws(() => store.results.add(found(bytes)), full);
  throws(() => store.jobs.finishItem(job, 0, { result: found(bytes) }), full);
  throws(() =>
    store.together(() => {
      store.keys.add({ name: "x", scopes: ["score"] });
      store.results.add(found(bytes));
    }), full);
  deepEqual([...store.results.rows({})].map(({ id }) => id), [kept]);
  deepEqual([store.jobs.items(job, { limit: 1 }).items[0].state, store.jobs.get(job)!.done], ["running", 0]);
  equal(store.keys.count(), 0);
  limit(page_count + 1000);
  ok(store.jobs.finishItem(job, 0, { result: found(bytes) }));
  equal(connection.prepare<{ quick_check: string }>("PRAGMA quick_check").get()!.quick_check, "ok");
});

Deno.test("a file that may not be written is a typed error: in the way, without permission, read-only", async () => {
  using folder = temporaryFolder();
  const unwritable = (error: unknown) =>
    error instanceof StoreUnwritable && /^Cannot write the store/.test(error.message);
  throws(() => openStore(`${folder.put("file", "")}/s.sqlite`), unwritable);
  throws(() => openStore(folder.path), unwritable, "it is a folder");
  const script = folder.put(
    "open.ts",
    `const { openStore } = await import(${JSON.stringify(new URL("./store.ts", import.meta.url).href)});
     try { openStore(Deno.args[0]); } catch (error) { console.log(error.code); }`,
  );
  openStore(`${folder.path}/s.sqlite`)[Symbol.dispose]();
  const config = `--config=${new URL("deno.json", root).pathname}`;
  const said = await runDeno(["run", "--allow-read", "--no-prompt", config, script, `${folder.path}/s.sqlite`]);
  equal(said.stdout, "store-unwritable\n", said.stderr);
  const connection = openConnection(`${folder.path}/s.sqlite`);
  using store = storeOver(connection);
  connection.execute("PRAGMA query_only = ON");
  throws(() => store.audit.add({ actor: "", action: "", target: "", detail: {} }), unwritable);
  equal(store.results.get("x"), undefined, "it can still be read");
});

Deno.test("a damaged file is refused with what to do, at its opening or at the damaged place", () => {
  using folder = temporaryFolder();
  const refused = (error: unknown) => error instanceof StoreRefused && /it is damaged.*put a copy/.test(error.message);
  throws(() => openStore(folder.put("text", "this is no store ".repeat(1000))), refused);
  const file = `${folder.path}/s.sqlite`;
  {
    using store = openStore(file);
    for (let i = 0; i < 20; i++) store.results.add(found(bytes));
  }
  const whole = Deno.readFileSync(file);
  Deno.writeFileSync(file, whole.fill(0x5a, 4096)); // the first page is left: it still looks like a store
  throws(() => {
    using store = openStore(file);
    for (const { id } of store.results.rows({})) store.results.artefact(id, "view");
  }, refused);
});

Deno.test("a file that another process holds is refused, and free when that one is gone", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/s.sqlite`;
  {
    using _store = openStore(file);
    const script = folder.put(
      "open.ts",
      `const { openStore } = await import(${JSON.stringify(new URL("./store.ts", import.meta.url).href)});
       try { openStore(Deno.args[0]); } catch (error) { console.log(error.code, error.message); }`,
    );
    const config = `--config=${new URL("deno.json", root).pathname}`;
    const { stdout, stderr } = await runDeno(["run", "-A", config, script, file]);
    ok(/^store-refused .*another process holds it/.test(stdout), stdout + stderr);
  }
  openStore(file)[Symbol.dispose]();
});
