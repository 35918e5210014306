import { deepEqual, rejects } from "node:assert/strict";
import { FileMissing, memoryStorage } from "./mod.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

Deno.test("memoryStorage() lists what lies below a folder, sorted", async () => {
  const storage = memoryStorage({ "b/2": bytes(), "b/1": bytes(), "bb/3": bytes(), a: bytes() });
  deepEqual(await storage.list(""), ["a", "b/1", "b/2", "bb/3"]);
  deepEqual(await storage.list("b"), ["b/1", "b/2"]);
  deepEqual(await storage.list("b/"), ["b/1", "b/2"]);
  deepEqual(await storage.list("nowhere"), []);
});

Deno.test("memoryStorage() keeps bytes of its own, as they were written last", async () => {
  const storage = memoryStorage(), mine = bytes(1, 2);
  await storage.write("x", mine);
  mine[0] = 9;
  (await storage.read("x"))[1] = 9;
  deepEqual(await storage.read("x"), bytes(1, 2));
  await storage.write("x", bytes(3));
  deepEqual(await storage.read("x"), bytes(3));
});

Deno.test("memoryStorage() says which file is missing, and where", () =>
  rejects(
    memoryStorage({}, "the model").read("y"),
    (error: FileMissing) => error.code === "file-missing" && error.storage === "the model" && error.file === "y",
  ));
