/** Features of one prepared scan: histograms and their sums alone, then all from the points on. @module */
import { fpfh, fpfhCost } from "../kernels/fpfh.ts";
import { fpfhOf } from "../kernels/fpfh_of.ts";
import { nearestNeighbours, nearestNeighboursCost } from "../kernels/nearest_neighbours.ts";
import { normals as normalsOf, normalsCost } from "../kernels/normals.ts";
import { measure } from "./roofline.ts";
import { scanPoints } from "./scan_points.ts";

const points = await scanPoints(), count = points.length / 4, normalK = 30, featureK = 100;

await measure(`fpfh/${count}x${featureK}`, fpfhCost(count, featureK), (gpu) => {
  const owned = new DisposableStack();
  const cloud = { values: owned.use(gpu.upload("f32", points)), count };
  const neighbours = owned.use(nearestNeighbours(gpu, { cloud, k: featureK }));
  const normals = owned.use(normalsOf(gpu, { cloud, neighbours, k: normalK, orient: "none" }));
  return {
    run() {
      using _rows = fpfh(gpu, { cloud, normals, neighbours, k: featureK, form: "open3d" });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});

const parts = [nearestNeighboursCost(count, featureK), normalsCost(count, normalK), fpfhCost(count, featureK)];
const whole = { flops: parts.reduce((sum, p) => sum + p.flops, 0), bytes: parts.reduce((sum, p) => sum + p.bytes, 0) };
await measure(`fpfh-of/${count}x${normalK}x${featureK}`, whole, (gpu) => {
  const values = gpu.upload("f32", points);
  return {
    run() {
      using _rows = fpfhOf(gpu, { cloud: { values, count }, normalK, featureK, orient: "none", form: "open3d" });
    },
    [Symbol.dispose]: () => values[Symbol.dispose](),
  };
});
