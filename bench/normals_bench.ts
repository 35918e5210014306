/** Normals of one prepared scan, its neighbours given. @module */
import { nearestNeighbours } from "../kernels/nearest_neighbours.ts";
import { normals, normalsCost } from "../kernels/normals.ts";
import { measure } from "./roofline.ts";
import { scanPoints } from "./scan_points.ts";

const points = await scanPoints(), count = points.length / 4, k = 30;
await measure(`normals/${count}x${k}`, normalsCost(count, k), (gpu) => {
  const owned = new DisposableStack();
  const cloud = { values: owned.use(gpu.upload("f32", points)), count };
  const neighbours = owned.use(nearestNeighbours(gpu, { cloud, k }));
  return {
    run() {
      using _normals = normals(gpu, { cloud, neighbours, k, orient: "none" });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});
