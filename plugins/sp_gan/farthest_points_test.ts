import { deepEqual } from "node:assert/strict";
import { goldenArray, goldenIsThere } from "../../tests/golden_arrays.ts";
import { farthestPoints } from "./farthest_points.ts";

Deno.test({
  name: "farthestPoints() equals the golden picks",
  ignore: !goldenIsThere,
  fn: () => {
    const picks = farthestPoints(goldenArray("ops/fps/in_points").values, 3, 32, 0);
    deepEqual([...picks], Array.from(goldenArray("ops/fps/idx").values));
  },
});

Deno.test("farthestPoints() takes points again where there are too few, and ties to the smallest number", () => {
  const square = [0, 0, 0, 9, 1, 0, 0, 9, 0, 1, 0, 9]; // stride 4
  deepEqual([...farthestPoints(square, 4, 3, 0)], [0, 1, 2]);
  deepEqual([...farthestPoints([0, 0, 0, 0, 0, 0, 1, 0, 0], 3, 5, 1)], [1, 2, 1, 2, 1]);
});
