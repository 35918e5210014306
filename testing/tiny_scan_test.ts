import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { prepare } from "../core/mod.ts";
import { gpuTest } from "./gpu.ts";
import { onlyPixels, tinyPrepare, tinyScan } from "./tiny_scan.ts";

Deno.test("tinyScan() is the same for a seed, and another for another", () => {
  deepEqual(tinyScan({ seed: 1 }), tinyScan({ seed: 1 }));
  notDeepEqual(tinyScan({ seed: 1 }).points, tinyScan({ seed: 2 }).points);
});

Deno.test("a dent changes the points of its ground truth alone, by no more than its depth", () => {
  const plain = tinyScan({ seed: 3 }), dented = tinyScan({ seed: 3, dent: 0.002 }), truth = dented.truth!.values;
  equal(truth.reduce((sum, v) => sum + v, 0), 4 * (5 + 5 + 4 + 4 + 2)); // pixel centres within 5 mm of a corner, row by row
  truth.forEach((inside, i) => {
    const depth = dented.points[3 * i + 2] - plain.points[3 * i + 2];
    ok(inside ? depth > 0 && depth < 0.002 + 1e-7 : depth === 0, `pixel ${i}: ${depth}`);
  });
});

await gpuTest("prepare() leaves the plate of a tiny scan", (gpu) => {
  using prepared = prepare(tinyScan({ seed: 1 }), tinyPrepare, { gpu, seed: 0 });
  ok(Math.abs(prepared.count - (36 * 56 / 64) ** 2) < 70, `${prepared.count} points`);
  equal(new Set(prepared.sourcePixels).size, prepared.count);
});

await gpuTest("onlyPixels() leaves as many points as it names", (gpu) => {
  const few = onlyPixels(tinyScan({ seed: 1 }), [0, 20, 2000, 4000]);
  using prepared = prepare(few, { ...tinyPrepare, background: "raw", size: 64 }, { gpu, seed: 0 });
  equal(prepared.count, 4);
});
