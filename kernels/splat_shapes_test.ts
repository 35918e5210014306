import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { pixelOf } from "../core/camera.ts";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import type { MapCamera } from "./map_camera.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { type ShapeRange, splatOverhang, splatShapes } from "./splat_shapes.ts";

/** Shapes on the host. */
interface Scene {
  readonly points: Float32Array<ArrayBuffer>;
  readonly shapes: readonly ShapeRange[];
  readonly usual: Float32Array<ArrayBuffer>;
  readonly spacing: Float32Array<ArrayBuffer>;
  readonly camera: MapCamera;
  readonly size: number;
}

/** The definition in float64: each point with all pixels of the map, Infinity for none. Discs and the map itself are larger by `slack` pixels. */
function reference({ points, shapes, usual, spacing, camera, size }: Scene, slack = 0): number[] {
  const [a, b, c, d] = camera.matrix, scale = 0.75 * Math.sqrt(Math.abs(a * d - b * c));
  return shapes.flatMap(({ first, count }) => {
    const most = new Array<number>(size ** 2).fill(-1), near = new Array<number>(size ** 2).fill(Infinity);
    for (let i = first; i < first + count; i++) {
      const [x, y, z] = points.subarray(4 * i, 4 * i + 3);
      const [u, v] = pixelOf({ ...camera, rms: 0 }, x, y, z);
      const sees = !camera.central || z > 0, inside = Math.min(u, v) >= -slack && Math.max(u, v) < size + slack;
      if (!sees || !inside || spacing[i] < 0) continue;
      const radius = Math.min(6, Math.max(0.71, scale * spacing[i] / (camera.central ? z : 1)));
      for (let row = Math.max(0, Math.floor(v) - 8); row < Math.min(size, v + 8); row++) {
        for (let column = Math.max(0, Math.floor(u) - 8); column < Math.min(size, u + 8); column++) {
          const away = Math.hypot(column + 0.5 - u, row + 0.5 - v), at = row * size + column;
          const metres = (0.75 / scale) * (camera.central ? z : 1);
          if (away > radius + slack) continue;
          most[at] = Math.max(most[at], usual[i]);
          near[at] = Math.min(near[at], Math.max(0, away - 0.71) * metres);
        }
      }
    }
    return most.map((usual, at) => near[at] === Infinity ? Infinity : usual + near[at]);
  });
}

/** Distances up to a few units are off by less: a root, a difference, a product and a sum, each half a unit of 2^-23. */
const ROUNDING = 2e-6;

/** Whether a pixel has what the definition gives it. */
const isSame = (value: number, want: number) => want === Infinity ? value === -1 : Math.abs(value - want) <= ROUNDING;

async function splat(gpu: Gpu, scene: Scene): Promise<number[]> {
  using points = gpu.upload("f32", scene.points), usual = gpu.upload("f32", scene.usual);
  using spacing = gpu.upload("f32", scene.spacing);
  using covers = splatShapes(gpu, { ...scene, points, usual, spacing });
  return [...await gpu.read(covers)];
}

/** Points in halves of a pixel and radii in three quarters, which float32 has exactly, as it has their squares: pixels lie on rims. */
function halves(size: number, counts: readonly number[], camera: MapCamera): Scene {
  const random = randomStream(size, `splat-shapes/${counts}`), total = counts.reduce((a, b) => a + b);
  const [a, b, c, d] = camera.matrix, determinant = a * d - b * c;
  const points = new Float32Array(4 * total);
  for (let i = 0; i < total; i++) {
    const u = (random.integer(2 * size + 8) - 4) / 2 - camera.offset[0];
    const v = (random.integer(2 * size + 8) - 4) / 2 - camera.offset[1];
    points.set([(d * u - b * v) / determinant, (a * v - c * u) / determinant, random.integer(3) - 1, 7], 4 * i);
  }
  return {
    points,
    shapes: counts.map((count, shape) => ({ first: counts.slice(0, shape).reduce((a, b) => a + b, 0), count })),
    usual: Float32Array.from({ length: total }, () => random.integer(20) / 8),
    spacing: Float32Array.from({ length: total }, () => (random.integer(10) - 1) / 2),
    camera,
    size,
  };
}

const turned: MapCamera = { matrix: [0, -2, 2, 0], offset: [3.5, -4], central: false };

for (const [size, counts] of [[1, [1]], [9, [3, 0, 5]], [64, [300, 1, 65]], [224, [2000, 3000]]] as const) {
  gpuTest(`splatShapes() equals the definition on ${size}² pixels, rims included, ${counts} points`, async (gpu) => {
    const scene = halves(size, counts, turned), want = reference(scene);
    ok(size < 9 || (want.includes(Infinity) && want.some((value) => value > 0 && value < Infinity)));
    (await splat(gpu, scene)).forEach((value, at) => ok(isSame(value, want[at]), `${at}: ${value}, not ${want[at]}`));
  });
}

