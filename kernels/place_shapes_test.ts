import { deepEqual, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { tableFrame, toTable } from "../core/table_frame.ts";
import { gpuTest } from "../testing/gpu.ts";
import { placeShapes } from "./place_shapes.ts";
import { type ColumnShape, gatherColumns, inColumnOrder, pointColumns } from "./point_columns.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

const SHAPE: ColumnShape = { least: [-0.02, -0.02], side: 0.008, across: 5 };

/** Clouds on the GPU, and their points in the stored order. */
function upload(gpu: Gpu, clouds: readonly Float32Array[]) {
  using parts = new DisposableStack();
  const ordered = clouds.map((points) => {
    const { order, starts } = pointColumns(SHAPE, points, 4);
    return { points: inColumnOrder(order, points, 4), starts, count: order.length };
  });
  const targets = gatherColumns(
    gpu,
    ordered.map(({ points, starts, count }) => ({
      points: parts.use(gpu.upload("f32", points)),
      starts: parts.use(gpu.upload("u32", starts)),
      count,
    })),
    SHAPE,
  );
  return { targets, ordered };
}

/** Points in a cube of 40 mm. */
function cube(count: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, name);
  return Float32Array.from({ length: 4 * count }, (_, i) => i % 4 === 3 ? 0 : 0.04 * (random.uniform() - 0.5));
}

gpuTest("placeShapes() undoes stretches, turns and the table frame", async (gpu) => {
  // camera points to the table frame of a tilted table, from there by [A | t] to each cloud: what comes back must be the camera points
  const clouds = [cube(130, "first"), cube(1, "single"), cube(70, "third")];
  const hostPoints = Float32Array.of(0.01, 0.02, 0.4, -0.01, 0, 0.42, 0.03, -0.02, 0.38);
  const plane = { normal: [0.1, -0.2, -Math.sqrt(0.95)] as const, offset: 0.41 };
  const frame = tableFrame({ hostPoints, count: 3, plane });
  const motions = [
    [1.03, -0.08, 0.02, 0.002, 0.09, 0.98, -0.04, -0.001, 0.01, 0.05, 1.01, 0.003],
    [0, -1, 0, 0.01, 1, 0, 0, 0.02, 0, 0, 1, 0.03],
    [0.9, 0.1, 0, 0, -0.1, 1.1, 0.3, 0, 0, -0.2, 0.8, -0.01],
  ];
  const camera = clouds.map((points) => points.map((v, i) => i % 4 === 3 ? 0 : v + frame.origin[i % 4]));
  const moved = camera.map((points, t) => {
    const table = toTable(frame, Float32Array.from(points.filter((_, i) => i % 4 < 3))), m = motions[t];
    return table.map((_, i) => {
      const row = 4 * (i % 4), p = i - i % 4;
      return row === 12 ? 0 : m[row] * table[p] + m[row + 1] * table[p + 1] + m[row + 2] * table[p + 2] + m[row + 3];
    });
  });
  const { targets, ordered } = upload(gpu, moved);
  using _targets = targets;
  using transforms = gpu.upload("f32", Float32Array.from(motions.flatMap((m) => [...m, 7, 7, 7, 7])));
  using placed = placeShapes(gpu, { targets, transforms, ...frame });
  const got = await gpu.read(placed, 4 * 201);
  let base = 0;
  ordered.forEach(({ points, count }, t) => {
    const { order } = pointColumns(SHAPE, moved[t], 4), want = inColumnOrder(order, camera[t], 4);
    deepEqual([points.length, want.length], [4 * count, 4 * count]);
    for (let i = 0; i < 4 * count; i++) {
      // coordinates below 0.06 m in the tables' frames: 3 roundings in, 12 in the inverse, which makes them at most twofold; 4 near 0.5 m
      const bound = i % 4 === 3 ? 0 : 2 ** -24 * (2 * 15 * 0.06 + 4 * 0.5), off = Math.abs(got[4 * base + i] - want[i]);
      ok(off <= bound, `cloud ${t}, number ${i}: ${got[4 * base + i]}, not ${want[i]}`);
    }
    base += count;
  });
});

gpuTest("placeShapes() is exact on whole numbers", async (gpu) => {
  const whole = Float32Array.of(0, 0, 0, 0, 3, -2, 5, 0, -8, 7, 1, 0);
  const { targets, ordered: [{ points }] } = upload(gpu, [whole]);
  using _targets = targets;
  // q = 2 × (a quarter turn of p) + t
  using transforms = gpu.upload("f32", Float32Array.of(0, -2, 0, 4, 2, 0, 0, -6, 0, 0, 2, 2, 0, 0, 0, 0));
  using placed = placeShapes(gpu, { targets, transforms, axes: [0, 1, 0, 0, 0, 1, 1, 0, 0], origin: [1, 2, 3] });
  const want = [0, 1, 2].flatMap((i) => {
    const [x, y, z] = points.subarray(4 * i, 4 * i + 3), p = [(y + 6) / 2, -(x - 4) / 2, (z - 2) / 2];
    return [p[2] + 1, p[0] + 2, p[1] + 3, 0];
  });
  deepEqual([...await gpu.read(placed, 12)], want);
});

gpuTest("placeShapes() refuses too few transforms, and axes and origins that are none", (gpu) => {
  const { targets } = upload(gpu, [cube(5, "few"), cube(5, "fewer")]);
  using _targets = targets;
  using transforms = gpu.buffer("f32", 32), short = gpu.buffer("f32", 31);
  const right = { targets, transforms, axes: [1, 0, 0, 0, 1, 0, 0, 0, 1], origin: [0, 0, 0] };
  for (const wrong of [{ transforms: short }, { axes: [1, 0, 0] }, { origin: [0, 0] }]) {
    throws(() => placeShapes(gpu, { ...right, ...wrong }), ShapeMismatch);
  }
});
