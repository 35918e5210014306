import { deepEqual, equal } from "node:assert/strict";
import type { ScoredMap } from "../evaluation/mod.ts";
import { openSpool } from "./spool.ts";

const map = (name: string, width: number, height: number, first: number): ScoredMap => ({
  name,
  defect: `type ${name}`,
  width,
  height,
  scores: Float32Array.from({ length: width * height }, (_, i) => first + i / 3),
  truth: Uint8Array.from({ length: width * height }, (_, i) => i % 2),
});

Deno.test("openSpool() gives back the maps that were added, at each walk, and between additions", async () => {
  using spool = await openSpool();
  const maps = [map("a", 3, 2, 0.1), map("b", 1, 1, -5), map("c", 300, 200, 1e30)];
  deepEqual(await Array.fromAsync(spool.walk()), []);
  await spool.add(maps[0]);
  deepEqual(await Array.fromAsync(spool.walk()), maps.slice(0, 1));
  await spool.add(maps[1]);
  await spool.add(maps[2]);
  deepEqual(await Array.fromAsync(spool.walk()), maps);
  deepEqual(await Array.fromAsync(spool.walk()), maps);
  equal(spool.count, 3);
});

Deno.test("openSpool() keeps what it was given, though the arrays are used again, and views as they lie", async () => {
  using spool = await openSpool();
  const memory = Float32Array.of(9, 1, 2, 9), given = { ...map("v", 2, 1, 0), scores: memory.subarray(1, 3) };
  await spool.add(given);
  memory.fill(0);
  const [back] = await Array.fromAsync(spool.walk());
  deepEqual(back.scores, Float32Array.of(1, 2));
});

Deno.test("a walk that is left early, and a spool that is disposed, leave nothing open", async () => {
  using spool = await openSpool(); // the test's own sanitizer watches the files
  for (const name of ["a", "b"]) await spool.add(map(name, 2, 2, 0));
  for await (const { name } of spool.walk()) {
    equal(name, "a");
    break;
  }
});
