/** A scan's points, one and eight neighbours each, in six scans. @module */
import { nearestInColumns, nearestInColumnsCost } from "../kernels/mod.ts";
import { registrationScene, startingMotions } from "./registration_scene.ts";
import { measure } from "./roofline.ts";

const scene = await registrationScene(), clouds = 6;
for (const { k, step } of [{ k: 1, step: 1 }, { k: 8, step: 4 }]) {
  const used = Math.ceil(scene.count / step);
  await measure(
    `nearest-in-columns/${used}x${clouds}x${scene.count}x${k}`,
    nearestInColumnsCost(used, clouds, clouds * scene.count, k),
    (gpu) => {
      const owned = new DisposableStack();
      const queries = { values: owned.use(gpu.upload("f32", scene.points)), count: scene.count };
      const targets = owned.use(scene.targets(gpu, clouds));
      const transforms = owned.use(gpu.upload("f32", startingMotions(clouds)));
      return {
        run() {
          using _found = nearestInColumns(gpu, { queries, step, targets, transforms, k, reach: 0.003 });
        },
        [Symbol.dispose]: () => owned.dispose(),
      };
    },
  );
}
