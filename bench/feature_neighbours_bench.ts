/** Graphs of four clouds: rows without order, which prune nothing, then such as a generator's. The bound is the search's that prunes nothing. @module */
import { featureNeighbours, featureNeighboursCost, uploadRows } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";
import { smoothRows } from "./smooth_rows.ts";

const clouds = 4, each = 2048, k = 10;
for (const [kind, columns] of [["uniform", 64], ["smooth", 64], ["smooth", 128]] as const) {
  await measure(
    `feature-neighbours/${kind}/${clouds}x${each}x${columns}`,
    featureNeighboursCost(clouds, each, columns, k),
    (gpu) => {
      const values = kind === "smooth" ? smoothRows(clouds, each, columns) : uniformRows(clouds * each, columns);
      const rows = uploadRows(gpu, values, columns);
      return {
        run() {
          using _found = featureNeighbours(gpu, { rows, clouds, k });
        },
        [Symbol.dispose]: () => rows[Symbol.dispose](),
      };
    },
  );
}
