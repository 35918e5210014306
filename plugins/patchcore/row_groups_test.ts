import { deepEqual, equal, ok } from "node:assert/strict";
import { uploadRows } from "../../kernels/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { addCounts, emptyCounts, groupRows, type RowCounts, spreadOfRows } from "./row_groups.ts";

/** A value with a weight. */
type Weighted = readonly [value: number, weight: number];

/** Mean and deviation of weighted values, in two passes. */
function moments(values: readonly Weighted[]): { mean: number; deviation: number } {
  const total = values.reduce((sum, [, weight]) => sum + weight, 0);
  const mean = values.reduce((sum, [value, weight]) => sum + value * weight, 0) / total;
  return { mean, deviation: Math.sqrt(values.reduce((sum, [v, weight]) => sum + weight * (v - mean) ** 2, 0) / total) };
}

/** A prior is as good as two heaps of values with its mean and deviation, together of weight 5. */
const prior = (mean: number, deviation: number): Weighted[] => [[mean - deviation, 2.5], [mean + deviation, 2.5]];

/** The definition, from the distances themselves. */
function reference(distances: readonly (readonly number[])[], groups: readonly number[], all: Weighted[]) {
  return distances.map((own, row) => {
    const group = distances.flatMap((list, other) => groups[other] === groups[row] ? list : []);
    const { mean, deviation } = moments([...group.map((d): Weighted => [d, 1]), ...all]);
    return moments([...own.map((d): Weighted => [d, 1]), ...prior(mean, deviation)]);
  });
}

function counted(distances: readonly (readonly number[])[]): RowCounts {
  const counts = emptyCounts(distances.length);
  distances.forEach((list, row) =>
    addCounts(counts, new Uint32Array(list.length).fill(row), Float32Array.from(list, Math.fround))
  );
  return counts;
}

/** Distances of row r: none for every third, else some that depend on the row. */
const distances = Array.from(
  { length: 25 },
  (_, row) => Array.from({ length: (row % 3) * 4 }, (_, i) => 1 + row / 8 + ((i * 7) % 5) / 4),
);
const groups = Uint32Array.from(distances, (_, row) => row % 3);

Deno.test("spreadOfRows() equals moments of the distances and two heaps for each prior", () => {
  const spread = spreadOfRows(counted(distances), groups, [2, 0.5]);
  reference(distances, [...groups], prior(2, 0.5)).forEach(({ mean, deviation }, row) => {
    ok(Math.abs(spread[2 * row] - mean) <= mean * 2 ** -22, `mean of row ${row}: ${spread[2 * row]}, not ${mean}`);
    const inverse = 1 / deviation;
    ok(Math.abs(spread[2 * row + 1] - inverse) <= inverse * 2 ** -20, `row ${row}: ${spread[2 * row + 1]}`);
  });
});

Deno.test("spreadOfRows() gives rows that nobody met their group's moments, and groups that nobody met the prior's", () => {
  const spread = spreadOfRows(counted([[1, 3], [], []]), Uint32Array.of(0, 0, 0), [2, 1]);
  const [first, lonely] = [spread.subarray(0, 2), spread.subarray(2, 4)];
  equal(lonely[0], 2, "the group's and the prior's mean are 2");
  ok(first[0] === 2 && lonely[1] === spread[5]);
  const nobody = spreadOfRows(emptyCounts(3), Uint32Array.of(0, 0, 0), [2, 0.25]);
  deepEqual([...nobody], [2, 4, 2, 4, 2, 4]);
});

Deno.test("spreadOfRows() gives an inverse of 0, not infinity, where nothing varies", () => {
  const same = spreadOfRows(counted([[2, 2, 2], [2], []]), Uint32Array.of(0, 0, 0), [2, 0]);
  deepEqual([...same], [2, 0, 2, 0, 2, 0]);
  deepEqual([...spreadOfRows(emptyCounts(1), Uint32Array.of(0), [0, 0])], [0, 0], "and where all distances are 0");
});

Deno.test("addCounts() takes out what it added, to the bit where distances are dyadic", () => {
  const rows = Uint32Array.of(2, 0, 2), own = Float32Array.of(0.5, 1.25, 3), counts = counted([[1], [], [0.25, 8]]);
  const before = structuredClone(counts);
  addCounts(counts, rows, own);
  deepEqual([...counts.n], [2, 0, 4]);
  deepEqual([...counts.sum], [2.25, 0, 11.75]);
  deepEqual([...counts.squares], [1 + 1.5625, 0, 0.0625 + 64 + 0.25 + 9]);
  addCounts(counts, rows, own, -1);
  deepEqual(counts, before);
});

await gpuTest("groupRows() names the nearest of every tenth row", async (gpu) => {
  const columns = 3, values = Array.from({ length: 25 * columns }, (_, i) => Math.sin(i * i));
  using bank = uploadRows(gpu, values, columns);
  const squared = (a: number, b: number) =>
    [0, 1, 2].reduce((sum, c) => sum + (Math.fround(values[3 * a + c]) - Math.fround(values[3 * b + c])) ** 2, 0);
  const wanted = Array.from({ length: 25 }, (_, row) => {
    const to = [0, 10, 20].map((anchor) => squared(row, anchor));
    return to.indexOf(Math.min(...to));
  });
  deepEqual([...await groupRows(gpu, bank)], wanted);
  equal(new Set(wanted).size, 3);
});
