import { deepEqual, equal, fail, rejects } from "node:assert/strict";
import { temporaryFolder } from "../tests/run_deno.ts";
import { modelIndex } from "../tests/stub_server.ts";
import { stubScorer } from "../tests/stub_scorer.ts";
import { modelShelf } from "./model_shelf.ts";
import { openStore } from "./store/store.ts";

/** A shelf over a folder with what the names say. */
function shelfOf(...names: readonly string[]) {
  const folder = temporaryFolder(), store = openStore(`${folder.path}/state/server.sqlite`), scorer = stubScorer();
  const models = `${folder.path}/models`, forgotten: string[] = [];
  scorer.forget = (name) => Promise.resolve(void forgotten.push(name));
  for (const name of ["", ...names]) Deno.mkdirSync(`${models}/${name}`, { recursive: true });
  for (const name of names) folder.put(`models/${name}/model.json`, JSON.stringify(modelIndex));
  return {
    folder,
    models,
    store,
    scorer,
    forgotten,
    shelf: modelShelf(models, store, scorer, { warn: fail }),
    [Symbol.dispose]() {
      store[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

Deno.test("a shelf lists what is a model, by name, and tells why others can't be read", async () => {
  using made = shelfOf("b", "a", "part");
  const { folder, models, shelf } = made;
  for (const name of ["empty", ".server", "with space"]) Deno.mkdirSync(`${models}/${name}`);
  folder.put("models/.server/model.json", "{}");
  folder.put("models/with space/model.json", "{}");
  folder.put("models/file", "");
  Deno.mkdirSync(`${models}/damaged`);
  folder.put("models/damaged/model.json", "{");
  const list = await shelf.list();
  deepEqual(list.models.map(({ name, loaded }) => [name, loaded]), [["a", false], ["b", false], ["part", true]]);
  deepEqual(list.refused.map(({ name, error: { code } }) => [name, code]), [["damaged", "model-refused"]]);
  equal(list.refused[0].error.message.includes(folder.path), false, "no path of the machine");
  equal(list.models[0].bytes, (await Deno.stat(`${models}/a/model.json`)).size);
  deepEqual([await shelf.has("a"), await shelf.has("damaged"), await shelf.has("empty")], [true, true, false]);
});

Deno.test("a shelf has nothing outside of its folder", async () => {
  using made = shelfOf("a");
  const { folder, shelf } = made;
  folder.put("model.json", JSON.stringify(modelIndex));
  for (const name of ["..", ".", "", "a/../a", "../models/a", "a/", "/a", "A/b", "a\0", "ä", "x".repeat(65)]) {
    equal(await shelf.has(name), false, name);
    for (const ask of [shelf.get(name), shelf.scoring(name), shelf.set(name, {}), shelf.remove(name)]) {
      await rejects(ask, { code: "no-such-model" }, name);
    }
  }
});

Deno.test("what is set of a model stays, and goes with it", async () => {
  using made = shelfOf("a");
  const { folder, shelf, models, forgotten } = made;
  deepEqual(await shelf.scoring("a"), { threshold: null, alpha: null });
  await shelf.set("a", { threshold: 2 });
  await shelf.set("a", { alpha: 0.1 });
  const { threshold, alpha, active } = await shelf.get("a");
  deepEqual([threshold, alpha, active], [2, 0.1, true]);
  await shelf.set("a", { active: false });
  await rejects(shelf.scoring("a"), { code: "model-inactive", status: 409 });
  await shelf.remove("a");
  deepEqual([await shelf.has("a"), forgotten], [false, ["a"]]);
  deepEqual([...Deno.readDirSync(models)], [], "nothing is left of it");
  Deno.mkdirSync(`${models}/a`);
  folder.put("models/a/model.json", JSON.stringify(modelIndex));
  deepEqual(await shelf.scoring("a"), { threshold: null, alpha: null }, "another model of its name has its own");
});

Deno.test("a model that is removed twice at once is removed once, and can't be opened meanwhile", async () => {
  using made = shelfOf("a");
  const { shelf, scorer } = made, hold = Promise.withResolvers<void>();
  scorer.forget = () => hold.promise;
  const both = [shelf.remove("a"), shelf.remove("a")];
  await rejects(Promise.race(both), { code: "no-such-model" });
  equal(await shelf.has("a"), false, "the scorer still holds it");
  hold.resolve();
  const ends = await Promise.allSettled(both);
  deepEqual(ends.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});

Deno.test("a model's files go though the scorer is lost", async () => {
  using made = shelfOf("a");
  const { shelf, scorer, models } = made;
  scorer.forget = () => Promise.reject(new Error("it fell"));
  await rejects(shelf.remove("a"), /it fell/);
  deepEqual([...Deno.readDirSync(models)], []);
});
