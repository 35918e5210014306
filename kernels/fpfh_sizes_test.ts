import { deepEqual, equal, throws } from "node:assert/strict";
import { wavySurface } from "../bench/scan_points.ts";
import { gpuTest } from "../testing/gpu.ts";
import { fpfh } from "./fpfh.ts";
import { fpfhSizes } from "./fpfh_sizes.ts";
import { nearestNeighbours } from "./nearest_neighbours.ts";
import { normals as normalsOf } from "./normals.ts";
import { ShapeMismatch } from "./runtime/mod.ts";

for (const orient of ["none", "sensor"] as const) {
  gpuTest(`fpfhSizes() gives what its parts give, at once or in pieces, orientation ${orient}`, async (gpu) => {
    const count = 1500, sizes = [8, 20];
    using values = gpu.upload("f32", wavySurface(count));
    const cloud = { values, count };
    using neighbours = nearestNeighbours(gpu, { cloud, k: 20 });
    using normals = normalsOf(gpu, { cloud, neighbours, k: 12, orient });
    using rows = fpfh(gpu, { cloud, normals, neighbours, sizes, form: "open3d" });
    const options = { cloud, normalK: 12, sizes, orient, form: "open3d" } as const;
    using whole = fpfhSizes(gpu, options), pieces = fpfhSizes(gpu, { ...options, mostBytes: 500 * 20 * 8 });
    const wanted = await gpu.read(rows.values), direction = await gpu.read(normals);
    for (const found of [whole, pieces]) {
      deepEqual([found.rows.count, found.rows.columns, found.rows.stride], [count, 69, 72]);
      deepEqual(await gpu.read(found.rows.values), wanted);
      deepEqual(await gpu.read(found.normals), direction);
    }
  });
}

gpuTest("fpfhSizes() leaves room for more columns, in pieces too", async (gpu) => {
  const count = 400;
  using values = gpu.upload("f32", wavySurface(count));
  const options = { cloud: { values, count }, normalK: 12, sizes: [9], orient: "none", form: "paper" } as const;
  using own = fpfhSizes(gpu, options), wide = fpfhSizes(gpu, { ...options, columns: 105, mostBytes: 150 * 12 * 8 });
  deepEqual([wide.rows.columns, wide.rows.stride], [105, 108]);
  const narrow = await gpu.read(own.rows.values), all = await gpu.read(wide.rows.values);
  all.forEach((value, i) => equal(value, i % 108 < 36 ? narrow[Math.floor(i / 108) * 36 + i % 108] : 0));
});

gpuTest("fpfhSizes() takes normals it is given and leaves them to their owner", async (gpu) => {
  const count = 300;
  using values = gpu.upload("f32", wavySurface(count));
  const cloud = { values, count };
  using neighbours = nearestNeighbours(gpu, { cloud, k: 20 });
  using normals = normalsOf(gpu, { cloud, neighbours, k: 15, orient: "sensor" });
  using want = fpfh(gpu, { cloud, normals, neighbours, sizes: [20], form: "paper" });
  const live = gpu.memory.liveBuffers;
  {
    using found = fpfhSizes(gpu, { cloud, normals, sizes: [20], form: "paper" });
    equal(found.normals, normals);
    deepEqual(await gpu.read(found.rows.values), await gpu.read(want.values));
  }
  equal(gpu.memory.liveBuffers, live);
});

gpuTest("fpfhSizes() bears a cloud without points, and refuses no size and too large ones", (gpu) => {
  using values = gpu.zeros("f32", 40);
  const options = { normalK: 5, orient: "none", form: "paper" } as const, cloud = { values, count: 10 };
  using none = fpfhSizes(gpu, { ...options, cloud: { values, count: 0 }, sizes: [20, 30] });
  deepEqual([none.rows.count, none.rows.columns, none.rows.stride], [0, 69, 72]);
  const live = gpu.memory.liveBuffers;
  throws(() => fpfhSizes(gpu, { ...options, cloud, sizes: [] }), ShapeMismatch);
  throws(() => fpfhSizes(gpu, { ...options, cloud, sizes: [5, 257] }), ShapeMismatch);
  throws(() => fpfhSizes(gpu, { ...options, cloud, sizes: [5], columns: 32 }), ShapeMismatch);
  equal(gpu.memory.liveBuffers, live);
});
