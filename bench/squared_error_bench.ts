/** The scores of a batch of 24 clouds. @module */
import { squaredError, squaredErrorCost, uploadRows } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const count = 24;
await measure(`squared-error/${count}`, squaredErrorCost(count), (gpu) => {
  const owned = new DisposableStack();
  const scores = owned.use(uploadRows(gpu, uniformRows(count, 1), 1)), into = owned.use(gpu.zeros("f32", 1));
  return {
    run() {
      using _gradient = squaredError(gpu, { scores, goal: 1, weight: 1, into, at: 0 });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});
