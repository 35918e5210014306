import { deepEqual, ok } from "node:assert/strict";
import { errorOf, goldenArray, goldenIsThere } from "../../tests/golden_arrays.ts";
import { ballNeighbours, fibonacciBall } from "./ball.ts";

const ignore = !goldenIsThere;

Deno.test({
  name: "fibonacciBall() equals the golden balls",
  ignore,
  fn: () => {
    for (const count of [64, 2048]) {
      ok(errorOf(fibonacciBall(count), goldenArray(`ops/fibonacci/ball_${count}`).values) <= 2e-6, `${count}`);
    }
    const first = fibonacciBall(4096).subarray(0, 48);
    ok(errorOf(first, goldenArray("ops/fibonacci/ball_4096_first16").values) <= 2e-6);
  },
});

Deno.test({
  name: "ballNeighbours() equals the golden graphs",
  ignore,
  fn: () => {
    for (const count of [64, 2048, 4096]) {
      const found = ballNeighbours(fibonacciBall(count), 10).subarray(0, 640);
      deepEqual([...found], [...Array.from(goldenArray(`ops/fibonacci/knn10_${count}_first64`).values)], `${count}`);
    }
  },
});

Deno.test("ballNeighbours() gives ties to the smaller number, and never the point itself", () => {
  const square = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0);
  deepEqual([...ballNeighbours(square, 2)], [1, 2, 0, 3, 0, 3, 1, 2]);
});
