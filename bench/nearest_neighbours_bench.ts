/** Nearest neighbours: one prepared scan, as many as features need, and a large cloud. @module */
import { nearestNeighbours, nearestNeighboursCost } from "../kernels/nearest_neighbours.ts";
import { measure } from "./roofline.ts";
import { scanPoints, wavySurface } from "./scan_points.ts";

const scan = await scanPoints();
for (const [points, k] of [[scan, 30], [scan, 100], [wavySurface(160_000), 30]] as const) {
  const count = points.length / 4;
  await measure(`nearest-neighbours/${count}x${k}`, nearestNeighboursCost(count, k), (gpu) => {
    const values = gpu.upload("f32", points);
    return {
      run() {
        using _found = nearestNeighbours(gpu, { cloud: { values, count }, k });
      },
      [Symbol.dispose]: () => values[Symbol.dispose](),
    };
  });
}
