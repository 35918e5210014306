/** Self-tests of the kernels that work on rows along principal axes. @module */
import { randomStream } from "../../core/mod.ts";
import { leastRowDistance, nearestRow, projectRows, uploadRows } from "../../kernels/mod.ts";
import { equal, type KernelSelfTest, readRows, ROOT, within, worstOf } from "./verdict.ts";

const COLUMNS = 28;

/** Whole numbers, first columns of larger ones: float32 has their squares and sums exactly, and the first columns tell most rows apart. */
function decreasingRows(count: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, `self-test/${name}`);
  return Float32Array.from(
    { length: count * COLUMNS },
    (_, i) => (random.integer(16) - 8) * Math.max(1, 32 >> Math.floor((i % COLUMNS) / 3)),
  );
}

/** The nearest of the numbered rows of `bank` to row `i`, and how far it is. */
function nearestAmong(rows: Float32Array, i: number, bank: Float32Array, numbers: Iterable<number>) {
  const least = { distance: Infinity, index: -1 };
  for (const j of numbers) {
    let sum = 0;
    for (let c = 0; c < COLUMNS; c++) sum += (rows[i * COLUMNS + c] - bank[j * COLUMNS + c]) ** 2;
    const distance = Math.sqrt(sum);
    if (distance < least.distance || (distance === least.distance && j < least.index)) {
      least.distance = distance;
      least.index = j;
    }
  }
  return least;
}

const prunedSearch: KernelSelfTest = {
  kernel: "nearestRow",
  async run(gpu) {
    const count = 40, b = decreasingRows(1500, "bank"), first = 300, skip = { first: 700, count: 50 };
    const q = decreasingRows(count, "queries");
    q.set(b.subarray(700 * COLUMNS, 720 * COLUMNS)); // in the skipped part
    using queries = uploadRows(gpu, q, COLUMNS);
    using one = uploadRows(gpu, b.subarray(0, first * COLUMNS), COLUMNS); // a second block is pruned from its first row on
    using two = uploadRows(gpu, b.subarray(first * COLUMNS), COLUMNS);
    using found = nearestRow(gpu, { queries, bank: [one, two], skip });
    const [distances, indices] = await Promise.all([gpu.read(found.distances), gpu.read(found.indices)]);
    const numbers = Array.from({ length: 1500 }, (_, j) => j).filter((j) => j < 700 || j >= 750);
    return judge(distances, indices, Array.from({ length: count }, (_, i) => nearestAmong(q, i, b, numbers)));
  },
};

const listed: KernelSelfTest = {
  kernel: "leastRowDistance",
  async run(gpu) {
    const count = 50, width = 9, x = decreasingRows(count, "rows"), y = decreasingRows(300, "others");
    const random = randomStream(0, "self-test/lists");
    const list = Uint32Array.from({ length: count * width }, () => random.integer(300));
    using rows = uploadRows(gpu, x, COLUMNS), others = uploadRows(gpu, y, COLUMNS), indices = gpu.upload("u32", list);
    using found = leastRowDistance(gpu, { rows, others, indices, width });
    const [distances, nearest] = await Promise.all([gpu.read(found.distances), gpu.read(found.indices)]);
    const want = Array.from(
      { length: count },
      (_, i) => nearestAmong(x, i, y, list.subarray(i * width, (i + 1) * width)),
    );
    return judge(distances, nearest, want);
  },
};

const judge = (
  distances: ArrayLike<number>,
  indices: ArrayLike<number>,
  want: readonly { readonly distance: number; readonly index: number }[],
) => {
  const roots = want.map(({ distance }) => distance);
  return worstOf([
    equal(indices, want.map(({ index }) => index)),
    within(distances, roots, ROOT * Math.max(...roots)),
  ]);
};

const projected: KernelSelfTest = {
  kernel: "projectRows",
  async run(gpu) {
    const count = 30, kept = 10, x = decreasingRows(count, "projected"), e = decreasingRows(kept, "axes");
    using rows = uploadRows(gpu, x, COLUMNS), axes = uploadRows(gpu, e, COLUMNS);
    using found = projectRows(gpu, { rows, axes });
    const want = Array.from({ length: count * kept }, (_, at) => {
      const i = Math.floor(at / kept), a = at % kept;
      let sum = 0;
      for (let c = 0; c < COLUMNS; c++) sum += x[i * COLUMNS + c] * e[a * COLUMNS + c];
      return sum;
    });
    return equal(await readRows(gpu, found), want);
  },
};

/** Tests of projecting rows and of pruned and listed distances; all exact but for square roots. */
export const rowSelfTests: readonly KernelSelfTest[] = [prunedSearch, listed, projected];
