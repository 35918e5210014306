/** The inverse of four clouds' graphs. @module */
import { inverseNeighbours, inverseNeighboursCost } from "../kernels/mod.ts";
import { measure } from "./roofline.ts";
import { sphereGraph } from "./smooth_rows.ts";

const clouds = 4, each = 2048, k = 10, rows = clouds * each;
await measure(`inverse-neighbours/${rows}x${k}`, inverseNeighboursCost(rows * k, rows), (gpu) => {
  const neighbours = gpu.upload("u32", sphereGraph(clouds, each, k));
  return {
    run() {
      using _inverse = inverseNeighbours(gpu, { neighbours, rows });
    },
    [Symbol.dispose]: () => neighbours[Symbol.dispose](),
  };
});
