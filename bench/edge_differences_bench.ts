/** Differences along the edges of four clouds, and their gradient. @module */
import {
  edgeDifferences,
  edgeDifferencesCost,
  edgeDifferencesGradient,
  edgeDifferencesGradientCost,
  inverseNeighbours,
  uploadRows,
} from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";
import { sphereGraph } from "./smooth_rows.ts";

const clouds = 4, each = 2048, k = 10, places = clouds * each;
for (const columns of [64, 128]) {
  const size = `${places}x${k}x${columns}`;
  await measure(`edge-differences/${size}`, edgeDifferencesCost(places, columns, k), (gpu) => {
    const owned = new DisposableStack(), rows = () => owned.use(uploadRows(gpu, uniformRows(places, columns), columns));
    const near = rows(), own = rows(), neighbours = owned.use(gpu.upload("u32", sphereGraph(clouds, each, k)));
    return {
      run() {
        using _edges = edgeDifferences(gpu, { near, own, neighbours, k });
        gpu.submit(); // the next run then has this one's memory again
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });

  await measure(`edge-differences-gradient/${size}`, edgeDifferencesGradientCost(places, columns, k), (gpu) => {
    const owned = new DisposableStack();
    const upstream = owned.use(uploadRows(gpu, uniformRows(places * k, columns), columns));
    const neighbours = owned.use(gpu.upload("u32", sphereGraph(clouds, each, k)));
    const inverse = owned.use(inverseNeighbours(gpu, { neighbours, rows: places }));
    return {
      run() {
        using _gradient = edgeDifferencesGradient(gpu, { upstream, inverse, k });
        gpu.submit(); // the next run then has this one's memory again
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });
}
