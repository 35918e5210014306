import { deepEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { goldenArray, goldenIsThere } from "../tests/golden_arrays.ts";
import { nearestPoints } from "./nearest_points.ts";
import { byDistance, integers, scattered } from "./nearest_row_reference.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

/** Points with what the search looks at: all, or x and y. */
const seen = (points: Float32Array, dimensions: 2 | 3) => points.filter((_, i) => i % 3 < dimensions);

// around the tile of 12 queries, the block of 32 points, a part of 8 blocks, lists of 4 and 8
for (
  const [clouds, queryCount, pointCount, k] of [[1, 1, 1, 1], [2, 13, 31, 4], [3, 12, 33, 5], [1, 50, 257, 8], [
    2,
    25,
    600,
    1,
  ], [1, 5, 8, 8]] as const
) {
  for (const dimensions of [2, 3] as const) {
    const name = `${clouds} × ${queryCount} × ${pointCount}, k = ${k}, ${dimensions}-D`;
    gpuTest(`nearestPoints() equals float64 on whole numbers full of ties, ${name}`, async (gpu) => {
      const q = integers(3 * clouds * queryCount, 1), p = integers(3 * clouds * pointCount, 99);
      using queries = uploadRows(gpu, q, 3), points = uploadRows(gpu, p, 3);
      using found = nearestPoints(gpu, { queries, points, clouds, k, dimensions });
      const [indices, squared] = await Promise.all([gpu.read(found.indices), gpu.read(found.squared)]);
      const want = Array.from({ length: clouds * queryCount }, (_, i) => {
        const first = Math.floor(i / queryCount) * pointCount, cloud = p.subarray(3 * first, 3 * (first + pointCount));
        return byDistance(seen(q, dimensions), seen(cloud, dimensions), dimensions, i).slice(0, k)
          .map(({ squared, index }) => ({ squared, index: first + index }));
      }).flat();
      deepEqual([...indices], want.map(({ index }) => index));
      deepEqual([...squared], want.map((near) => near.squared));
    });

    gpuTest(`nearestPoints() finds as near points as float64 among reals, ${name}`, async (gpu) => {
      const q = scattered(3 * clouds * queryCount, 1), p = scattered(3 * clouds * pointCount, 2);
      using queries = uploadRows(gpu, q, 3), points = uploadRows(gpu, p, 3);
      using found = nearestPoints(gpu, { queries, points, clouds, k, dimensions });
      const [indices, squared] = await Promise.all([gpu.read(found.indices), gpu.read(found.squared)]);
      for (let i = 0; i < clouds * queryCount; i++) {
        const first = Math.floor(i / queryCount) * pointCount, cloud = p.subarray(3 * first, 3 * (first + pointCount));
        const all = byDistance(seen(q, dimensions), seen(cloud, dimensions), dimensions, i);
        const squareTo = new Map(all.map(({ squared, index }) => [first + index, squared]));
        for (let m = 0; m < k; m++) {
          const at = i * k + m, want = all[m].squared, bound = 6 * 2 ** -24 * want; // two roundings a difference squared, one a product, two sums
          ok(Math.abs(squared[at] - want) <= bound, `query ${i}, ${m}: ${squared[at]}, not ${want}`);
          ok(Math.abs(squareTo.get(indices[at])! - want) <= bound, `query ${i}, ${m}: point ${indices[at]}`);
        }
        ok(new Set(indices.subarray(i * k, (i + 1) * k)).size === k);
      }
    });
  }
}

/** Rows along which each point is nearer than the one before. */
gpuTest("nearestPoints() looks at more points than one invocation may take steps, in any order", async (gpu) => {
  const queryCount = 3100, pointCount = 65_000, k = 3; // so many queries that the points are not cut for the sake of lanes
  const p = new Float32Array(3 * pointCount);
  for (let i = 0; i < pointCount; i++) p.set([pointCount - i, i % 2, 0], 3 * i);
  using queries = uploadRows(gpu, new Float32Array(3 * queryCount).map((_, i) => i % 3 === 0 ? i / 3 : 0), 3);
  using points = uploadRows(gpu, p, 3);
  using found = nearestPoints(gpu, { queries, points, k });
  const indices = await gpu.read(found.indices);
  for (let i = 0; i < queryCount; i += 50) {
    const x = (j: number) => (pointCount - j - i) ** 2 + j % 2;
    const near = Array.from({ length: 12 }, (_, m) => pointCount - i - 6 + m).filter((j) => j >= 0 && j < pointCount);
    deepEqual([...indices.subarray(3 * i, 3 * i + 3)], near.sort((a, b) => x(a) - x(b) || a - b).slice(0, 3));
  }
});

/** The same GPU with other limits. */
const limited = (gpu: Gpu, limits: Partial<Gpu["limits"]>) =>
  new Proxy(gpu, {
    get(target, name) {
      if (name === "limits") return { ...target.limits, ...limits };
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

gpuTest("nearestPoints() takes several launches where one is too much work", async (gpu) => {
  using queries = uploadRows(gpu, scattered(3 * 40, 1), 3), points = uploadRows(gpu, scattered(3 * 1000, 2), 3);
  using one = nearestPoints(gpu, { queries, points, k: 5 });
  using cut = nearestPoints(limited(gpu, { stepFlops: 1e5, loopIterations: 200 }), { queries, points, k: 5 }); // parts of 96 points, one a launch
  const [a, b, c, d] = await Promise.all([one.indices, cut.indices, one.squared, cut.squared].map((x) => gpu.read(x)));
  deepEqual(a, b);
  deepEqual(c, d);
});

gpuTest("nearestPoints() finds the golden nearest points both ways", async (gpu) => {
  const golden = (name: string) => goldenArray(`ops/kmask/${name}`).values;
  using out = uploadRows(gpu, golden("in_out"), 3), scan = uploadRows(gpu, golden("in_scan"), 3);
  using ofOut = nearestPoints(gpu, { queries: out, points: scan, k: 1 });
  using ofScan = nearestPoints(gpu, { queries: scan, points: out, k: 1 });
  deepEqual(Array.from(await gpu.read(ofOut.indices)), Array.from(golden("nearest_of_out")));
  deepEqual(Array.from(await gpu.read(ofScan.indices)), Array.from(golden("nearest_of_scan")));
}, { ignore: !goldenIsThere });

gpuTest("nearestPoints() refuses rows that are no points, clouds in part, and a k that cannot be", (gpu) => {
  using queries = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 3), points = uploadRows(gpu, [1, 2, 3, 4, 5, 6, 7, 8, 9], 3);
  using wide = uploadRows(gpu, [1, 2, 3, 4], 4);
  throws(() => nearestPoints(gpu, { queries: wide, points, k: 1 }), ShapeMismatch);
  throws(() => nearestPoints(gpu, { queries, points: wide, k: 1 }), ShapeMismatch);
  throws(() => nearestPoints(gpu, { queries, points, clouds: 2, k: 1 }), ShapeMismatch);
  for (const k of [0, 4, 1.5, 9]) throws(() => nearestPoints(gpu, { queries, points, k }), ShapeMismatch);
});
