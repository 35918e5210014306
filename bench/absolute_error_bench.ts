/** The discriminator's feature of a cloud. @module */
import { absoluteError, absoluteErrorCost, uploadRows } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const columns = 1024;
await measure(`absolute-error/1x${columns}`, absoluteErrorCost(1, columns), (gpu) => {
  const owned = new DisposableStack(), uploaded = () => owned.use(uploadRows(gpu, uniformRows(1, columns), columns));
  const rows = uploaded(), goal = uploaded(), into = owned.use(gpu.zeros("f32", 1));
  return {
    run() {
      using _gradient = absoluteError(gpu, { rows, goal, weight: 1, into, at: 0 });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});
