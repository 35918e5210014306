import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { pixelOf } from "../core/camera.ts";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { gapAtPoints } from "./gap_at_points.ts";
import type { MapCamera } from "./map_camera.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

const ROOT = 10 * 2 ** -24; // relative error that WGSL allows a square root

async function look(
  gpu: Gpu,
  points: Float32Array<ArrayBuffer>,
  squares: Float32Array<ArrayBuffer>,
  at: { camera: MapCamera; size: number; pitch: number },
): Promise<Float32Array> {
  using values = gpu.upload("f32", points), map = gpu.upload("f32", squares);
  using gaps = gapAtPoints(gpu, { ...at, points: values, squares: map });
  return await gpu.read(gaps);
}

for (const total of [1, 65, 5000]) {
  gpuTest(`gapAtPoints() equals the definition for ${total} points through a central camera`, async (gpu) => {
    const size = 200, pitch = Math.fround(0.0005), random = randomStream(total, "gap-at-points");
    const camera: MapCamera = {
      matrix: [Math.fround(590.3), Math.fround(3.2), Math.fround(-6.1), Math.fround(601.9)],
      offset: [Math.fround(98.7), Math.fround(94.1)],
      central: true,
    };
    const points = new Float32Array(4 * total), metre = () => 2 * random.uniform() - 1;
    for (let i = 0; i < total; i++) {
      const sign = i % 5 === 4 ? -1 : 1; // what lies behind would be seen mirrored
      points.set([sign * 0.09 * metre(), sign * 0.09 * metre(), sign * (0.4 + 0.1 * random.uniform()), 0], 4 * i);
    }
    const squares = Float32Array.from({ length: size ** 2 }, () => random.integer(900));
    const got = await look(gpu, points, squares, { camera, size, pitch });
    // a place up to 300 is off by 5 half units of its division, a product and two sums: nearer to a pixel's edge, either may be right
    const slack = 600 * 9 * 2 ** -24, counts = { open: 0, outside: 0 };
    got.forEach((gap, i) => {
      const [x, y, z] = points.subarray(4 * i, 4 * i + 3), [u, v] = pixelOf({ ...camera, rms: 0 }, x, y, z);
      if (Math.min(Math.abs(u - Math.round(u)), Math.abs(v - Math.round(v))) < slack) return counts.open++;
      if (z <= 0 || Math.min(u, v) < 0 || Math.max(u, v) >= size) {
        counts.outside++;
        return equal(gap, -1);
      }
      const want = Math.sqrt(squares[Math.floor(v) * size + Math.floor(u)]) * pitch;
      ok(Math.abs(gap - want) <= (ROOT + 2 ** -24) * want, `${i}: ${gap}, not ${want}`);
    });
    ok(counts.open <= 0.01 * total);
    if (total === 5000) ok(counts.outside > 0.2 * total && counts.outside < 0.6 * total);
  });
}

gpuTest(
  "gapAtPoints() takes the pixel's lower edges for its own, and parallel rays whatever the depth",
  async (gpu) => {
    const camera: MapCamera = { matrix: [0, 2, -2, 0], offset: [1, 3], central: false },
      at = { camera, size: 4, pitch: 2 };
    const squares = Float32Array.from({ length: 16 }, (_, pixel) => pixel ** 2);
    /** The point that is seen at (u, v). */
    const seen = (u: number, v: number, z: number) => [(3 - v) / 2, (u - 1) / 2, z, 9];
    const points = Float32Array.from([
      ...seen(0, 0, 1),
      ...seen(3.75, 0.5, -1),
      ...seen(2, 1, 0),
      ...seen(1.75, 3.75, 5),
      ...seen(4, 1, 1),
      ...seen(1, 4, 1),
      ...seen(-0.25, 1, 1),
      ...seen(1, -0.25, 1),
    ]);
    const got = await look(gpu, points, squares, at);
    [0, 6, 12, 26].forEach((want, i) => ok(Math.abs(got[i] - want) <= (ROOT + 2 ** -24) * want, `${i}: ${got[i]}`));
    deepEqual([...got.subarray(4)], [-1, -1, -1, -1]);
  },
);

gpuTest(
  "gapAtPoints() gives nothing for no points, and refuses maps, points and a pitch that do not fit",
  async (gpu) => {
    const camera: MapCamera = { matrix: [1, 0, 0, 1], offset: [0, 0], central: false };
    using points = gpu.zeros("f32", 8), squares = gpu.zeros("f32", 16), odd = gpu.zeros("f32", 7);
    const whole = { points, squares, camera, size: 4, pitch: 1 };
    equal((await look(gpu, new Float32Array(0), new Float32Array(16), whole)).length, 0);
    const wrong = [{ points: odd }, { squares: odd }, { size: 3 }, { size: -4 }, { size: 0, squares: odd }, {
      pitch: -1,
    }];
    for (const change of wrong) throws(() => gapAtPoints(gpu, { ...whole, ...change }), ShapeMismatch);
  },
);
