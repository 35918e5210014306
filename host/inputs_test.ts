import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { memoryStorage } from "../core/mod.ts";
import { writeTiff } from "../formats/mod.ts";
import { temporaryFolder } from "../tests/run_deno.ts";
import { InputUnreadable } from "./errors.ts";
import { entryScans, fileScans } from "./inputs.ts";

const places = (...paths: string[]) => fileScans(paths).map(({ place }) => place);

Deno.test("fileScans() gives every file a place of its own, also where names meet", () => {
  deepEqual(places("x/a.tiff", "y/a.tiff", "a.npy", "b.tiff"), ["a", "a-2", "a-3", "b"]);
  deepEqual(places("x/a.tiff", "y/a.tiff", "a-2.tiff"), ["a", "a-2", "a-2-2"]);
  deepEqual(places("x/a b.tiff", "x/a_b.tiff"), ["a_b", "a_b-2"]);
  deepEqual(places("x/A.tiff", "x/a.tiff"), ["A", "a-2"], "some systems' folders do not tell them apart");
});

Deno.test("fileScans() gives places that stay below their folder, one each, whatever the paths", () =>
  fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 6 }), (paths) => {
    const given = places(...paths);
    equal(new Set(given).size, paths.length);
    for (const place of given) ok(/^[\p{L}\p{N}._-]+$/u.test(place) && place !== "." && place !== "..", place);
  })));

Deno.test("entryScans() gives each entry its place under its category, and one of its own", () => {
  const entry = (name: string) => ({ name, defect: "good", file: `${name}.tiff` });
  const scans = entryScans(memoryStorage(), "a/cable gland", ["good/000", "a b/1", "a_b/1", "../x/2"].map(entry));
  deepEqual(scans.map(({ place }) => place), [
    "a/cable_gland/test/good/000",
    "a/cable_gland/test/a_b/1",
    "a/cable_gland/test/a_b/1-2",
    "a/cable_gland/test/x/2",
  ]);
});

Deno.test("fileScans() reads when it is asked to, in the unit it is told", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/x.tiff`, [scan] = fileScans([path], { unit: "mm" });
  await rejects(scan.load(), InputUnreadable);
  await Deno.writeFile(path, writeTiff({ width: 1, height: 1, samples: 3, values: Float32Array.of(1000, 0, 2000) }));
  const { name, points } = await scan.load();
  deepEqual([name, ...points], [path, 1, 0, 2]);
});
