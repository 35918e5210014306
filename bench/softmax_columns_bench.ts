/** Softmax of attention's products in a cloud of 2048 places, and its gradient. @module */
import {
  type Gpu,
  softmaxColumns,
  softmaxColumnsCost,
  softmaxColumnsGradient,
  softmaxColumnsGradientCost,
  uploadRows,
} from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const places = 2048;

const productsOf = (gpu: Gpu) => uploadRows(gpu, uniformRows(places, places), places);

await measure(`softmax-columns/${places}x${places}`, softmaxColumnsCost(places, places), (gpu) => {
  const rows = productsOf(gpu);
  return {
    run() {
      using _output = softmaxColumns(gpu, { rows });
    },
    [Symbol.dispose]: () => rows[Symbol.dispose](),
  };
});

await measure(`softmax-columns-gradient/${places}x${places}`, softmaxColumnsGradientCost(places, places), (gpu) => {
  const owned = new DisposableStack(), upstream = owned.use(productsOf(gpu)), rows = owned.use(productsOf(gpu));
  const output = owned.use(softmaxColumns(gpu, { rows }));
  return {
    run() {
      using _gradient = softmaxColumnsGradient(gpu, { upstream, output });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});
