/** Nearest points of an inversion, both ways and for its mask, and of a batch in training. @module */
import { nearestPoints, nearestPointsCost, uploadRows } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

for (
  const [clouds, queries, points, k] of [
    [1, 4096, 16_384, 1],
    [1, 16_384, 4096, 1],
    [1, 16_384, 4096, 5],
    [8, 2048, 2048, 1],
  ] as const
) {
  await measure(
    `nearest-points/${clouds}x${queries}x${points}x${k}`,
    nearestPointsCost(clouds, queries, points, k),
    (gpu) => {
      const owned = new DisposableStack(), all = uniformRows(clouds * (queries + points), 3);
      const rows = owned.use(uploadRows(gpu, all.subarray(0, 3 * clouds * queries), 3));
      const others = owned.use(uploadRows(gpu, all.subarray(3 * clouds * queries), 3));
      return {
        run() {
          using _found = nearestPoints(gpu, { queries: rows, points: others, clouds, k });
        },
        [Symbol.dispose]: () => owned.dispose(),
      };
    },
  );
}
