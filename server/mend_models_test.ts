import { deepEqual, equal } from "node:assert/strict";
import { temporaryFolder } from "../tests/run_deno.ts";
import { mendModels } from "./mend_models.ts";

/** A folder of models with these folders, each with a file; its names after it was put in order, and what was said. */
async function mended(...names: readonly string[]) {
  using folder = temporaryFolder();
  const long = new Date(Date.now() - 86_400_000);
  for (const name of names) {
    Deno.mkdirSync(`${folder.path}/${name}`);
    folder.put(`${name}/model.json`, name);
    if (name.startsWith("long")) Deno.utimeSync(`${folder.path}/${name}`, long, long);
  }
  folder.put("file.1.tmp", "");
  const said: string[] = [], say = (words: string) => void said.push(words);
  await mendModels(folder.path, { info: say, warn: say });
  const left = [...Deno.readDirSync(folder.path)].filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  return { left: left.sort(), said };
}

Deno.test("mendModels() removes what was being deleted or written when the server was killed, and nothing else", async () => {
  const kept = ["a", "b.old", "c.tmp", "new.123456789.tmp", ".server", "d.x.tmp", "e.gone"];
  const gone = [".a.6d3a.gone", `own.${Deno.pid}.tmp`, "long.123456789.tmp"];
  const { left, said } = await mended(...kept, ...gone);
  deepEqual(left, kept.sort());
  equal(said.length, gone.length);
});

Deno.test("mendModels() puts a model back whose replacement did not come, and takes no copy away that somebody keeps", async () => {
  using folder = temporaryFolder();
  for (const name of ["lost.77.old", "there.77.old", "there"]) Deno.mkdirSync(`${folder.path}/${name}`);
  folder.put("lost.77.old/model.json", "lost");
  folder.put("there.77.old/model.json", "old");
  folder.put("there/model.json", "new");
  const log = { info: () => {}, warn: () => {} };
  await mendModels(folder.path, log);
  deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), ["lost", "there", "there.77.old"]);
  const read = (name: string) => Deno.readTextFileSync(`${folder.path}/${name}/model.json`);
  deepEqual([read("lost"), read("there")], ["lost", "new"]);
});
