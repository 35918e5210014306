import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { pixelOf } from "../core/camera.ts";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { depthEnvelope } from "./depth_envelope.ts";
import type { MapCamera } from "./map_camera.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

/** Shapes on the host. */
interface Scene {
  readonly points: Float32Array<ArrayBuffer>;
  readonly spacing: Float32Array<ArrayBuffer>;
  readonly camera: MapCamera;
  readonly size: number;
  readonly reach: number;
}

/** The definition in float64: each pixel with all points. The reach and the map itself are larger by `slack` pixels. */
function reference({ points, spacing, camera, size, reach }: Scene, slack = 0): number[] {
  const map = Array.from({ length: size ** 2 }, () => [Infinity, -Infinity]);
  for (let i = 0; i < spacing.length; i++) {
    const [x, y, z] = points.subarray(4 * i, 4 * i + 3), [u, v] = pixelOf({ ...camera, rms: 0 }, x, y, z);
    const sees = !camera.central || z > 0, inside = Math.min(u, v) >= -slack && Math.max(u, v) < size + slack;
    if (!sees || !inside || spacing[i] < 0) continue;
    for (let pixel = 0; pixel < size ** 2; pixel++) {
      if (Math.hypot(pixel % size + 0.5 - u, Math.floor(pixel / size) + 0.5 - v) > reach + slack) continue;
      map[pixel] = [Math.min(map[pixel][0], z), Math.max(map[pixel][1], z)];
    }
  }
  return map.flatMap(([least, most]) => least <= most ? [least, most] : [1, -1]);
}

async function envelopeOf(gpu: Gpu, scene: Scene): Promise<number[]> {
  using points = gpu.upload("f32", scene.points), spacing = gpu.upload("f32", scene.spacing);
  using envelope = depthEnvelope(gpu, { ...scene, points, spacing });
  return [...await gpu.read(envelope)];
}

/** Points in halves of a pixel, which float32 has exactly, as it has their squares: pixels lie on rims. Depths of both signs, and 0. */
function halves(size: number, total: number, reach: number): Scene {
  const random = randomStream(size, `depth-envelope/${total}`);
  const camera: MapCamera = { matrix: [0, -2, 2, 0], offset: [3.5, -4], central: false };
  const points = new Float32Array(4 * total);
  for (let i = 0; i < total; i++) {
    const u = (random.integer(2 * size + 8) - 4) / 2 - 3.5, v = (random.integer(2 * size + 8) - 4) / 2 + 4;
    points.set([v / 2, -u / 2, (random.integer(41) - 20) / 16, 7], 4 * i);
  }
  return { points, spacing: Float32Array.from({ length: total }, () => random.integer(4) - 1), camera, size, reach };
}

for (const [size, total, reach] of [[1, 1, 1.5], [9, 5, 0], [30, 65, 1.5], [48, 900, 2.5]] as const) {
  gpuTest(`depthEnvelope() equals the definition on ${size}² pixels, rims included, ${total} points`, async (gpu) => {
    const scene = halves(size, total, reach), want = reference(scene);
    if (total >= 65) {
      const pairs = Array.from({ length: size ** 2 }, (_, pixel) => want.slice(2 * pixel, 2 * pixel + 2));
      ok(pairs.some(([a, b]) => a > b) && pairs.some(([a, b]) => a < 0 && b > 0) && pairs.some(([a]) => a > 0));
    }
    deepEqual(await envelopeOf(gpu, scene), want);
  });
}

gpuTest(
  "depthEnvelope() orders depths of both signs as numbers, and reaches a pixel and a half, by hand",
  async (gpu) => {
    const camera: MapCamera = { matrix: [1, 0, 0, 1], offset: [0, 0], central: false }, size = 7;
    const depths = [-3e38, -2, -1e-30, -0, 1e-30, 5, 3e38].map(Math.fround);
    for (const a of depths) {
      for (const b of depths) {
        const points = Float32Array.of(3.5, 3.5, a, 0, 3.5, 3.5, b, 0), spacing = Float32Array.of(0, 0);
        const map = await envelopeOf(gpu, { points, spacing, camera, size, reach: 1.5 });
        const near = map.flatMap((_, i) => i % 2 === 0 && map[i] !== 1 ? [i / 2] : []);
        deepEqual(near, [16, 17, 18, 23, 24, 25, 30, 31, 32]);
        equal(map[48] - Math.min(a, b), 0); // 0 and -0 are one depth
        equal(map[49] - Math.max(a, b), 0);
      }
    }
  },
);

gpuTest("depthEnvelope() equals the definition through a central camera, and sees nothing behind it", async (gpu) => {
  const size = 64, total = 1500, random = randomStream(1, "depth-envelope/central");
  const camera: MapCamera = {
    matrix: [Math.fround(210.3), Math.fround(-4.2), Math.fround(7.1), Math.fround(-205.9)],
    offset: [Math.fround(30.7), Math.fround(34.1)],
    central: true,
  };
  const points = new Float32Array(4 * total), metre = () => 2 * random.uniform() - 1;
  for (let i = 0; i < total; i++) {
    const sign = i % 4 === 0 ? -1 : 1; // what lies behind would be seen mirrored
    points.set([sign * 0.09 * metre(), sign * 0.09 * metre(), sign * (0.4 + 0.1 * random.uniform()), 0], 4 * i);
  }
  const scene = { points, spacing: new Float32Array(total), camera, size, reach: 1.5 };
  // a pixel up to 200 is off by 5 half units of its division, a product, two sums and a difference
  const slack = 400 * 10 * 2 ** -24, got = await envelopeOf(gpu, scene);
  const low = reference(scene, -slack), high = reference(scene, slack);
  let open = 0;
  for (let i = 0; i < got.length; i += 2) {
    const candidates = [low, high].map((map) => map.slice(i, i + 2));
    if (candidates[0].some((value, side) => value !== candidates[1][side])) open++;
    else deepEqual(got.slice(i, i + 2), candidates[0]);
  }
  ok(open < 0.01 * size ** 2, `${open} pixels lie on a rim`);
  ok(low.some((value) => value > 0.45) && low.includes(-1));
});

gpuTest("depthEnvelope() gives the same whatever the order of the points, and nothing without points", async (gpu) => {
  const scene = halves(30, 300, 1.5), order = [...scene.spacing.keys()].reverse();
  const points = Float32Array.from(order.flatMap((i) => [...scene.points.subarray(4 * i, 4 * i + 4)]));
  const spacing = Float32Array.from(order, (i) => scene.spacing[i]);
  deepEqual(await envelopeOf(gpu, { ...scene, points, spacing }), await envelopeOf(gpu, scene));
  const empty = await envelopeOf(gpu, { ...scene, points: new Float32Array(0), spacing: new Float32Array(0) });
  deepEqual(empty, Array.from({ length: 900 }, () => [1, -1]).flat());
});

gpuTest("depthEnvelope() refuses a reach or a side that cannot be, and buffers of unequal length", (gpu) => {
  using points = gpu.zeros("f32", 16), spacing = gpu.zeros("f32", 4), short = gpu.zeros("f32", 3);
  const camera: MapCamera = { matrix: [1, 0, 0, 1], offset: [0, 0], central: false };
  const whole = { points, spacing, camera, size: 4, reach: 1.5 };
  for (
    const change of [{ points: short }, { spacing: short }, { size: 0 }, { size: 2.5 }, { reach: -1 }, { reach: 9 }]
  ) {
    throws(() => depthEnvelope(gpu, { ...whole, ...change }), ShapeMismatch);
  }
});
