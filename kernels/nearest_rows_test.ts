import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { nearestRows } from "./nearest_rows.ts";
import { byDistance, integers, reals } from "./nearest_row_reference.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

for (const [n, m, columns, k] of [[1, 3, 1, 3], [5, 255, 33, 1], [9, 700, 12, 8]] as const) {
  for (const [kind, fill] of [["ties", integers], ["reals", reals]] as const) {
    gpuTest(`nearestRows() equals float64 on ${n} × ${m} × ${columns}, k ${k}, ${kind}`, async (gpu) => {
      const q = fill(n * columns, 1), b = fill(m * columns, 5);
      using queries = uploadRows(gpu, q, columns), bank = uploadRows(gpu, b, columns);
      using found = nearestRows(gpu, { queries, bank, k });
      const [distances, indices] = await Promise.all([gpu.read(found.distances), gpu.read(found.indices)]);
      const bound = (columns + 4) * 2 ** -24;
      for (let i = 0; i < n; i++) {
        byDistance(q, b, columns, i).slice(0, k).forEach((want, j) => {
          const d = Math.sqrt(want.squared);
          ok(Math.abs(distances[i * k + j] - d) <= bound * d, `${i}, ${j}: ${distances[i * k + j]}, not ${d}`);
          if (kind === "ties") equal(indices[i * k + j], want.index);
        });
      }
    });
  }
}

gpuTest("nearestRows() goes through several blocks, and through more lists than one merge takes", async (gpu) => {
  const count = 200_000; // 782 lists of 256 rows
  using queries = uploadRows(gpu, [199_990, 0.25], 1);
  using one = uploadRows(gpu, Float32Array.of(7, 0), 1),
    two = uploadRows(gpu, Float32Array.from({ length: count }, (_, i) => i), 1);
  using found = nearestRows(gpu, { queries, bank: [one, two], k: 3 });
  deepEqual([...await gpu.read(found.indices)], [199_992, 199_991, 199_993, 1, 2, 3]);
  deepEqual([...await gpu.read(found.distances)], [0, 1, 1, 0.25, 0.25, 0.75]);
});

gpuTest("nearestRows() marks the places of a bank smaller than k", async (gpu) => {
  using queries = uploadRows(gpu, [1], 1), bank = uploadRows(gpu, [4, 3], 1);
  using found = nearestRows(gpu, { queries, bank, k: 4 });
  deepEqual([...await gpu.read(found.indices)], [1, 0, 0xffffffff, 0xffffffff]);
});

gpuTest("nearestRows() refuses k above 8", (gpu) => {
  using queries = uploadRows(gpu, [1], 1);
  throws(() => nearestRows(gpu, { queries, bank: queries, k: 9 }), ShapeMismatch);
});
