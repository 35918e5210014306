import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { NO_NEIGHBOUR } from "./nearest_neighbours.ts";
import { byDistance, scattered } from "./nearest_row_reference.ts";
import { leastRowDistance } from "./row_distances.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

const FAR = (2 - 2 ** -23) * 2 ** 127; // the largest float32

/** Lists of random rows; about a quarter of the places, and each seventh list whole, are empty. */
const lists = (count: number, width: number, others: number) =>
  Uint32Array.from(
    scattered(count * width, 3),
    (v, i) => v < -4 || Math.floor(i / width) % 7 === 6 ? NO_NEIGHBOUR : Math.floor((v + 4) / 12 * others),
  );

for (const [count, m, width, columns] of [[1, 1, 1, 1], [13, 40, 5, 3], [200, 900, 48, 62]] as const) {
  for (const kind of ["ties", "reals"] as const) {
    gpuTest(
      `leastRowDistance() equals float64 on ${count} × ${width} of ${m}, ${columns} columns, ${kind}`,
      async (gpu) => {
        const of = (length: number, seed: number) =>
          kind === "ties" ? scattered(length, seed).map((v) => Math.round(v / 4)) : scattered(length, seed);
        const x = of(count * columns, 1), y = of(m * columns, 2), list = lists(count, width, m);
        using rows = uploadRows(gpu, x, columns),
          others = uploadRows(gpu, y, columns),
          indices = gpu.upload("u32", list);
        using found = leastRowDistance(gpu, { rows, others, indices, width });
        const [distances, nearest] = await Promise.all([gpu.read(found.distances), gpu.read(found.indices)]);
        for (let i = 0; i < count; i++) {
          const own = new Set(list.subarray(i * width, (i + 1) * width));
          const [want, next] = byDistance(x, y, columns, i).filter(({ index }) => own.has(index));
          if (!want) {
            deepEqual([distances[i], nearest[i]], [FAR, NO_NEIGHBOUR]);
            continue;
          }
          const d = Math.sqrt(want.squared), bound = (columns + 4) * 2 ** -24 * d; // half of a rounding a sum and three a square, the root's own
          ok(Math.abs(distances[i] - d) <= bound, `row ${i}: ${distances[i]}, not ${d}`);
          if (kind === "ties" || !next || Math.sqrt(next.squared) - d > 2 * bound) equal(nearest[i], want.index);
        }
      },
    );
  }
}

gpuTest("leastRowDistance() goes on from the best so far where lists take several launches", async (gpu) => {
  const columns = 16_000, y = new Float32Array(20 * columns); // 12 rows of 4,000 iterations are a launch
  for (let row = 0; row < 20; row++) y[row * columns + columns - 1] = row;
  using others = uploadRows(gpu, y, columns), rows = uploadRows(gpu, y.subarray(0, 2 * columns), columns);
  const all = Array.from({ length: 20 }, (_, i) => i);
  using indices = gpu.upload("u32", Uint32Array.from([...all.map((i) => 19 - i), ...all.map((i) => i < 2 ? 7 : 19)]));
  using found = leastRowDistance(gpu, { rows, others, indices, width: 20 });
  deepEqual([...await gpu.read(found.indices)], [0, 7]);
  deepEqual([...await gpu.read(found.distances)], [0, 6]);
});

gpuTest(
  "leastRowDistance() gives nothing for no rows, and refuses unequal columns and lists of another length",
  (gpu) => {
    using rows = uploadRows(gpu, [1, 2], 1), others = uploadRows(gpu, [1, 2], 2), none = uploadRows(gpu, [], 1);
    using indices = gpu.zeros("u32", 4), empty = gpu.zeros("u32", 0);
    using found = leastRowDistance(gpu, { rows: none, others: rows, indices: empty, width: 3 });
    equal(found.distances.length, 0);
    throws(() => leastRowDistance(gpu, { rows, others, indices, width: 2 }), ShapeMismatch);
    throws(() => leastRowDistance(gpu, { rows, others: rows, indices, width: 3 }), ShapeMismatch);
  },
);
