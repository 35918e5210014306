import { deepEqual, ok } from "node:assert/strict";
import { gpuTest } from "../../testing/mod.ts";
import { chamferTable, shapeQuality } from "./shape_quality.ts";

const near = (a: number, b: number) => ok(Math.abs(a - b) < 1e-6, `${a}, not ${b}`);

gpuTest("chamferTable() is the root of the two-sided mean of squares", async (gpu) => {
  const a = [Float32Array.of(0, 0, 0, 1, 0, 0)],
    b = [Float32Array.of(0, 0, 0, 0, 0, 0), Float32Array.of(0, 2, 0, 1, 0, 0)];
  const [[first, second]] = await chamferTable(gpu, a, b);
  near(first, Math.sqrt((0.5 + 0) / 2)); // squares 0, 1 and 0, 0
  near(second, Math.sqrt((0.5 + 2) / 2)); // 1, 0 and 4, 0
  deepEqual(await chamferTable(gpu, [], b), []);
});

/** Distances between numbers. */
const table = (a: readonly number[], b: readonly number[]) => a.map((x) => b.map((y) => Math.abs(x - y)));

Deno.test("shapeQuality() tells good generated shapes, collapsed ones and those of another kind", () => {
  const figures = (normal: readonly number[], made: readonly number[]) =>
    shapeQuality(table(normal, normal), table(normal, made), table(made, made));
  const good = figures([0, 10, 20, 30], [1, 11, 19, 32]);
  deepEqual([good.coverage, good.oneNearest], [1, 0]);
  near(good.nearest, 5 / 4);
  near(good.spread, 101 / 6 / (100 / 6));
  const collapsed = figures([0, 10, 20, 30], [11, 11.1, 11.2, 11.3]);
  deepEqual(collapsed.coverage, 0.25);
  ok(collapsed.spread < 0.02);
  const copies = figures([5, 5, 5], [4, 6]);
  deepEqual([copies.spread, copies.nearest], [1, 1]);
  const strange = figures([0, 1, 2, 3], [100, 101, 102, 103]);
  deepEqual([strange.coverage, strange.oneNearest], [0.25, 1]);
});
