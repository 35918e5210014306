/** Features of one prepared scan: histograms and their sums alone, then all from the points on; one size, and three at once. @module */
import { fpfh, fpfhCost } from "../kernels/fpfh.ts";
import { fpfhSizes } from "../kernels/fpfh_sizes.ts";
import { nearestNeighbours, nearestNeighboursCost } from "../kernels/nearest_neighbours.ts";
import { normals as normalsOf, normalsCost } from "../kernels/normals.ts";
import { measure } from "./roofline.ts";
import { scanPoints } from "./scan_points.ts";

const points = await scanPoints(), count = points.length / 4, normalK = 30;

for (const sizes of [[100], [25, 50, 100]]) {
  const k = Math.max(...sizes), name = sizes.join("+");
  await measure(`fpfh/${count}x${name}`, fpfhCost(count, sizes), (gpu) => {
    const owned = new DisposableStack();
    const cloud = { values: owned.use(gpu.upload("f32", points)), count };
    const neighbours = owned.use(nearestNeighbours(gpu, { cloud, k }));
    const normals = owned.use(normalsOf(gpu, { cloud, neighbours, k: normalK, orient: "none" }));
    return {
      run() {
        using _rows = fpfh(gpu, { cloud, normals, neighbours, sizes, form: "open3d" });
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });

  const parts = [nearestNeighboursCost(count, k), normalsCost(count, normalK), fpfhCost(count, sizes)];
  const whole = {
    flops: parts.reduce((sum, p) => sum + p.flops, 0),
    bytes: parts.reduce((sum, p) => sum + p.bytes, 0),
  };
  await measure(`fpfh-sizes/${count}x${normalK}x${name}`, whole, (gpu) => {
    const values = gpu.upload("f32", points);
    return {
      run() {
        using _made = fpfhSizes(gpu, { cloud: { values, count }, normalK, sizes, orient: "none", form: "open3d" });
      },
      [Symbol.dispose]: () => values[Symbol.dispose](),
    };
  });
}
