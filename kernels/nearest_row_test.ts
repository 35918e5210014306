import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { nearestRow } from "./nearest_row.ts";
import { byDistance, decreasing, integers, reals, scattered } from "./nearest_row_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

/** Relative: half of one rounding a sum and three a square, and the root's own. */
const bound = (columns: number) => (columns + 4) * 2 ** -24;

for (const [n, m, columns] of [[1, 1, 1], [7, 5, 3], [65, 1000, 33], [13, 131, 8]] as const) { // around the tile of 6 × 4
  for (const [kind, fill] of [["ties", integers], ["reals", reals]] as const) {
    gpuTest(`nearestRow() equals float64 on ${n} × ${m} × ${columns} ${kind}`, async (gpu) => {
      const q = fill(n * columns, 1), b = fill(m * columns, 5);
      using queries = uploadRows(gpu, q, columns), bank = uploadRows(gpu, b, columns);
      using found = nearestRow(gpu, { queries, bank });
      const [distances, indices] = await Promise.all([gpu.read(found.distances), gpu.read(found.indices)]);
      for (let i = 0; i < n; i++) {
        const [want] = byDistance(q, b, columns, i), d = Math.sqrt(want.squared);
        ok(Math.abs(distances[i] - d) <= bound(columns) * d, `row ${i}: ${distances[i]}, not ${d}`);
        if (kind === "ties") equal(indices[i], want.index);
      }
    });
  }
}

const wholes = (length: number, seed: number) => scattered(length, seed).map(Math.round);
for (const [kind, fill] of [["ties", wholes], ["reals", scattered]] as const) {
  gpuTest(`nearestRow() loses no row by pruning, ${kind}`, async (gpu) => {
    const n = 60, m = 20_001, columns = 62, q = decreasing(fill(n * columns, 1), columns);
    const half = decreasing(fill((m - 1) / 2 * columns, 5), columns), b = new Float32Array(m * columns);
    b.set(half); // each row twice, so that the nearest ones are ties
    b.set(half, half.length);
    for (let c = 0; c < columns; c++) b[(m - 1) * columns + c] = q[7 * columns + c]; // the last row is a query
    for (let row = 40; row < 44; row++) q.fill(300, row * columns, (row + 1) * columns); // far from all: next to them others prune
    using queries = uploadRows(gpu, q, columns), bank = uploadRows(gpu, b, columns);
    using found = nearestRow(gpu, { queries, bank });
    const [distances, indices] = await Promise.all([gpu.read(found.distances), gpu.read(found.indices)]);
    for (let i = 0; i < n; i++) {
      const sorted = byDistance(q, b, columns, i), d = Math.sqrt(sorted[0].squared);
      ok(Math.abs(distances[i] - d) <= bound(columns) * d, `row ${i}: ${distances[i]}, not ${d}`);
      const other = sorted.find(({ squared }) => squared > sorted[0].squared)!; // beyond the ties
      if (kind === "ties" || Math.sqrt(other.squared) - d > 2 * bound(columns) * d) equal(indices[i], sorted[0].index);
    }
    equal(distances[7], 0);
  });
}

gpuTest("nearestRow() skips rows, also across blocks, and whole blocks", async (gpu) => {
  const columns = 30,
    m = 700,
    q = decreasing(scattered(90 * columns, 1), columns),
    b = decreasing(scattered(m * columns, 5), columns);
  b.set(q.subarray(0, 60 * columns), 290 * columns); // rows 290 to 349 are queries
  using queries = uploadRows(gpu, q, columns), all = uploadRows(gpu, b, columns);
  using one = uploadRows(gpu, b.subarray(0, 300 * columns), columns);
  using two = uploadRows(gpu, b.subarray(300 * columns, 320 * columns), columns);
  using three = uploadRows(gpu, b.subarray(320 * columns), columns);
  const ranges = [{ first: 290, count: 60 }, { first: 0, count: 340 }, { first: 300, count: 400 }, {
    first: 5,
    count: 0,
  }];
  for (const skip of ranges) {
    for (const bank of [all, [one, two, three]]) {
      using found = nearestRow(gpu, { queries, bank, skip });
      const indices = await gpu.read(found.indices);
      for (let i = 0; i < 90; i++) {
        const want = byDistance(q, b, columns, i).find(({ index: j }) =>
          j < skip.first || j >= skip.first + skip.count
        );
        equal(indices[i], want!.index, `query ${i} without ${skip.count} from ${skip.first}`);
      }
    }
  }
});

