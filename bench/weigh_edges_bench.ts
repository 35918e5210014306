/** Weighing the edges of four clouds, and its gradient. @module */
import { uploadRows, weighEdges, weighEdgesCost, weighEdgesGradient, weighEdgesGradientCost } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const places = 8192, k = 10;
for (const columns of [64, 128]) {
  const size = `${places}x${k}x${columns}`;
  await measure(`weigh-edges/${size}`, weighEdgesCost(places, columns, k), (gpu) => {
    const owned = new DisposableStack();
    const edges = () => owned.use(uploadRows(gpu, uniformRows(places * k, columns), columns));
    const logits = edges(), values = edges();
    return {
      run() {
        using _weighed = weighEdges(gpu, { logits, values, k });
        gpu.submit(); // the next run then has this one's memory again
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });

  await measure(`weigh-edges-gradient/${size}`, weighEdgesGradientCost(places, columns, k), (gpu) => {
    const owned = new DisposableStack();
    const edges = () => owned.use(uploadRows(gpu, uniformRows(places * k, columns), columns));
    const logits = edges(),
      values = edges(),
      upstream = owned.use(uploadRows(gpu, uniformRows(places, k * columns), k * columns));
    return {
      run() {
        using _gradient = weighEdgesGradient(gpu, { upstream, logits, values, k });
        gpu.submit(); // the next run then has this one's memory again
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });
}
