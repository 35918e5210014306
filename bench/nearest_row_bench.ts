/** One scan's patches against a full bank and a small one without order, then against rows along principal axes. The bound is the search's that prunes nothing. @module */
import { nearestRow, nearestRowCost, uploadRows } from "../kernels/mod.ts";
import { projectedRows, uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

for (
  const [kind, queryCount, bankCount, columns] of [
    ["", 784, 2508, 33],
    ["", 784, 17_483, 33],
    ["uniform/", 2000, 10_000, 64],
    ["projected/", 2000, 10_000, 64],
  ] as const
) {
  await measure(
    `nearest-row/${kind}${queryCount}x${bankCount}x${columns}`,
    nearestRowCost(queryCount, bankCount, columns),
    (gpu) => {
      const isProjected = kind === "projected/", owned = new DisposableStack();
      const rows = (count: number, name: "bank" | "scan") =>
        owned.use(uploadRows(gpu, isProjected ? projectedRows(count, name) : uniformRows(count, columns), columns));
      const queries = rows(queryCount, "scan"), bank = rows(bankCount, "bank");
      return {
        run() {
          using _found = nearestRow(gpu, { queries, bank });
        },
        [Symbol.dispose]: () => owned.dispose(),
      };
    },
  );
}
