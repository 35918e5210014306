import { deepEqual, equal, notDeepEqual, ok, rejects } from "node:assert/strict";
import { createRun, MemoryBudgetExceeded, type Prepared, ScanRefused, type ScanRegistry } from "../../core/mod.ts";
import { type Gpu, type Rows, uploadRows } from "../../kernels/mod.ts";
import { gpuTest, tinyScan } from "../../testing/mod.ts";
import { tinySource } from "../../testing/tiny_source.ts";
import { collectPatches, drawBank, patchColumns } from "./collect_patches.ts";
import { bankOptions } from "./options.ts";

const options = bankOptions.parse({ components: null });
const scans = (count: number) => Array.from({ length: count }, (_, seed) => tinyScan({ seed }));

/** Five features a point that tell its scan and, by the map's row and column, its place. */
const describe = (gpu: Gpu) => ({ name, count, pixels, frame }: Prepared): Promise<Rows> => {
  const rows = new Float32Array(5 * count), scan = Number(name.split("/")[1]);
  pixels.forEach((pixel, i) => {
    const row = Math.floor(pixel / frame.size), column = pixel % frame.size;
    rows.set([scan, row, column, Math.sin(row), Math.cos(column)], 5 * i);
  });
  return Promise.resolve(uploadRows(gpu, rows, 5));
};

const picky = (gpu: Gpu, refused: string) => (scan: Prepared) =>
  scan.name === refused ? Promise.reject(new ScanRefused(scan.name, "odd", "for the test")) : describe(gpu)(scan);

/** The first feature of each row: which scan it is of. */
async function origins(gpu: Gpu, rows: Rows): Promise<number[]> {
  const values = await gpu.read(rows.values, rows.count * rows.stride);
  return Array.from({ length: rows.count }, (_, row) => values[row * rows.stride]);
}

await gpuTest("collectPatches() keeps each scan's patches under its name, in the order of the walk", async (gpu) => {
  const run = createRun(gpu);
  using collected = await collectPatches(tinySource(run, scans(3)), describe(gpu), options, undefined, run);
  equal(collected.axes, undefined);
  deepEqual(collected.scans.map(({ name }) => name), ["tiny/0", "tiny/1", "tiny/2"]);
  for (const [i, { rows, centres, pixels, values }] of collected.scans.entries()) {
    ok(rows.count > 200 && rows.count === centres.count && rows.count === pixels.length);
    ok((await origins(gpu, rows)).every((scan) => scan === i));
    deepEqual(await gpu.read(values), new Float32Array(4 * rows.count), "nothing is measured yet");
  }
});

await gpuTest("collectPatches() goes by the registry's numbers, where the walk has another order", async (gpu) => {
  const run = createRun(gpu);
  const columns = { least: [-0.03, -0.03], side: 0.002, across: 30 } as const;
  const registry = { names: ["tiny/2", "tiny/0", "tiny/1"], columns } as unknown as ScanRegistry;
  using collected = await collectPatches(tinySource(run, scans(3)), describe(gpu), options, registry, run);
  deepEqual(collected.scans.map(({ name }) => name), registry.names);
  for (const { name, rows, centres } of collected.scans) {
    ok((await origins(gpu, rows)).every((scan) => `tiny/${scan}` === name));
    const starts = await gpu.read(centres.starts), { across } = patchColumns(registry, options.patch);
    deepEqual([starts.length, starts[0], starts.at(-1)], [across ** 2 + 1, 0, rows.count]);
  }
});

await gpuTest(
  "collectPatches() tells the source of a refused scan, which keeps its number without patches",
  async (gpu) => {
    const run = createRun(gpu), refused: string[] = [];
    const source = tinySource(run, scans(3), (scan) => refused.push(scan));
    using whole = await collectPatches(tinySource(run, scans(3)), describe(gpu), options, undefined, run);
    using collected = await collectPatches(source, picky(gpu, "tiny/1"), options, undefined, run);
    deepEqual(refused, ["tiny/1"]);
    deepEqual(collected.scans.map(({ name }) => name), ["tiny/0", "tiny/1", "tiny/2"]);
    equal(collected.scans[1].rows.count, 0);
    for (const i of [0, 2]) {
      deepEqual(await gpu.read(collected.scans[i].rows.values), await gpu.read(whole.scans[i].rows.values));
    }
    const broken = new Error("anything else");
    const throwing = () => Promise.reject(broken);
    await rejects(collectPatches(tinySource(run, scans(2)), throwing, options, undefined, run), broken);
  },
);

