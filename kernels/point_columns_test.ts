import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { columnStarts, gatherColumns, inColumnOrder, pointColumns } from "./point_columns.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

const shape = { least: [-1, 2], side: 0.5, across: 3 } as const; // −1 … 0.5 and 2 … 3.5

Deno.test("pointColumns() sorts by row, column and number, and puts what lies outside into the border", () => {
  // dprint-ignore
  const points = Float32Array.of(
    0.4,
    3.4,
    9, // column 8
    -1,
    2,
    0, // 0, on its corner
    -0.5,
    2,
    0, // 1, on the edge between
    -7,
    2.6,
    0, // left of 3
    0.1,
    99,
    0, // behind 8
    -0.9,
    2.1,
    5, // 0
    0.5,
    2,
    0, // 2, just outside
  );
  const { order, starts } = pointColumns(shape, points, 3);
  deepEqual([...order], [1, 5, 2, 6, 3, 0, 4]);
  deepEqual([...starts], [0, 2, 3, 4, 5, 5, 5, 5, 5, 7]);
  const four = Float32Array.from({ length: 28 }, (_, i) => i % 4 === 3 ? 8 : points[3 * Math.floor(i / 4) + i % 4]);
  deepEqual(pointColumns(shape, four, 4), { order, starts });
  const sorted = inColumnOrder(order, points, 3);
  deepEqual(sorted, inColumnOrder(order, four, 4));
  deepEqual([...sorted.subarray(16, 24)], [-7, 2.6, 0, 0, 0.4, 3.4, 9, 0].map(Math.fround));
  equal(columnStarts(shape), starts.length);
});

Deno.test("pointColumns() takes an empty cloud and refuses a shape without columns", () => {
  deepEqual([...pointColumns(shape, new Float32Array(), 3).starts], new Array(10).fill(0));
  for (const wrong of [{ across: 0 }, { across: 1.5 }, { side: 0 }, { side: NaN }]) {
    throws(() => pointColumns({ ...shape, ...wrong }, new Float32Array(3), 3), ShapeMismatch);
  }
});

/** A sorted cloud with normals that tell its points apart. */
function stored(gpu: Gpu, count: number, owned: DisposableStack) {
  const random = randomStream(count, "cloud");
  const values = Float32Array.from({ length: 3 * count }, (_, i) => 4 * random.uniform() - (i % 3 === 1 ? -1 : 2));
  const { order, starts } = pointColumns(shape, values, 3);
  const points = inColumnOrder(order, values, 3), normals = points.map((v, i) => i % 4 === 3 ? 0 : -v);
  return {
    host: { points, normals, starts },
    count,
    points: owned.use(gpu.upload("f32", points)),
    normals: owned.use(gpu.upload("f32", normals)),
    starts: owned.use(gpu.upload("u32", starts)),
  };
}

gpuTest("gatherColumns() puts clouds one behind the other, and their starts with them", async (gpu) => {
  using owned = new DisposableStack();
  const clouds = [40, 1, 7].map((count) => stored(gpu, count, owned));
  using all = gatherColumns(gpu, clouds, shape),
    bare = gatherColumns(gpu, clouds.map(({ normals: _, ...rest }) => rest), shape);
  equal(all.total, 48);
  equal(all.most, 40);
  equal(all.targets, 3);
  equal(bare.normals, undefined);
  deepEqual([...await gpu.read(all.points)], clouds.flatMap(({ host }) => [...host.points]));
  deepEqual([...await gpu.read(all.normals!)], clouds.flatMap(({ host }) => [...host.normals]));
  const want = clouds.flatMap(({ host }, i) => [...host.starts].map((start) => start + [0, 40, 41][i]));
  deepEqual([...await gpu.read(all.starts)], want);
  deepEqual([...await gpu.read(bare.starts)], want);
  ok(want.includes(48));
});

gpuTest("gatherColumns() refuses no clouds, mixed normals and short buffers", (gpu) => {
  using owned = new DisposableStack();
  const whole = stored(gpu, 5, owned), { normals: _, ...bare } = whole;
  for (const clouds of [[], [whole, bare], [bare, whole], [whole, { ...whole, count: 6 }]]) {
    throws(() => gatherColumns(gpu, clouds, shape), ShapeMismatch);
  }
  throws(() => gatherColumns(gpu, [whole], { ...shape, across: 4 }), ShapeMismatch);
});
