import { deepEqual, equal, rejects } from "node:assert/strict";
import { memoryStorage } from "../../core/mod.ts";
import { writeNpy, writeTiff } from "../../formats/mod.ts";
import { assertDisjoint } from "./disjoint.ts";
import { OverlappingSets } from "./errors.ts";

const storage = memoryStorage({
  "a.tiff": new Uint8Array([1, 2, 3]),
  "b.tiff": new Uint8Array([1, 2, 4]),
  "copy.tiff": new Uint8Array([1, 2, 3]),
});
const set = (label: string, ...names: string[]) => ({ label, storage, entries: names.map((file) => ({ file })) });

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

Deno.test("assertDisjoint() finds the same points in another format", async () => {
  const values = Float32Array.from({ length: 4 * 4 * 3 }, (_, i) => i / 100);
  const storage = memoryStorage({
    "a.tiff": writeTiff({ width: 4, height: 4, samples: 3, values }),
    "b.npy": writeNpy({ shape: [4, 4, 3], values }),
    "c.npy": writeNpy({ shape: [4, 4, 3], values: values.map((v) => v + 1) }),
  });
  const set = (label: string, file: string) => ({ label, storage, entries: [{ file }] });
  await rejects(assertDisjoint(set("train", "a.tiff"), set("test", "b.npy")), OverlappingSets);
  await assertDisjoint(set("train", "a.tiff"), set("test", "c.npy"));
});
