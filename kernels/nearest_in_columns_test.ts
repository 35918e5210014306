import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { nearestInColumns } from "./nearest_in_columns.ts";
import { type ColumnShape, gatherColumns, inColumnOrder, pointColumns } from "./point_columns.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

const NONE = 0xffffffff, FAR = Math.fround(3.4028234663852886e38);

/** A motion as twelve numbers, row by row. */
type Motion = readonly number[];

const moved = (m: Motion, points: Float32Array, i: number): number[] =>
  [0, 1, 2].map((r) =>
    m[4 * r] * points[4 * i] + m[4 * r + 1] * points[4 * i + 1] + m[4 * r + 2] * points[4 * i + 2] + m[4 * r + 3]
  );

/** Sorted clouds on the GPU, as `shape` sorts them, and the same points on the host. */
function targetsOf(gpu: Gpu, clouds: readonly Float32Array[], shape: ColumnShape) {
  using owned = new DisposableStack();
  const stored = clouds.map((values) => {
    const { order, starts } = pointColumns(shape, values, 4), points = inColumnOrder(order, values, 4);
    return {
      host: points,
      points: owned.use(gpu.upload("f32", points)),
      starts: owned.use(gpu.upload("u32", starts)),
      count: order.length,
    };
  });
  return { targets: gatherColumns(gpu, stored, shape), sorted: stored.map(({ host }) => host) };
}

/** The definition, in float64: the k nearest of each query in each cloud, all within the reach by (square, place). */
function reference(
  queries: Float32Array,
  step: number,
  sorted: readonly Float32Array[],
  motions: readonly Motion[],
  reach: number,
) {
  const used = Math.ceil(queries.length / 4 / step);
  let base = 0;
  const bases = sorted.map((points) => (base += points.length / 4) - points.length / 4);
  return Array.from({ length: used }, (_, i) =>
    sorted.map((points, t) => {
      const place = moved(motions[t], queries, i * step), found: { square: number; at: number }[] = [];
      for (let j = 0; j < points.length / 4; j++) {
        const square = place.reduce((sum, v, c) => sum + (v - points[4 * j + c]) ** 2, 0);
        if (square <= reach ** 2) found.push({ square, at: bases[t] + j });
      }
      return found.sort((a, b) => a.square - b.square || a.at - b.at);
    }));
}

async function search(
  gpu: Gpu,
  { queries, step, clouds, motions, k, reach, shape }: {
    queries: Float32Array<ArrayBuffer>;
    step?: number;
    clouds: readonly Float32Array[];
    motions: readonly Motion[];
    k: number;
    reach: number;
    shape: ColumnShape;
  },
) {
  const { targets, sorted } = targetsOf(gpu, clouds, shape);
  using _targets = targets, values = gpu.upload("f32", queries);
  using transforms = gpu.upload("f32", Float32Array.from(motions.flatMap((m) => [...m, NaN, NaN, NaN, NaN])));
  using found = nearestInColumns(gpu, {
    queries: { values, count: queries.length / 4 },
    step,
    targets,
    transforms,
    k,
    reach,
  });
  const [indices, squares] = await Promise.all([gpu.read(found.indices), gpu.read(found.squaredDistances)]);
  return { indices, squares, sorted, used: found.queries };
}

/** Whole numbers: moved by quarter turns and whole shifts, float32 has all squares exactly, and there are many ties. */
function whole(count: number, span: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, name), points = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    points.set([random.integer(span) - span / 2, random.integer(span) - span / 2, random.integer(4)], 4 * i);
  }
  return points;
}

const STAY: Motion = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
const QUARTER: Motion = [0, -1, 0, 3, 1, 0, 0, -2, 0, 0, 1, 1];
const TIPPED: Motion = [1, 0, 0, 0, 0, 0, -1, 5, 0, 1, 0, -4];

for (const k of [1, 3, 8]) {
  for (const [side, across, reach] of [[2, 14, 4], [0.75, 40, 3], [5, 3, 7], [40, 1, 5], [1, 9, 2.5]] as const) {
    gpuTest(`nearestInColumns() is float64's with ties: k = ${k}, columns of ${side}, reach ${reach}`, async (gpu) => {
      const shape: ColumnShape = { least: [-across * side / 2, -across * side / 2], side, across };
      // the last cloud is one point, the middle one lies in a corner: most columns are empty; queries also lie outside all columns
      const clouds = [whole(700, 26, "a"), whole(90, 8, "b"), whole(1, 2, "c")], queries = whole(333, 50, "q");
      const motions = [STAY, QUARTER, TIPPED], step = 2;
      const { indices, squares, sorted, used } = await search(gpu, { queries, step, clouds, motions, k, reach, shape });
      equal(used, 167);
      const want = reference(queries, step, sorted, motions, reach).flatMap((row) =>
        row.flatMap((found) => Array.from({ length: k }, (_, i) => found[i] ?? { square: FAR, at: NONE }))
      );
      deepEqual([...squares], want.map(({ square }) => square));
      deepEqual([...indices], want.map(({ at }) => at));
      const none = want.filter(({ at }) => at === NONE).length;
      ok(none > 0 && none < want.length);
    });
  }
}

