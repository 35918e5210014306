/** A discriminator's pooling over four clouds, and its gradient. @module */
import { maxRows, maxRowsCost, maxRowsGradient, maxRowsGradientCost, uploadRows } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const clouds = 4, count = clouds * 2048;
for (const columns of [128, 1024]) {
  await measure(`max-rows/${count}x${columns}`, maxRowsCost(count, clouds, columns), (gpu) => {
    const rows = uploadRows(gpu, uniformRows(count, columns), columns);
    return {
      run() {
        using _found = maxRows(gpu, { rows, clouds });
      },
      [Symbol.dispose]: () => rows[Symbol.dispose](),
    };
  });
  await measure(`max-rows-gradient/${count}x${columns}`, maxRowsGradientCost(count, clouds, columns), (gpu) => {
    const owned = new DisposableStack();
    const rows = owned.use(uploadRows(gpu, uniformRows(count, columns), columns));
    const upstream = owned.use(uploadRows(gpu, uniformRows(clouds, columns), columns));
    const { indices } = owned.use(maxRows(gpu, { rows, clouds }));
    return {
      run() {
        using _gradient = maxRowsGradient(gpu, { upstream, indices, count });
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });
}
