import { deepEqual, ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { denseShape } from "./dense_shape.ts";

/** Distance of each of the points to the nearest other one. */
const apart = (points: Float32Array) =>
  Array.from({ length: points.length / 3 }, (_, i) => {
    let least = Infinity;
    for (let j = 0; j < points.length / 3; j++) {
      const distance = Math.hypot(...[0, 1, 2].map((axis) => points[3 * i + axis] - points[3 * j + axis]));
      if (j !== i) least = Math.min(least, distance);
    }
    return least;
  });
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

gpuTest(
  "denseShape() fills a plate between its points, over nothing beyond its rim, and values with it",
  async (gpu) => {
    const random = randomStream(2, "dense"), side = 12;
    const points = Float32Array.from(
      Array.from({ length: side * side }, (_, i) => {
        const inner = (n: number) => n > 0 && n < side - 1 ? 0.2 * random.normal() : 0;
        const x = i % side, y = Math.floor(i / side);
        return [x + inner(x), y + inner(y), 0];
      }).flat(),
    );
    const values = Float32Array.from({ length: side * side }, (_, i) => 2 * points[3 * i] + 1);
    const dense = await denseShape(gpu, { points, values });
    deepEqual([dense.points.slice(0, points.length), dense.values.slice(0, values.length)], [points, values]);
    ok(dense.values.length > 12 * values.length && dense.points.length === 3 * dense.values.length);
    ok(mean(apart(dense.points)) < 0.35 * mean(apart(points)), `${mean(apart(dense.points))}`);
    for (const [i, value] of dense.values.entries()) {
      const [x, y, z] = dense.points.subarray(3 * i, 3 * i + 3);
      ok(x >= 0 && x <= side - 1 && y >= 0 && y <= side - 1 && z === 0, `${[x, y, z]}`);
      ok(Math.abs(value - (2 * x + 1)) < 1e-4, "halfway between places and values alike");
    }
  },
);

gpuTest("denseShape() doesn't join what lies far apart, and bears copies", async (gpu) => {
  const grid = (x: number) => Array.from({ length: 25 }, (_, i) => [x + i % 5, Math.floor(i / 5), 0]).flat();
  const two = Float32Array.from([...grid(0), ...grid(9)]);
  const { points } = await denseShape(gpu, { points: two, values: new Float32Array(50) });
  ok(Array.from({ length: points.length / 3 }, (_, i) => points[3 * i]).every((x) => x <= 4 || x >= 9));
  const copies = new Float32Array(30).fill(1);
  deepEqual(await denseShape(gpu, { points: copies, values: new Float32Array(10) }), {
    points: copies,
    values: new Float32Array(10),
  });
});
