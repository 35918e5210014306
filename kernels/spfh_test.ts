import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { wavySurface } from "../bench/scan_points.ts";
import { gpuTest } from "../testing/gpu.ts";
import { nearestNeighbours } from "./nearest_neighbours.ts";
import { normals as normalsOf } from "./normals.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { fpfhColumns, type FpfhForm, spfh, STEP } from "./spfh.ts";

// fpfh_test.ts compares whole clouds with float64 and with Open3D; here are pairs whose bins follow by hand, and the layout

/** Bins of the three features of one pair: of the row of the first point. */
async function binsOf(gpu: Gpu, form: FpfhForm, other: number[], own: number[], others: number[]): Promise<number[]> {
  using values = gpu.upload("f32", Float32Array.of(0, 0, 0, 0, ...other, 0));
  using normals = gpu.upload("f32", Float32Array.of(...own, 0, ...others, 0));
  const cloud = { values, count: 2 };
  using neighbours = nearestNeighbours(gpu, { cloud, k: 2 });
  using rows = spfh(gpu, { cloud, normals, neighbours, sizes: [2], form });
  const row = (await gpu.read(rows.values)).subarray(0, 33);
  equal(row.filter((v) => v === 100).length, 3);
  equal(row.filter((v) => v !== 0).length, 3);
  return [0, 1, 2].map((group) => row.subarray(11 * group, 11 * group + 11).indexOf(100));
}

gpuTest("spfh() puts pairs into the bins that follow by hand", async (gpu) => {
  const r = Math.SQRT1_2;
  // d = x, both normals z: the angle is 0, v·n' = 0, n·d = 0; all in the middle
  deepEqual(await binsOf(gpu, "open3d", [1, 0, 0], [0, 0, 1], [0, 0, 1]), [5, 5, 5]);
  // n = (−r, 0, r) has n·d = −r: v = x × n = −y, w = n × v = (r, 0, r); n' = z has w·n' = n·n' = r, so 45°, bin 5 + 1.375 + .5
  deepEqual(await binsOf(gpu, "open3d", [1, 0, 0], [-r, 0, r], [0, 0, 1]), [6, 5, 1]);
  // n' = (r, 0, r) is the source: d = −x, n'·d = −r, v = −x × n' = y, w = n' × y = (−r, 0, r); n = z: w·n = n'·n = r
  deepEqual(await binsOf(gpu, "open3d", [1, 0, 0], [0, 0, 1], [r, 0, r]), [6, 5, 1]);
  // d along the normal has no frame
  deepEqual(await binsOf(gpu, "open3d", [0, 0, 2], [0, 0, 1], [1, 0, 0]), [5, 5, 5]);
  // u = z, v = z × x = y, w = z × y = −x: n' = y has α = 1, γ = 0 and the angle of (0, 0), the middle
  deepEqual(await binsOf(gpu, "paper", [3, 0, 0], [0, 0, 1], [0, 1, 0]), [10, 5, 5]);
  // n' = x has w·n' = −1, u·n' = 0: −90°, bin 5.5 − 2.75
  deepEqual(await binsOf(gpu, "paper", [3, 0, 0], [0, 0, 1], [1, 0, 0]), [5, 5, 2]);
});

gpuTest(
  "spfh() lays sizes side by side in the order asked for; groups sum to 100, what lies between is 0",
  async (gpu) => {
    const count = 400, sizes = [30, 7, 18, 30];
    using values = gpu.upload("f32", wavySurface(count));
    const cloud = { values, count };
    using neighbours = nearestNeighbours(gpu, { cloud, k: 33 });
    using normals = normalsOf(gpu, { cloud, neighbours, k: 12, orient: "none" });
    const common = { cloud, normals, neighbours, form: "open3d" } as const;
    using rows = spfh(gpu, { ...common, sizes });
    deepEqual([rows.columns, rows.stride], [fpfhColumns(4), 4 * STEP]);
    const all = await gpu.read(rows.values);
    for (const [place, k] of sizes.entries()) {
      using alone = spfh(gpu, { ...common, sizes: [k] });
      const own = await gpu.read(alone.values);
      for (let i = 0; i < count; i++) {
        const row = all.subarray(rows.stride * i + STEP * place, rows.stride * i + STEP * (place + 1));
        deepEqual(row, own.subarray(STEP * i, STEP * (i + 1)));
        for (const from of [0, 11, 22]) {
          const sum = row.subarray(from, from + 11).reduce((a, b) => a + b, 0);
          ok(Math.abs(sum - 100) <= 100 * 13 * 2 ** -24, `${i}, ${k}: ${sum}`); // eleven numbers of two roundings each, summed in float64
        }
        deepEqual([...row.subarray(33)], [0, 0, 0]);
      }
    }
  },
);

gpuTest("spfh() refuses sizes beyond the lists, none, and normals that do not reach", (gpu) => {
  using values = gpu.zeros("f32", 40), normals = gpu.zeros("f32", 40), few = gpu.zeros("f32", 36);
  const cloud = { values, count: 10 };
  using neighbours = nearestNeighbours(gpu, { cloud, k: 5 });
  const options = { cloud, normals, neighbours, form: "open3d" } as const;
  for (const sizes of [[6], [5, 6], [0], [2.5], []]) throws(() => spfh(gpu, { ...options, sizes }), ShapeMismatch);
  throws(() => spfh(gpu, { ...options, normals: few, sizes: [5] }), ShapeMismatch);
});
