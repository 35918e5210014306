import { deepEqual, ok } from "node:assert/strict";
import { gapStatistics } from "./gap_statistics.ts";

/** Four points in a ring, each with its two neighbours. */
const ring = Uint32Array.of(1, 3, 0, 2, 1, 3, 0, 2);

Deno.test("gapStatistics() takes three deviations above the mean of a point and its neighbours for usual", () => {
  const gaps = gapStatistics(ring, 2);
  deepEqual([...gaps.usual()], [0, 0, 0, 0], "nothing was seen");
  gaps.add(Float32Array.of(2, 2, 2, 2));
  deepEqual([...gaps.usual()], [2, 2, 2, 2]);
  gaps.add(Float32Array.of(4, 2, 2, 2));
  const deviation = Math.sqrt((5 * 4 + 16) / 6 - (14 / 6) ** 2); // of 2, 2, 2 and 4, 2, 2
  ok(Math.abs(gaps.usual()[1] - (14 / 6 + 3 * deviation)) < 1e-6);
  deepEqual(gaps.usual()[2], 2, "the point opposite");
});

Deno.test("gapStatistics() leaves out what is not known, and what is asked to have never been added", () => {
  const gaps = gapStatistics(ring, 2), odd = Float32Array.of(9, -1, 9, 9);
  gaps.add(Float32Array.of(1, 1, 1, 1));
  gaps.add(odd);
  ok(gaps.usual()[0] > 9);
  deepEqual([...gaps.usual(odd)], [1, 1, 1, 1]);
  deepEqual([...gapStatistics(ring, 2, gaps.seen.slice()).usual(odd)], [1, 1, 1, 1], "kept and taken up again");
});
