/** The points of eight generated clouds, and the gradient at them. @module */
import {
  hyperbolicTangent,
  hyperbolicTangentCost,
  hyperbolicTangentGradient,
  hyperbolicTangentGradientCost,
  uploadRows,
} from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const count = 8 * 2048, columns = 3;
await measure(`hyperbolic-tangent/${count}x${columns}`, hyperbolicTangentCost(count, columns), (gpu) => {
  const rows = uploadRows(gpu, uniformRows(count, columns), columns);
  return {
    run() {
      using _output = hyperbolicTangent(gpu, { rows });
    },
    [Symbol.dispose]: () => rows[Symbol.dispose](),
  };
});
await measure(
  `hyperbolic-tangent-gradient/${count}x${columns}`,
  hyperbolicTangentGradientCost(count, columns),
  (gpu) => {
    const output = uploadRows(gpu, uniformRows(count, columns), columns);
    return {
      run() {
        using _gradient = hyperbolicTangentGradient(gpu, { upstream: output, output });
      },
      [Symbol.dispose]: () => output[Symbol.dispose](),
    };
  },
);
