/** Clusters by density: pixels of a map in round pieces, as a missing region leaves them, and points scattered over a plane. @module */
import { randomStream } from "../core/mod.ts";
import { dbscan, dbscanCost } from "../kernels/mod.ts";
import { measure } from "./roofline.ts";

const size = 224;

/** Pixels of three discs of that radius and one in a hundred of the others; x, y, 0, 0 each. */
function pixels(radius: number): Float32Array<ArrayBuffer> {
  const random = randomStream(0, "bench/dbscan");
  const isInside = (x: number, y: number) =>
    [[60, 60], [160, 60], [110, 160]].some(([cx, cy]) => (x - cx) ** 2 + (y - cy) ** 2 <= radius ** 2);
  const found = Array.from({ length: size ** 2 }, (_, p) => [p % size, Math.floor(p / size), 0, 0]);
  return Float32Array.from(found.filter(([x, y]) => isInside(x, y) || random.uniform() < 0.01).flat());
}

const scattered = (count: number): Float32Array<ArrayBuffer> => {
  const random = randomStream(0, "bench/dbscan/scattered");
  return Float32Array.from({ length: 4 * count }, (_, i) => i % 4 < 2 ? size * random.uniform() : 0);
};

const scenes = [
  { name: "small discs", values: pixels(12) },
  { name: "large discs", values: pixels(45) },
  { name: "scattered", values: scattered(20_000) },
];
const radius = 8, leastPoints = 8;
for (const { name, values } of scenes) {
  const count = values.length / 4, around = Math.min(9 * radius ** 2, count * 9 * radius ** 2 / size ** 2);
  await measure(`dbscan/${name}, ${count}`, dbscanCost(count, Math.round(around)), (gpu) => {
    const points = gpu.upload("f32", values);
    return {
      run() {
        using _clusters = dbscan(gpu, { points, count, radius, leastPoints });
      },
      [Symbol.dispose]: () => points[Symbol.dispose](),
    };
  });
}
