/** The gradient of the kinks of four clouds' places and edges. @module */
import { leakyReluGradient, leakyReluGradientCost, uploadRows } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

for (const [count, columns] of [[8192, 128], [81_920, 64]] as const) {
  await measure(`leaky-relu-gradient/${count}x${columns}`, leakyReluGradientCost(count, columns), (gpu) => {
    const owned = new DisposableStack();
    const upstream = owned.use(uploadRows(gpu, uniformRows(count, columns), columns));
    const output = owned.use(uploadRows(gpu, uniformRows(count, columns).map((v) => v - 0.5), columns));
    return {
      run() {
        using _gradient = leakyReluGradient(gpu, { upstream, output, slope: 0.01 });
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });
}
