import { deepEqual } from "node:assert/strict";
import { nearestInPlane } from "./nearest_in_plane.ts";
import { randomStream } from "./random.ts";

/** The definition: every point with every query. */
function reference(points: Float32Array, queries: Float32Array) {
  const indices: number[] = [], squares: number[] = [];
  for (let q = 0; q < queries.length; q += 2) {
    let best = Infinity, bestAt = -1;
    for (let p = 0; p < points.length; p += 2) {
      const square = (points[p] - queries[q]) ** 2 + (points[p + 1] - queries[q + 1]) ** 2;
      if (square < best) [best, bestAt] = [square, p / 2];
    }
    indices.push(bestAt);
    squares.push(best);
  }
  return { indices, squares };
}

function matches(points: Float32Array, queries: Float32Array): void {
  const { indices, squares } = nearestInPlane(points, queries), want = reference(points, queries);
  deepEqual([...indices], want.indices);
  deepEqual([...squares], want.squares);
}

const random = randomStream(0, "test/nearest-in-plane");
const reals = (count: number, span: number) => Float32Array.from({ length: 2 * count }, () => span * random.uniform());
const whole = (count: number, span: number) => Float32Array.from({ length: 2 * count }, () => random.integer(span));

for (const count of [1, 2, 8, 9, 17, 18, 100, 1000]) {
  Deno.test(`nearestInPlane() has the nearest of ${count} points, the first among equals`, () => {
    matches(reals(count, 1), reals(300, 1.5));
    matches(whole(count, 12), whole(300, 20));
    matches(whole(count, 2), reals(50, 2)); // hardly a place that is not shared by many
  });
}

Deno.test("nearestInPlane() has it among points in order, on a line, all in one place, and far away", () => {
  const grid = Float32Array.from(
    { length: 2 * 900 },
    (_, i) => i % 2 === 0 ? (i >> 1) % 30 : Math.floor((i >> 1) / 30),
  );
  matches(grid, whole(200, 35));
  matches(grid, reals(200, 30));
  matches(Float32Array.from(grid, (value, i) => i % 2 === 0 ? 3 : value), reals(100, 30));
  matches(new Float32Array(200).fill(0.25), reals(20, 1));
  matches(Float32Array.from(reals(100, 1), (value, i) => i < 2 ? 1e4 : value), reals(100, 2));
  matches(reals(100, 1), Float32Array.of(1e4, -1e4, -1e4, 0.5));
});

Deno.test("nearestInPlane() has nothing to say without queries, and leaves points as they are", () => {
  const points = reals(40, 1), before = points.slice();
  deepEqual(nearestInPlane(points, new Float32Array()), { indices: new Uint32Array(), squares: new Float64Array() });
  deepEqual(points, before);
});