gpuTest("nearestRow() refuses a bank that is skipped whole", (gpu) => {
  using queries = uploadRows(gpu, [1, 2], 1), bank = uploadRows(gpu, [1, 2, 3], 1);
  throws(() => nearestRow(gpu, { queries, bank, skip: { first: 0, count: 3 } }), ShapeMismatch);
});

gpuTest("nearestRow() numbers the rows of several blocks through, equal rows by the first", async (gpu) => {
  using queries = uploadRows(gpu, [3, 1, 9], 1);
  using empty = uploadRows(gpu, [], 1), one = uploadRows(gpu, [5, 1], 1), two = uploadRows(gpu, [1, 3, 8, 3], 1);
  using found = nearestRow(gpu, { queries, bank: [empty, one, two] });
  deepEqual([...await gpu.read(found.indices)], [3, 1, 4]);
  deepEqual([...await gpu.read(found.distances)], [0, 0, 1]);
});

gpuTest(
  "nearestRow() looks at every row where a share of the bank needs more loop iterations than a launch may take",
  async (gpu) => {
    const columns = 16_000, m = 130; // a share is 64 rows: 16 tiles of 4,000 iterations each, where 60,000 are the limit
    const rows = new Float32Array(m * columns).fill(1), wanted = [129, 63, 47, 48, 0];
    for (let row = 0; row < m; row++) rows[row * columns + columns - 1] = row;
    using bank = uploadRows(gpu, rows, columns);
    using queries = uploadRows(
      gpu,
      wanted.flatMap((row) => [...rows.subarray(row * columns, (row + 1) * columns)]),
      columns,
    );
    using found = nearestRow(gpu, { queries, bank });
    deepEqual([...await gpu.read(found.indices)], wanted);
    deepEqual([...await gpu.read(found.distances)], [0, 0, 0, 0, 0]);
  },
);

gpuTest("nearestRow() goes on from the best so far where the bank takes several launches", async (gpu) => {
  const n = 12_000, m = 30_000; // one share; a launch is long enough after 13,888 rows
  using queries = uploadRows(gpu, Float32Array.from({ length: n }, (_, i) => i * 2.75), 1);
  using bank = uploadRows(gpu, Float32Array.from({ length: m }, (_, i) => i), 1);
  using found = nearestRow(gpu, { queries, bank });
  const indices = await gpu.read(found.indices);
  for (let i = 0; i < n; i++) {
    const want = Math.min(Math.ceil(i * 2.75 - 0.5), m - 1); // half way: the smaller
    if (indices[i] !== want) equal(indices[i], want, `query ${i * 2.75}`);
  }
});

gpuTest("nearestRow() refuses an empty bank and unequal columns", (gpu) => {
  using queries = uploadRows(gpu, [1, 2], 2), empty = uploadRows(gpu, [], 2), other = uploadRows(gpu, [1, 2, 3], 3);
  throws(() => nearestRow(gpu, { queries, bank: empty }), ShapeMismatch);
  throws(() => nearestRow(gpu, { queries, bank: other }), ShapeMismatch);
});

const golden = (name: string) => sharedData(`golden/features/nearest_${name}.npy`);
gpuTest("nearestRow() has the golden distances and rows", async (gpu) => {
  const read = (name: string) => readNpy(readFileSync(golden(name)!)).values;
  const dist = read("dist"), index = read("index"), q = read("query"), b = read("bank");
  using queries = uploadRows(gpu, q, 33), bank = uploadRows(gpu, b, 33);
  using found = nearestRow(gpu, { queries, bank });
  const [distances, indices] = await Promise.all([gpu.read(found.distances), gpu.read(found.indices)]);
  let zeros = 0;
  for (let i = 0; i < dist.length; i++) {
    ok(Math.abs(distances[i] - dist[i]) <= 1e-3 + 1e-5 * dist[i], `row ${i}: ${distances[i]}, not ${dist[i]}`);
    const [nearest, next] = byDistance(q, b, 33, i);
    if (Math.sqrt(next.squared) - Math.sqrt(nearest.squared) > 1e-3) equal(indices[i], index[i]);
    if (dist[i] === 0) {
      equal(distances[i], 0);
      zeros++;
    }
  }
  equal(zeros, 25);
}, { ignore: !golden("dist") });
