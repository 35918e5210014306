/** Sums over all edges of four clouds, as for a bias, and over each cloud's places. @module */
import { sumRows, sumRowsCost, uploadRows } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

for (const [count, columns, groups] of [[81_920, 128, 1], [8192, 128, 4]] as const) {
  await measure(`sum-rows/${count}x${columns}in${groups}`, sumRowsCost(count, columns, groups), (gpu) => {
    const rows = uploadRows(gpu, uniformRows(count, columns), columns);
    return {
      run() {
        using _sums = sumRows(gpu, { rows, groups });
      },
      [Symbol.dispose]: () => rows[Symbol.dispose](),
    };
  });
}
