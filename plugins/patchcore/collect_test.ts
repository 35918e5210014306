import { deepEqual, equal, notDeepEqual, ok, rejects, throws } from "node:assert/strict";
import { createRun, MemoryBudgetExceeded, type Prepared, type Run, ScanRefused, scanSource } from "../../core/mod.ts";
import { type Gpu, type Rows, uploadRows } from "../../kernels/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { type CollectPlan, collectRows, planMemory, type RowBlocks } from "./collect.ts";

const COLUMNS = 5, PER_SCAN = 40;
const plan: CollectPlan = { rowsPerScan: PER_SCAN, columns: COLUMNS, mostRows: null, ratio: 0.1 };

function source(run: Run, count: number, onRefused: (scan: string) => void = () => {}) {
  const scans = Array.from({ length: count }, (_, seed) => tinyScan({ seed }));
  const named = scans.map((scan) => ({ name: scan.name, load: () => Promise.resolve(scan) }));
  return scanSource({ scans: named, prepare: tinyPrepare, run, task: "test", onRefused });
}

/** Rows that tell their scan and their place in it. */
const describe = (gpu: Gpu) => ({ name }: Prepared): Promise<Rows> => {
  const scan = Number(name.split("/")[1]);
  const values = Array.from({ length: PER_SCAN * COLUMNS }, (_, i) => 1000 * scan + i);
  return Promise.resolve(uploadRows(gpu, values, COLUMNS));
};

/** The first column of all rows. */
async function firsts(gpu: Gpu, { blocks }: RowBlocks): Promise<number[]> {
  const all: number[] = [];
  for (const { values, count, stride } of blocks) {
    const read = await gpu.read(values, count * stride);
    for (let row = 0; row < count; row++) all.push(read[row * stride]);
  }
  return all;
}

const rowsOf = (scan: number) => Array.from({ length: PER_SCAN }, (_, row) => 1000 * scan + COLUMNS * row);

await gpuTest("collectRows() keeps every row, in the order of the scans", async (gpu) => {
  const run = createRun(gpu);
  using rows = await collectRows(source(run, 3), plan, describe(gpu), run);
  equal(rows.count, 3 * PER_SCAN);
  deepEqual(await firsts(gpu, rows), [0, 1, 2].flatMap(rowsOf));
});

await gpuTest("collectRows() cuts rows into blocks that a binding can see, without losing one", async (gpu) => {
  const small = Object.create(gpu, { limits: { value: { ...gpu.limits, bindingBytes: 8 * 4 * 7 } } }) as Gpu; // 7 rows of 8
  for (const name of ["buffer", "copy", "upload", "done"] as const) {
    Object.defineProperty(small, name, { value: gpu[name].bind(gpu) });
  }
  const run = createRun(small);
  using rows = await collectRows(source(createRun(gpu), 3), plan, describe(gpu), run);
  deepEqual(rows.blocks.map(({ count }) => count), [...new Array(17).fill(7), 1]);
  deepEqual(await firsts(gpu, rows), [0, 1, 2].flatMap(rowsOf));
});

await gpuTest("collectRows() draws equally from each scan where not all rows are kept, by the seed", async (gpu) => {
  const draw = async (seed: number) => {
    const run = createRun(gpu, { seed });
    using rows = await collectRows(source(run, 3), { ...plan, mostRows: 32 }, describe(gpu), run);
    return await firsts(gpu, rows);
  };
  const rows = await draw(1);
  equal(rows.length, 30);
  for (const scan of [0, 1, 2]) {
    const own = rows.filter((row) => Math.floor(row / 1000) === scan);
    equal(new Set(own).size, 10);
    ok(own.every((row) => rowsOf(scan).includes(row)));
  }
  deepEqual(await draw(1), rows);
  notDeepEqual(await draw(2), rows);
});

await gpuTest("collectRows() goes on without a scan that the descriptor refuses, and tells the source", async (gpu) => {
  const run = createRun(gpu), refused: string[] = [];
  const picky = (scan: Prepared) =>
    scan.name === "tiny/1" ? Promise.reject(new ScanRefused(scan.name, "odd", "for the test")) : describe(gpu)(scan);
  using rows = await collectRows(source(run, 3, (scan) => refused.push(scan)), plan, picky, run);
  deepEqual(await firsts(gpu, rows), [0, 2].flatMap(rowsOf));
  deepEqual(refused, ["tiny/1"]);
  const broken = new Error("anything else");
  await rejects(collectRows(source(run, 3), plan, () => Promise.reject(broken), run), broken);
});

await gpuTest("planMemory() refuses before anything is read, and advises a number of rows that fits", async (gpu) => {
  const run = createRun(gpu, { memoryBytes: 20_000 });
  let read = false;
  const large = { ...plan, rowsPerScan: 784, columns: 33, ratio: 0.1 };
  await rejects(
    collectRows(source(run, 3), large, () => {
      read = true;
      return describe(gpu)({} as Prepared);
    }, run),
    MemoryBudgetExceeded,
  );
  equal(read, false);
  throws(() => planMemory(3, large, run), (error: MemoryBudgetExceeded) => {
    const fitting = Number(/mostRows to (\d+)/.exec(error.advice)![1]);
    ok(planMemory(3, { ...large, mostRows: fitting }, run) <= 20_000);
    throws(() => planMemory(3, { ...large, mostRows: fitting + 2 }, run), MemoryBudgetExceeded);
    return error.budget === 20_000 && error.needed > 20_000;
  });
});
