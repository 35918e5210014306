/** Twelve scans that lie on the GPU, gathered; the copies show in the wall time alone. @module */
import { columnStarts, gatherColumns, gatherColumnsCost } from "../kernels/mod.ts";
import { registrationScene } from "./registration_scene.ts";
import { measure } from "./roofline.ts";

const scene = await registrationScene(), clouds = 12;
await measure(
  `gather-columns/${clouds}x${scene.count}`,
  gatherColumnsCost(clouds * columnStarts(scene.shape)),
  (gpu) => {
    const owned = new DisposableStack();
    const { points, normals, starts, total } = owned.use(scene.targets(gpu, 1));
    const stored = Array.from({ length: clouds }, () => ({ points, normals, starts, count: total }));
    return {
      run() {
        using _targets = gatherColumns(gpu, stored, scene.shape);
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  },
);
