import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { distanceTransform } from "./distance_transform.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

const NONE = 0xffffffff;

/** The definition: every pixel against every pixel with a point. */
function reference(pointOf: Uint32Array, size: number): number[] {
  const points = [...pointOf.keys()].filter((pixel) => pointOf[pixel] !== NONE);
  return Array.from(pointOf, (_, pixel) => {
    const x = pixel % size, y = Math.floor(pixel / size);
    let best = 2 * size ** 2;
    for (const point of points) {
      best = Math.min(best, (point % size - x) ** 2 + (Math.floor(point / size) - y) ** 2);
    }
    return best;
  });
}

async function transform(gpu: Gpu, map: Uint32Array<ArrayBuffer>, size: number): Promise<number[]> {
  using pointOf = gpu.upload("u32", map), squares = distanceTransform(gpu, { pointOf, size });
  return [...await gpu.read(squares)];
}

for (const size of [1, 7, 64, 224]) {
  for (const share of size < 224 ? [0.5, 0.01, 0.0005] : [0.01, 0.0005]) {
    gpuTest(
      `distanceTransform() equals the definition on ${size}² pixels, ${100 * share} % with a point`,
      async (gpu) => {
        const random = randomStream(size, `distance-transform/${share}`);
        const map = Uint32Array.from({ length: size ** 2 }, (_, i) => random.uniform() < share ? i : NONE);
        map[random.integer(size ** 2)] = 0;
        deepEqual(await transform(gpu, map, size), reference(map, size));
      },
    );
  }
}

gpuTest("distanceTransform() sees from corner to corner", async (gpu) => {
  const size = 224, map = new Uint32Array(size ** 2).fill(NONE);
  map[size ** 2 - 1] = 5;
  const squares = await transform(gpu, map, size);
  equal(squares[0], 2 * 223 ** 2);
  deepEqual(squares, reference(map, size));
});

gpuTest("distanceTransform() is 2·size² where no pixel has a point, and 0 where each has one", async (gpu) => {
  for (const size of [1, 9, 224]) {
    const none = await transform(gpu, new Uint32Array(size ** 2).fill(NONE), size);
    ok(none.length === size ** 2 && none.every((square) => square === 2 * size ** 2));
    const all = await transform(gpu, new Uint32Array(size ** 2).fill(NONE - 1), size);
    ok(all.length === size ** 2 && all.every((square) => square === 0));
  }
});

gpuTest("distanceTransform() refuses a size that cannot be, and a map of another size", (gpu) => {
  using pointOf = gpu.zeros("u32", 16), none = gpu.zeros("u32", 0);
  for (const size of [3, 5, -4, 4.5]) throws(() => distanceTransform(gpu, { pointOf, size }), ShapeMismatch);
  throws(() => distanceTransform(gpu, { pointOf: none, size: 0 }), ShapeMismatch);
  using large = gpu.buffer("u32", 2049 ** 2);
  throws(() => distanceTransform(gpu, { pointOf: large, size: 2049 }), ShapeMismatch);
});
