/** Batch norm of four clouds' edges and of their global features, and its gradient, with statistics of the batch and with constant ones. @module */
import {
  batchNorm,
  batchNormCost,
  batchNormGradient,
  batchNormGradientCost,
  batchNormSums,
  batchNormSumsCost,
  type Gpu,
  groupStatistics,
  uploadRows,
} from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

/** A batch with its parameters and its output. */
function batchOf(gpu: Gpu, count: number, columns: number) {
  const owned = new DisposableStack();
  const upload = (count: number) => owned.use(uploadRows(gpu, uniformRows(count, columns), columns));
  const rows = upload(count), statistics = owned.use(groupStatistics(gpu, { rows }));
  const forward = { rows, statistics, weight: upload(1), bias: upload(1), slope: 0.01 };
  const output = owned.use(batchNorm(gpu, forward)), upstream = upload(count);
  return { forward, backward: { ...forward, output, upstream, weightInto: upload(1), biasInto: upload(1) }, owned };
}

for (const [count, columns] of [[81_920, 128], [24, 512]] as const) {
  await measure(`batch-norm/${count}x${columns}`, batchNormCost(count, columns), (gpu) => {
    const { forward, owned } = batchOf(gpu, count, columns);
    return {
      run() {
        using _output = batchNorm(gpu, forward);
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });
  await measure(`batch-norm-sums/${count}x${columns}`, batchNormSumsCost(count, columns), (gpu) => {
    const { backward, owned } = batchOf(gpu, count, columns);
    return {
      run() {
        using _sums = batchNormSums(gpu, backward);
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });
  for (const frozen of [false, true]) {
    const name = `batch-norm-gradient/${count}x${columns}${frozen ? "/frozen" : ""}`;
    await measure(name, batchNormGradientCost(count, columns, frozen), (gpu) => {
      const { backward, owned } = batchOf(gpu, count, columns), { weightInto, biasInto, ...alone } = backward;
      return {
        run() {
          using _gradient = batchNormGradient(
            gpu,
            frozen ? { ...alone, frozen } : { ...alone, frozen, weightInto, biasInto },
          );
        },
        [Symbol.dispose]: () => owned.dispose(),
      };
    });
  }
}
