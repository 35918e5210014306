/** Linear layers of four clouds of 2048 places, of their edges and of one row a cloud, and their gradients. @module */
import {
  type Gpu,
  linear,
  linearCost,
  linearRowsGradient,
  linearRowsGradientCost,
  linearWeightsGradient,
  linearWeightsGradientCost,
  uploadRows,
} from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

/** Rows, columns and outputs: layers of the discriminator, of the generator, over a place's edges, and over each cloud's global feature. */
const shapes: readonly (readonly [number, number, number])[] = [[8192, 256, 1024], [8192, 1280, 128], [8192, 64, 3], [
  81_920,
  64,
  128,
], [4, 1024, 512]];

/** A layer's operands. */
function layer(gpu: Gpu, [count, columns, outputs]: readonly [number, number, number]) {
  const owned = new DisposableStack();
  const upload = (count: number, columns: number) =>
    owned.use(uploadRows(gpu, uniformRows(count, columns).map((v) => v - 0.5), columns));
  return {
    rows: upload(count, columns),
    weights: upload(outputs, columns),
    bias: upload(1, outputs),
    upstream: upload(count, outputs),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

for (const shape of shapes) {
  const name = shape.join("x");
  await measure(`linear/${name}`, linearCost(...shape), (gpu) => {
    const of = layer(gpu, shape);
    return {
      run() {
        using _results = linear(gpu, { ...of, slope: 0.01 });
      },
      [Symbol.dispose]: () => of[Symbol.dispose](),
    };
  });
  await measure(`linear-rows-gradient/${name}`, linearRowsGradientCost(...shape), (gpu) => {
    const of = layer(gpu, shape);
    return {
      run() {
        using _gradient = linearRowsGradient(gpu, of);
      },
      [Symbol.dispose]: () => of[Symbol.dispose](),
    };
  });
  await measure(`linear-weights-gradient/${name}`, linearWeightsGradientCost(...shape), (gpu) => {
    const of = layer(gpu, shape);
    return {
      run: () => linearWeightsGradient(gpu, { ...of, into: of.weights }),
      [Symbol.dispose]: () => of[Symbol.dispose](),
    };
  });
}