await gpuTest(
  "collectPatches() projects all scans on the same axes, which keep distances between rows",
  async (gpu) => {
    const run = createRun(gpu), some = scans(18); // more scans than the axes are fitted to
    const turned = { ...options, components: 5 }, fewer = { ...options, components: 4 };
    using plain = await collectPatches(tinySource(run, some), describe(gpu), options, undefined, run);
    using along = await collectPatches(tinySource(run, some), describe(gpu), turned, undefined, run);
    using cut = await collectPatches(tinySource(run, some), describe(gpu), fewer, undefined, run);
    deepEqual([along.axes!.count, along.axes!.columns, cut.axes!.count], [5, 5, 4]);
    deepEqual([along.scans[17].rows.columns, cut.scans[0].rows.columns, cut.scans[17].rows.columns], [5, 4, 4]);
    const row = async (scan: number, of: typeof plain) => {
      const { values, stride } = of.scans[scan].rows;
      return (await gpu.read(values)).subarray(100 * stride, 101 * stride);
    };
    const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, i) => value - b[i]));
    for (const other of [3, 16, 17]) {
      const wanted = distance(await row(0, plain), await row(other, plain));
      const found = distance(await row(0, along), await row(other, along));
      ok(Math.abs(found - wanted) < 64 * 10 * 2 ** -24, `${found}, not ${wanted}`); // 10 roundings of numbers up to 56
      ok(distance(await row(0, cut), await row(other, cut)) <= found + 1e-4, "an axis less leaves no more");
    }
  },
);

await gpuTest(
  "collectPatches() refuses what needs more memory than there is, and says how many scans fit",
  async (gpu) => {
    const run = createRun(gpu, { memoryBytes: 2 ** 20 });
    const fit = (count: number) =>
      collectPatches(tinySource(run, scans(count)), describe(gpu), options, undefined, run);
    let fitting = 0;
    await rejects(fit(40), (error: MemoryBudgetExceeded) => {
      fitting = Number(/at most (\d+) training scans/.exec(error.advice)![1]);
      return error instanceof MemoryBudgetExceeded && error.budget === 2 ** 20 && error.needed > 2 ** 20;
    });
    ok(fitting >= 1 && fitting < 40, `${fitting} scans`);
    using collected = await fit(fitting);
    equal(collected.scans.length, fitting);
  },
);

await gpuTest("drawBank() takes all rows where there are no more than it may, in the scans' order", async (gpu) => {
  const run = createRun(gpu);
  const source = tinySource(run, scans(4), () => {});
  using collected = await collectPatches(source, picky(gpu, "tiny/1"), options, undefined, run);
  const { bank, bankCounts } = drawBank(collected.scans, 1_000_000, run);
  using _bank = bank;
  deepEqual([...bankCounts], collected.scans.map(({ rows }) => rows.count));
  equal(bankCounts[1], 0);
  const wanted = await Promise.all(collected.scans.map(({ rows }) => origins(gpu, rows)));
  deepEqual(await origins(gpu, bank), wanted.flat());
});

await gpuTest("drawBank() draws evenly by the seed, and its counts say which rows are whose", async (gpu) => {
  const run = createRun(gpu);
  using collected = await collectPatches(tinySource(run, scans(4)), describe(gpu), options, undefined, run);
  const draw = async (seed: number) => {
    const { bank, bankCounts } = drawBank(collected.scans, 200, createRun(gpu, { seed }));
    using _bank = bank;
    const values = await gpu.read(bank.values);
    equal(bank.count, 200);
    deepEqual(await origins(gpu, bank), [...bankCounts].flatMap((count, scan) => new Array(count).fill(scan)));
    equal(
      new Set(Array.from({ length: 200 }, (_, i) => values.subarray(8 * i, 8 * i + 8).join())).size,
      200,
      "no row twice",
    );
    ok(bankCounts.every((count) => count > 25), `${bankCounts}: 50 each are expected, with a deviation of 6`);
    return values;
  };
  const first = await draw(1);
  deepEqual(await draw(1), first);
  notDeepEqual(await draw(2), first);
});
