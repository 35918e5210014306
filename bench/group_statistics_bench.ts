/** Statistics of four clouds' edges, of their places, and a step of running values. @module */
import {
  groupStatistics,
  groupStatisticsCost,
  mergeStatistics,
  mergeStatisticsCost,
  updateRunning,
  updateRunningCost,
  uploadRows,
} from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

for (const [count, columns, groups] of [[81_920, 128, 1], [8192, 128, 4]] as const) {
  const name = `group-statistics/${count}x${columns}/${groups}`;
  await measure(name, groupStatisticsCost(count, columns, groups), (gpu) => {
    const owned = new DisposableStack(), rows = owned.use(uploadRows(gpu, uniformRows(count, columns), columns));
    return {
      run() {
        using _statistics = groupStatistics(gpu, { rows, groups });
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });
}

await measure("merge-statistics/15x128", mergeStatisticsCost(15, 128), (gpu) => {
  const statistics = uploadRows(gpu, uniformRows(30, 128), 128);
  return {
    run() {
      using _statistics = mergeStatistics(gpu, { statistics });
    },
    [Symbol.dispose]: () => statistics[Symbol.dispose](),
  };
});

await measure("update-running/128", updateRunningCost(128), (gpu) => {
  const owned = new DisposableStack(), two = () => owned.use(uploadRows(gpu, uniformRows(2, 128), 128));
  const request = { running: two(), statistics: two(), count: 81_920 };
  return {
    run: () => updateRunning(gpu, request),
    [Symbol.dispose]: () => owned.dispose(),
  };
});
