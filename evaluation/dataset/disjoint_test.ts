import { deepEqual, equal, rejects } from "node:assert/strict";
import { memoryStorage } from "../../core/mod.ts";
import { assertDisjoint, contentHash } from "./disjoint.ts";
import { OverlappingSets } from "./errors.ts";

const storage = memoryStorage({
  "a.tiff": new Uint8Array([1, 2, 3]),
  "b.tiff": new Uint8Array([1, 2, 4]),
  "copy.tiff": new Uint8Array([1, 2, 3]),
});
const set = (label: string, ...names: string[]) => ({ label, storage, entries: names.map((file) => ({ file })) });

Deno.test("contentHash() is sha-256", async () => {
  equal(
    await contentHash(new TextEncoder().encode("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("assertDisjoint() accepts sets of unlike files", async () => {
  await assertDisjoint(set("train", "a.tiff"), set("test", "b.tiff"));
  await assertDisjoint(set("train"), set("test", "b.tiff"));
});

Deno.test("assertDisjoint() names the files with one content, whatever they are called", async () => {
  await rejects(assertDisjoint(set("train", "a.tiff", "b.tiff"), set("test", "copy.tiff", "b.tiff")), (e: unknown) => {
    if (!(e instanceof OverlappingSets)) return false;
    equal(e.code, "overlapping-sets");
    deepEqual(e.pairs, [["a.tiff", "copy.tiff"], ["b.tiff", "b.tiff"]]);
    return e.message.includes("copy.tiff") && e.message.includes("train") && e.message.includes("test");
  });
});
