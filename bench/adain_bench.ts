/** Adaptive instance norm of four clouds of 2048 places, and its gradient. @module */
import {
  adain,
  adainCost,
  adainGradient,
  adainGradientCost,
  type Gpu,
  groupStatistics,
  uploadRows,
} from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const clouds = 4, count = clouds * 2048, columns = 128;

/** Clouds, their styles and what arrives at the result. */
function cloudsOf(gpu: Gpu) {
  const owned = new DisposableStack();
  const upload = (columns: number) => owned.use(uploadRows(gpu, uniformRows(count, columns), columns));
  const rows = upload(columns), statistics = owned.use(groupStatistics(gpu, { rows, groups: clouds }));
  return { request: { rows, statistics, style: upload(2 * columns), clouds }, upstream: upload(columns), owned };
}

await measure(`adain/${count}x${columns}`, adainCost(count, columns), (gpu) => {
  const { request, owned } = cloudsOf(gpu);
  return {
    run() {
      using _output = adain(gpu, request);
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});

await measure(`adain-gradient/${count}x${columns}`, adainGradientCost(count, columns), (gpu) => {
  const { request, upstream, owned } = cloudsOf(gpu);
  return {
    run() {
      using _gradient = adainGradient(gpu, { ...request, upstream });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});