gpuTest("nearestInColumns() is float64's within rounding on a wavy surface in metres", async (gpu) => {
  const random = randomStream(0, "surface");
  const surface = (count: number) => {
    const points = new Float32Array(4 * count);
    for (let i = 0; i < count; i++) {
      const x = 0.04 * random.uniform() - 0.02, y = 0.04 * random.uniform() - 0.02;
      points.set([x, y, 0.004 * Math.sin(300 * x) * Math.cos(250 * y)], 4 * i);
    }
    return points;
  };
  const clouds = [surface(3000), surface(500)], queries = surface(400), reach = 0.003, k = 8;
  const turn: Motion = [0.99, -0.13, 0.05, 0.004, 0.13, 0.99, 0, -0.002, -0.05, 0, 1, 0.001], motions = [turn, STAY];
  const shape: ColumnShape = { least: [-0.018, -0.019], side: 0.0011, across: 33 }; // some points and queries lie outside
  const f32 = motions.map((m) => m.map(Math.fround));
  const { indices, squares, sorted } = await search(gpu, { queries, clouds, motions, k, reach, shape });
  const want = reference(queries, 1, sorted, f32, reach + 1e-6);
  // a coordinate of the moved query is off by 4 roundings of numbers below 0.03, its difference by one more
  const off = Math.sqrt(3) * 5 * 2 ** -24 * 0.03;
  let found = 0;
  want.flat().forEach((list, row) => {
    const seen = new Set<number>();
    for (let i = 0; i < k; i++) {
      const at = indices[row * k + i], distance = Math.sqrt(squares[row * k + i]);
      if (at === NONE) {
        equal(squares[row * k + i], FAR);
        ok(!list[i] || Math.sqrt(list[i].square) > reach - off, `row ${row}: one within the reach is missing`);
        continue;
      }
      found++;
      seen.add(at);
      ok(Math.abs(distance - Math.sqrt(list[i].square)) <= off, `row ${row}: number ${i} is not so far`);
      const itself = list.find((entry) => entry.at === at);
      ok(itself && Math.abs(Math.sqrt(itself.square) - distance) <= off, `row ${row}: point ${at} is not so far`);
      ok(i === 0 || squares[row * k + i] >= squares[row * k + i - 1]);
    }
    equal(seen.size, [...indices.subarray(row * k, (row + 1) * k)].filter((at) => at !== NONE).length);
  });
  ok(found > 4000);
});

for (const k of [1, 8]) {
  gpuTest(`nearestInColumns() looks at all of 50,000 points, most in one row: k = ${k}`, async (gpu) => {
    // far queries, in other rows each, whose balls hold all points: together they are above what a software adapter can loop
    const cloud = whole(50_000, 64, "crowd"), queries = whole(64, 64, "q");
    for (let i = 0; i < 50_000; i++) if (i % 50 > 0) cloud[4 * i + 1] = 5;
    for (let i = 0; i < 64; i++) queries[4 * i + 2] = 300 + i % 3;
    const shape: ColumnShape = { least: [-32, -32], side: 1, across: 64 };
    const { indices, squares, sorted } = await search(gpu, {
      queries,
      clouds: [cloud],
      motions: [QUARTER],
      k,
      reach: 400,
      shape,
    });
    const want = reference(queries, 1, sorted, [QUARTER], 400).flatMap(([found]) => found.slice(0, k));
    deepEqual([...squares], want.map(({ square }) => square));
    deepEqual([...indices], want.map(({ at }) => at));
  });
}

gpuTest("nearestInColumns() refuses what it cannot search", (gpu) => {
  const { targets } = targetsOf(gpu, [whole(10, 8, "a")], { least: [-4, -4], side: 1, across: 8 });
  using _targets = targets,
    values = gpu.zeros("f32", 40),
    transforms = gpu.zeros("f32", 16),
    short = gpu.zeros("f32", 15);
  const right = { queries: { values, count: 10 }, targets, transforms, k: 1, reach: 1 };
  for (
    const wrong of [{ k: 0 }, { k: 9 }, { k: 1.5 }, { step: 0 }, { reach: 0 }, { reach: Infinity }, {
      transforms: short,
    }, {
      targets: { ...targets, most: 2 ** 30 },
    }]
  ) {
    throws(() => nearestInColumns(gpu, { ...right, ...wrong }), ShapeMismatch);
  }
});
