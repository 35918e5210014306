import { deepEqual, equal, rejects } from "node:assert/strict";
import { FileMissing } from "../core/mod.ts";
import { temporaryFolder } from "../tests/run_deno.ts";
import { diskStorage, folderOf, provideFolder, readFile, replaceFolder, writeWhole } from "./disk.ts";
import { InputUnreadable, OutputUnwritable } from "./errors.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const list = (path: string) => diskStorage(path).list("");

Deno.test("diskStorage() lists, reads and writes below its folder, through links too", async () => {
  using folder = temporaryFolder();
  const storage = diskStorage(folder.path);
  await storage.write("b/c/2", bytes("two"));
  await storage.write("a", bytes("one"));
  await Deno.symlink(`${folder.path}/b`, `${folder.path}/link`);
  await Deno.symlink(`${folder.path}/nowhere`, `${folder.path}/broken`);
  for (const name of ["loop", "again"]) await Deno.symlink(`${folder.path}/b`, `${folder.path}/b/c/${name}`);
  deepEqual(await storage.list(""), ["a", "b/c/2", "broken", "link/c/2"]);
  deepEqual(await storage.list("b/"), ["b/c/2"]);
  deepEqual(await storage.list("a"), [], "a file has nothing below it");
  deepEqual(await storage.list("none"), []);
  equal(new TextDecoder().decode(await storage.read("link/c/2")), "two");
  await rejects(storage.read("none"), FileMissing);
  await rejects(storage.read("broken"), FileMissing);
  await rejects(storage.read("b"), InputUnreadable);
});

Deno.test("readFile() tells a missing file from a folder", async () => {
  using folder = temporaryFolder();
  await rejects(readFile(`${folder.path}/x`), /there is no such file/);
  await rejects(readFile(folder.path), /a folder, not a scan/);
  await rejects(readFile(`${folder.put("file", "")}/x`), InputUnreadable);
});

Deno.test("writeWhole() makes folders, replaces, and leaves neither half nor temporary files when it fails", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/new/file`;
  await writeWhole(path, bytes("first"));
  await writeWhole(path, bytes("second"));
  equal(await Deno.readTextFile(path), "second");
  await Deno.mkdir(`${folder.path}/taken`);
  await rejects(writeWhole(`${folder.path}/taken`, bytes("x")), OutputUnwritable);
  await rejects(writeWhole(`${path}/below`, bytes("x")), OutputUnwritable);
  deepEqual(await list(folder.path), ["new/file"]);
});

Deno.test("provideFolder() leaves nothing but the folder, and refuses one that is a file", async () => {
  using folder = temporaryFolder();
  await provideFolder(`${folder.path}/out/deep`);
  deepEqual([...Deno.readDirSync(`${folder.path}/out/deep`)], []);
  await rejects(provideFolder(folder.put("file", "")), OutputUnwritable);
});

Deno.test("replaceFolder() puts a folder in place whole, or leaves what was there", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/model`, mine = (files: string[]) => files.includes("model.json");
  await replaceFolder(`${path}/`, mine, async (storage) => {
    await storage.write("model.json", bytes("1"));
    await storage.write("old", bytes("1"));
  });
  const failure = new Error("in the middle");
  await rejects(
    replaceFolder(path, mine, async (storage) => {
      await storage.write("model.json", bytes("half"));
      throw failure;
    }),
    failure,
  );
  deepEqual(await list(folder.path), ["model/model.json", "model/old"]);
  equal(await Deno.readTextFile(`${path}/model.json`), "1");
  await replaceFolder(path, mine, (storage) => storage.write("model.json", bytes("2")));
  deepEqual(await list(folder.path), ["model/model.json"], "nothing of the old one stays");
});

Deno.test("replaceFolder() never takes away what is not its own: other files, a file in the way", async () => {
  using folder = temporaryFolder();
  const fill = () => Promise.reject(new Error("the refusal comes before any work"));
  await Deno.mkdir(`${folder.path}/photos`);
  folder.put("photos/1.jpg", "mine");
  const file = folder.put("file", "mine"), none = () => false;
  await rejects(replaceFolder(`${folder.path}/photos`, none, fill), /holds other files, which would be lost/);
  await rejects(replaceFolder(file, none, fill), /it is a file, not a folder/);
  deepEqual(await list(folder.path), ["file", "photos/1.jpg"]);
});

Deno.test("folderOf() gives the part before the last slash", () => {
  deepEqual(["a/b/c", "a", "/a", "./a"].map(folderOf), ["a/b", ".", "/", "."]);
});
