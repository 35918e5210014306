/** One scan's rows against the rows of six scans near the same place: 48 of 12,000. @module */
import { randomStream } from "../core/mod.ts";
import { leastRowDistance, leastRowDistanceCost, uploadRows } from "../kernels/mod.ts";
import { projectedRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const count = 2000, otherCount = 12_000, width = 48, columns = 64;
await measure(
  `row-distances/${count}x${width}of${otherCount}x${columns}`,
  leastRowDistanceCost(count, width, columns),
  (gpu) => {
    const owned = new DisposableStack(), random = randomStream(0, "bench/row-distances");
    const rows = owned.use(uploadRows(gpu, projectedRows(count, "scan"), columns));
    const others = owned.use(uploadRows(gpu, projectedRows(otherCount, "bank"), columns));
    const list = Uint32Array.from({ length: count * width }, () => random.integer(otherCount));
    const indices = owned.use(gpu.upload("u32", list));
    return {
      run() {
        using _found = leastRowDistance(gpu, { rows, others, indices, width });
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  },
);