gpuTest("splatShapes() covers at least the pixel, at most 6 pixels away, and the rim between", async (gpu) => {
  const camera: MapCamera = { matrix: [1, 0, 0, 1], offset: [0, 0], central: false }, size = 21;
  // discs of whole radii about the middle of a pixel cover 5, 29 and 113 centres
  for (const [spacing, covered] of [[0, 1], [0.5, 1], [4 / 3, 5], [4, 29], [8, 113], [1000, 113], [-1, 0]]) {
    const scene = { points: Float32Array.of(10.5, 10.5, -3, 0), usual: Float32Array.of(0), camera, size };
    const shapes = [{ first: 0, count: 1 }];
    const map = await splat(gpu, { ...scene, shapes, spacing: Float32Array.of(spacing) });
    equal(map.filter((value) => value >= 0).length, covered, `spacing ${spacing}`);
    equal(map.filter((value) => value === -1).length, size ** 2 - covered);
  }
  const corner = { points: Float32Array.of(10, 10, 5, 0), usual: Float32Array.of(2), camera, size };
  const map = await splat(gpu, { ...corner, shapes: [{ first: 0, count: 1 }], spacing: Float32Array.of(0) });
  equal(map.filter((value) => value === 2).length, 4); // 0.71 reaches all four pixels of a corner
});

gpuTest("splatOverhang() is what a disc has beyond the least", async (gpu) => {
  const camera: MapCamera = { matrix: [1, 0, 0, 1], offset: [0, 0], central: false }, size = 21;
  for (const spacing of [0, 0.5, 1.1, 2, 4, 6.5, 8, 1000]) {
    const scene = { points: Float32Array.of(10.5, 10.5, 1, 0), usual: Float32Array.of(0), camera, size };
    const map = await splat(gpu, { ...scene, shapes: [{ first: 0, count: 1 }], spacing: Float32Array.of(spacing) });
    const radius = splatOverhang(spacing) + 0.71;
    map.forEach((value, at) =>
      equal(value >= 0, Math.hypot(at % size - 10, Math.floor(at / size) - 10) <= radius, `${spacing}: ${at}`)
    );
  }
});

gpuTest("splatShapes() equals the definition through a central camera, and sees nothing behind it", async (gpu) => {
  const size = 224, total = 6000, random = randomStream(1, "splat-shapes/central");
  const camera: MapCamera = {
    matrix: [Math.fround(610.3), Math.fround(-4.2), Math.fround(7.1), Math.fround(-605.9)],
    offset: [Math.fround(118.7), Math.fround(104.1)],
    central: true,
  };
  const points = new Float32Array(4 * total), metre = () => 2 * random.uniform() - 1;
  for (let i = 0; i < total; i++) {
    const sign = i % 4 === 0 ? -1 : 1, z = 0.4 + 0.1 * random.uniform(); // what lies behind would be seen mirrored
    points.set([sign * 0.1 * metre(), sign * 0.1 * metre(), sign * z, metre()], 4 * i);
  }
  points[2] = 0;
  const scene: Scene = {
    points,
    shapes: [{ first: 0, count: 2000 }, { first: 3000, count: 3000 }, { first: 1000, count: 1500 }],
    usual: Float32Array.from({ length: total }, () => 0.01 * random.uniform()),
    spacing: Float32Array.from({ length: total }, () => 0.004 * random.uniform()),
    camera,
    size,
  };
  // a pixel up to 300 is off by 5 half units of its division, a product, two sums and a difference; a radius up to 6 by less
  const slack = 600 * 10 * 2 ** -24, low = reference(scene, -slack), high = reference(scene, slack);
  const got = await splat(gpu, scene);
  let open = 0;
  got.forEach((value, at) => {
    if (low[at] !== high[at]) open++; // which discs reach the pixel is a matter of rounding
    else ok(isSame(value, low[at]), `${at}: ${value}, not ${low[at]}`);
  });
  ok(open < 0.005 * got.length, `${open} pixels lie on a rim`);
  ok(low.filter((value) => value < Infinity).length > 0.3 * got.length);
  ok(low.includes(Infinity));
});

gpuTest("splatShapes() gives the same whatever the order of the points, and 0 where no usual is given", async (gpu) => {
  const scene = halves(64, [500], turned), order = [...scene.spacing.keys()].reverse();
  const points = Float32Array.from(order.flatMap((i) => [...scene.points.subarray(4 * i, 4 * i + 4)]));
  const usual = Float32Array.from(order, (i) => scene.usual[i]);
  const spacing = Float32Array.from(order, (i) => scene.spacing[i]);
  const want = await splat(gpu, scene);
  deepEqual(await splat(gpu, { ...scene, points, usual, spacing }), want);
  using values = gpu.upload("f32", scene.points), apart = gpu.upload("f32", scene.spacing);
  using covers = splatShapes(gpu, { ...scene, points: values, usual: undefined, spacing: apart });
  const bare = reference({ ...scene, usual: new Float32Array(500) });
  ok([...await gpu.read(covers)].every((value, at) => isSame(value, bare[at])));
});

gpuTest("splatShapes() refuses no shape, ranges outside of the points, and buffers of unequal length", (gpu) => {
  using points = gpu.zeros("f32", 16), spacing = gpu.zeros("f32", 4), short = gpu.zeros("f32", 3);
  const whole = { points, spacing, shapes: [{ first: 1, count: 3 }], camera: turned, size: 4 };
  const wrong = [
    { shapes: [] },
    { shapes: [{ first: 1, count: 4 }] },
    { shapes: [{ first: -1, count: 2 }] },
    { shapes: [{ first: 0, count: 1.5 }] },
    { points: short },
    { spacing: short },
    { usual: short },
    { size: 0 },
    { size: 2.5 },
  ];
  for (const change of wrong) throws(() => splatShapes(gpu, { ...whole, ...change }), ShapeMismatch);
});
