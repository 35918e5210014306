/** One scan's patches against a full bank and a small one. @module */
import { nearestRow, nearestRowCost, uploadRows } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const columns = 33, queryCount = 784;
for (const bankCount of [2508, 17_483]) {
  await measure(
    `nearest-row/${queryCount}x${bankCount}x${columns}`,
    nearestRowCost(queryCount, bankCount, columns),
    (gpu) => {
      const owned = new DisposableStack();
      const queries = owned.use(uploadRows(gpu, uniformRows(queryCount, columns), columns));
      const bank = owned.use(uploadRows(gpu, uniformRows(bankCount, columns), columns));
      return {
        run() {
          using _found = nearestRow(gpu, { queries, bank });
        },
        [Symbol.dispose]: () => owned.dispose(),
      };
    },
  );
}
