import { equal, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { alignmentCost } from "./alignment_cost.ts";
import { type ColumnShape, gatherColumns, inColumnOrder, pointColumns } from "./point_columns.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

const SHAPE: ColumnShape = { least: [-0.018, -0.018], side: 0.002, across: 18 }; // some points lie outside

/** Points of a wavy surface 40 mm wide, in column order, four floats each. */
function surface(count: number, name: string, keep = (_x: number) => true) {
  const random = randomStream(0, `alignment-cost/${name}`), points: number[] = [];
  while (points.length < 4 * count) {
    const x = 0.04 * random.uniform() - 0.02, y = 0.04 * random.uniform() - 0.02;
    if (keep(x)) points.push(x, y, 0.003 * Math.sin(300 * x) * Math.cos(250 * y), 0);
  }
  const values = Float32Array.from(points), { order, starts } = pointColumns(SHAPE, values, 4);
  return { points: inColumnOrder(order, values, 4), starts, count };
}
type Surface = ReturnType<typeof surface>;

/** A turn about z and a shift, as float32 has them: three rows of four, then four floats that nobody may use. */
function motion(angle: number, [x, y, z]: readonly [number, number, number]): Float32Array<ArrayBuffer> {
  const c = Math.cos(angle), s = Math.sin(angle);
  return Float32Array.of(c, -s, 0, x, s, c, 0, y, 0, 0, 1, z, 7, 7, 7, 7);
}

/** min(distance to the nearest target point, cap), averaged over every step-th point, in float64. */
function reference(source: Surface, step: number, target: Surface, t: Float32Array, cap: number): number {
  let sum = 0, used = 0;
  for (let i = 0; i < source.count; i += step, used++) {
    const p = source.points.subarray(4 * i, 4 * i + 3);
    const [x, y, z] = [0, 4, 8].map((row) => t[row] * p[0] + t[row + 1] * p[1] + t[row + 2] * p[2] + t[row + 3]);
    let least = cap ** 2;
    for (let j = 0; j < 4 * target.count; j += 4) {
      const q = target.points;
      least = Math.min(least, (x - q[j]) ** 2 + (y - q[j + 1]) ** 2 + (z - q[j + 2]) ** 2);
    }
    sum += Math.sqrt(least);
  }
  return sum / used;
}

function upload(gpu: Gpu, source: Surface, clouds: readonly Surface[], motions: readonly Float32Array[]) {
  const owned = new DisposableStack();
  using parts = new DisposableStack();
  const stored = clouds.map(({ points, starts, count }) => ({
    points: parts.use(gpu.upload("f32", points)),
    starts: parts.use(gpu.upload("u32", starts)),
    count,
  }));
  return {
    source: { values: owned.use(gpu.upload("f32", source.points)), count: source.count },
    targets: owned.use(gatherColumns(gpu, stored, SHAPE)),
    transforms: owned.use(gpu.upload("f32", Float32Array.from(motions.flatMap((m) => [...m])))),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

const clouds = [surface(900, "first"), surface(1200, "second"), surface(1, "lone")];
const motions = [motion(0, [0, 0, 0]), motion(0.1, [1e-3, -5e-4, 2e-4]), motion(0, [0, 0, 1])];

for (const [count, step] of [[1300, 1], [1300, 3], [2, 1], [17, 1]] as const) { // 16 distances are one invocation's
  gpuTest(`alignmentCost() is the capped mean distance of ${count} points, one in ${step}`, async (gpu) => {
    const source = surface(count, "source", (x) => x < 0.01), cap = 0.002, used = Math.ceil(count / step);
    using operands = upload(gpu, source, clouds, motions), costs = alignmentCost(gpu, { ...operands, step, cap });
    const got = await gpu.read(costs);
    equal(got.length, 3);
    // a distance is off by √3 · 5 roundings of 0.03 m and a root's 5; sums of 16 and then of runs by one rounding a term
    const bound = Math.sqrt(3) * 5 * 2 ** -24 * 0.03 + (16 + 5 + used / 16) * 2 ** -24 * cap;
    clouds.forEach((cloud, t) => {
      const want = reference(source, step, cloud, motions[t], cap);
      ok(Math.abs(got[t] - want) <= bound, `cloud ${t}: ${got[t]}, not ${want}`);
    });
    ok(got[0] < got[1] && got[1] < got[2], `${got}: the cost does not tell how well clouds lie on each other`);
  });
}

gpuTest("alignmentCost() refuses a source without points", (gpu) => {
  using none = upload(gpu, { ...surface(1, "source"), count: 0 }, clouds, motions);
  throws(() => alignmentCost(gpu, { ...none, step: 1, cap: 0.002 }), ShapeMismatch);
});
