import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { type CoresetRequest, greedyCoreset } from "./greedy_coreset.ts";
import { integers, reals } from "./nearest_row_reference.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

/** The plain loop in float64: first maximum of the squared distances to the picks, picked rows left out. */
function reference(rows: ArrayLike<number>, columns: number, picks: number, first: number) {
  const count = rows.length / columns, nearest = new Float64Array(count).fill(Infinity);
  const indices = [first], distances = [0];
  for (let last = first;;) {
    for (let i = 0; i < count; i++) {
      let squared = 0;
      for (let c = 0; c < columns; c++) squared += (rows[i * columns + c] - rows[last * columns + c]) ** 2;
      if (squared < nearest[i]) nearest[i] = squared;
    }
    nearest[last] = -1;
    if (indices.length === picks) return { indices, distances };
    last = 0;
    for (let i = 1; i < count; i++) if (nearest[i] > nearest[last]) last = i;
    indices.push(last);
    distances.push(Math.sqrt(nearest[last]));
  }
}

async function search(gpu: Gpu, request: CoresetRequest) {
  using found = await greedyCoreset(gpu, request);
  const [indices, distances, values] = await Promise.all(
    [found.indices, found.distances, found.rows.values].map((b) => gpu.read(b)),
  );
  deepEqual([found.rows.count, found.rows.columns], [
    request.picks,
    (request.rows as { columns: number }).columns ?? found.rows.columns,
  ]);
  return { indices: [...indices], distances: [...distances], values, stride: found.rows.stride };
}

const few = (length: number, seed: number) => integers(length, seed).map((v) => v % 3); // 3^columns different rows at most
for (
  const [name, fill, count, columns, picks, first] of [
    ["one row", integers, 1, 3, 1, 0],
    ["all of 70 rows", integers, 70, 5, 70, 69],
    ["many ties", integers, 6000, 4, 2500, 17],
    ["81 different rows, each many times", few, 5000, 4, 3000, 3],
    ["all rows equal", () => new Float32Array(3 * 4500).fill(2), 4500, 3, 2300, 4000],
    ["wide rows", integers, 300, 2052, 40, 0],
  ] as const
) {
  gpuTest(`greedyCoreset() picks as the plain loop does: ${name}`, async (gpu) => {
    const values = fill(count * columns, 3), want = reference(values, columns, picks, first);
    using rows = uploadRows(gpu, values, columns);
    const got = await search(gpu, { rows, picks, first });
    deepEqual(got.indices, want.indices);
    got.distances.forEach((d, i) => equal(d, Math.fround(want.distances[i])));
    got.indices.forEach((row, i) => {
      for (let c = 0; c < columns; c += 7) equal(got.values[i * got.stride + c], values[row * columns + c]);
    });
  });
}

gpuTest("greedyCoreset() picks a row of largest distance each time, to rounding, among reals", async (gpu) => {
  const count = 20_000, columns = 9, picks = 3000, values = reals(count * columns, 1.7);
  using rows = uploadRows(gpu, values, columns);
  const { indices, distances } = await search(gpu, { rows, picks, first: 5 });
  equal(new Set(indices).size, picks);
  const nearest = new Float64Array(count).fill(Infinity);
  for (let k = 0; k < picks; k++) {
    const pick = indices[k], most = k === 0 ? 0 : nearest.reduce((a, b) => Math.max(a, b));
    if (k > 0) {
      ok(Math.abs(Math.sqrt(nearest[pick]) - distances[k]) <= 1e-6 * distances[k]); // 9 columns: (9 + 4) × 2^-24
      ok(nearest[pick] >= most * (1 - 2e-6), `pick ${k}: ${nearest[pick]} where ${most} is there`);
    }
    for (let i = 0; i < count; i++) {
      let squared = 0;
      for (let c = 0; c < columns; c++) squared += (values[i * columns + c] - values[pick * columns + c]) ** 2;
      if (squared < nearest[i]) nearest[i] = squared;
    }
    nearest[pick] = 0;
  }
});

gpuTest("greedyCoreset() numbers the rows of several blocks through, and gives the same picks", async (gpu) => {
  const columns = 4, values = integers(5000 * columns, 9);
  using rows = uploadRows(gpu, values, columns);
  using one = uploadRows(gpu, values.subarray(0, 3001 * columns), columns),
    two = uploadRows(gpu, values.subarray(3001 * columns), columns);
  using none = uploadRows(gpu, [], columns);
  const whole = await search(gpu, { rows, picks: 900, first: 4321 });
  deepEqual(await search(gpu, { rows: [one, none, two], picks: 900, first: 4321 }), whole);
});

gpuTest("greedyCoreset() tells its steps, and frees all when told to stop", async (gpu) => {
  using rows = uploadRows(gpu, reals(9000 * 8, 3.3), 8);
  const steps: number[] = [];
  await search(gpu, { rows, picks: 4000, first: 0, onStep: (picked) => steps.push(picked) });
  equal(steps.at(-1), 4000);
  ok(steps.length > 1 && steps.every((picked, i) => i === 0 || picked > steps[i - 1]));
  const stop = new Error("stop");
  await rejects(
    () =>
      greedyCoreset(gpu, {
        rows,
        picks: 4000,
        first: 0,
        onStep: () => {
          throw stop;
        },
      }),
    (error) => error === stop,
  );
});

gpuTest("greedyCoreset() refuses picks and a start out of range, and blocks of unequal columns", async (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3, 4], 2), other = uploadRows(gpu, [1, 2, 3], 3);
  for (const [picks, first] of [[0, 0], [3, 0], [1, 2], [1, -1], [1.5, 0]]) {
    await rejects(() => greedyCoreset(gpu, { rows, picks, first }), ShapeMismatch);
  }
  await rejects(() => greedyCoreset(gpu, { rows: [rows, other], picks: 1, first: 0 }), ShapeMismatch);
});

for (const name of ["300x16", "2000x33", "ties"]) {
  const golden = (part: string) => sharedData(`golden/features/coreset_${name}_${part}.npy`);
  gpuTest(`greedyCoreset() has the golden picks: ${name}`, async (gpu) => {
    const read = (part: string) => readNpy(readFileSync(golden(part)!));
    const { shape, values } = read("rows"), index = read("index").values, distance = read("distance").values;
    using rows = uploadRows(gpu, values, shape[1]);
    const got = await search(gpu, { rows, picks: index.length, first: 0 });
    deepEqual(got.indices, [...index]);
    got.distances.forEach((d, i) => ok(Math.abs(d - distance[i]) <= 1e-4, `${i}: ${d}, not ${distance[i]}`));
  }, { ignore: !golden("rows") });
}
