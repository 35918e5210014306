/** Greedy k-centre: without structure, and like the features of a hundred scans. The bound is the plain loop's, so a fraction above 1 is meant. @module */
import { greedyCoreset, greedyCoresetCost, uploadRows } from "../kernels/mod.ts";
import { featureRows, uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const columns = 33;
for (
  const [name, count, picks, make] of [
    ["uniform", 200_000, 2000, (n: number) => uniformRows(n, columns)],
    ["features", 78_400, 7840, featureRows],
  ] as const
) {
  await measure(
    `greedy-coreset/${name}/${count}x${columns}x${picks}`,
    greedyCoresetCost(count, picks, columns),
    (gpu) => {
      const rows = uploadRows(gpu, make(count), columns);
      return {
        async run() {
          using _coreset = await greedyCoreset(gpu, { rows, picks, first: 0 });
        },
        [Symbol.dispose]: () => rows[Symbol.dispose](),
      };
    },
  );
}
