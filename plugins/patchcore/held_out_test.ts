import { deepEqual, equal, ok } from "node:assert/strict";
import { createRun, fitRegistry, type Scan, type ScanRegistry } from "../../core/mod.ts";
import type { Gpu } from "../../kernels/mod.ts";
import { gpuTest, tinyScan } from "../../testing/mod.ts";
import { tinySource } from "../../testing/tiny_source.ts";
import { toyDescriptor } from "../../testing/toy_plugins.ts";
import { collectPatches, drawBank, patchColumns } from "./collect_patches.ts";
import {
  countRows,
  evenly,
  type HeldOut,
  type HeldOutChannels,
  measureHeldOut,
  priorOf,
  quantile,
  quantilesOf,
  rangesOf,
  spreadWithout,
} from "./held_out.ts";
import { bankOptions } from "./options.ts";
import { spreadOfRows } from "./row_groups.ts";

/** A held-out scan of which only some parts matter. */
const heldOut = (parts: Partial<HeldOut>): HeldOut => ({
  name: "x",
  index: 0,
  members: [],
  motions: new Float32Array(0),
  cost: null,
  values: new Float32Array(0),
  distances: new Float32Array(0),
  nearest: new Uint32Array(0),
  patchOf: new Uint32Array(0),
  pixels: new Uint32Array(0),
  size: 0,
  ...parts,
});

Deno.test("quantile() interpolates between neighbours, and is 0 of nothing", () => {
  deepEqual([0, 0.25, 0.5, 0.9, 1].map((q) => quantile([4, 1, 3, 2], q)), [1, 1.75, 2.5, 3.7, 4]);
  deepEqual([quantile([7], 0.99), quantile([], 0.5)], [7, 0]);
});

Deno.test("evenly() keeps so many items, different ones, from the whole list", () => {
  const items = Array.from({ length: 10 }, (_, i) => i);
  deepEqual([evenly(items, 5), evenly(items, 1), evenly(items, 20), evenly([], 3)], [[0, 2, 4, 6, 8], [0], items, []]);
  equal(new Set(evenly(items, 7)).size, 7);
});

Deno.test("rangesOf() gives each scan the rows behind those of the scans before it", () => {
  deepEqual(rangesOf(Uint32Array.of(3, 0, 2)), [{ first: 0, count: 3 }, { first: 3, count: 0 }, {
    first: 3,
    count: 2,
  }]);
});

Deno.test("priorOf() equals mean and deviation in float64, of registered scans where a column goes by place", () => {
  const numbers = (count: number, seed: number) =>
    Float32Array.from({ length: 4 * count }, (_, i) => 3 + Math.sin(seed + i * i));
  const scans = [
    heldOut({ members: [1], values: numbers(50, 1) }),
    heldOut({ members: [], values: numbers(20, 2) }), // not registered: its first column counts alone
    heldOut({ members: [0], values: numbers(70, 3) }),
  ];
  const { mean, deviation } = priorOf(scans);
  for (let column = 0; column < 4; column++) {
    const own = (column === 0 ? scans : [scans[0], scans[2]]).flatMap(({ values }) =>
      [...values].filter((_, i) => i % 4 === column)
    );
    const wanted = own.reduce((sum, value) => sum + value, 0) / own.length;
    const spread = Math.sqrt(own.reduce((sum, value) => sum + (value - wanted) ** 2, 0) / own.length);
    ok(Math.abs(mean[column] - wanted) < 1e-13 && Math.abs(deviation[column] - spread) < 1e-13, `column ${column}`);
  }
  deepEqual(priorOf([]), { mean: [0, 0, 0, 0], deviation: [0, 0, 0, 0] });
  deepEqual(priorOf([scans[1]]).mean.slice(1), [0, 0, 0], "a column that nobody measured");
});

Deno.test("spreadWithout() equals the spread of the other scans, and leaves the counts as they were", () => {
  const rows = 20, groups = Uint32Array.from({ length: rows }, (_, row) => row % 2);
  const scan = (seed: number) =>
    heldOut({
      nearest: Uint32Array.from({ length: 60 }, (_, i) => (seed + i * i) % rows),
      distances: Float32Array.from({ length: 60 }, (_, i) => ((seed * 31 + i * 7) % 64) / 16), // dyadic: sums are exact
    });
  const scans = [scan(1), scan(2), scan(3)], counts = countRows(scans, rows), before = structuredClone(counts);
  const prior = { mean: [2, 0, 0, 0], deviation: [1, 0, 0, 0] } as const;
  for (const [i, one] of scans.entries()) {
    const others = countRows(scans.filter((_, other) => other !== i), rows);
    deepEqual(spreadWithout(one, counts, groups, prior), spreadOfRows(others, groups, [2, 1]));
    deepEqual(counts, before);
  }
});

await gpuTest(
  "quantilesOf() tells what one in a hundred is above, and 0 of a channel that never left 0",
  async (gpu) => {
    const count = 101, ramp = (c: number) => Float32Array.from({ length: count }, (_, i) => (i - 20) * (c + 1));
    const places = Float32Array.from(
      { length: 4 * count },
      (_, i) => i % 4 === 2 ? -1 : ramp(i % 4)[Math.floor(i / 4)],
    );
    using inPlaces = gpu.upload("f32", places),
      rows = gpu.upload("f32", ramp(4)),
      distances = gpu.upload("f32", ramp(5));
    using patchOf = gpu.upload("u32", new Uint32Array(4));
    const one: HeldOutChannels = {
      heldOut: heldOut({}),
      pixels: new Uint32Array(0),
      cost: null,
      places: inPlaces,
      rows,
      distances,
      patchOf,
      [Symbol.dispose]: () => {},
    };
    const found = await quantilesOf(gpu, [one]); // of 101 values, −20c to 80c, the second largest
    deepEqual(found, { place: 79, local: 158, tilt: 0, offset: 316, row: 395, distance: 474 });
    deepEqual(await quantilesOf(gpu, []), { place: 0, local: 0, tilt: 0, offset: 0, row: 0, distance: 0 });
  },
);

/** All scans held out in turn; the bank has every patch. */
async function measured(gpu: Gpu, scans: readonly Scan[], registered: boolean): Promise<HeldOut[]> {
  const run = createRun(gpu), source = tinySource(run, scans);
  const options = bankOptions.parse({ components: null });
  using registry: ScanRegistry | undefined = registered ? await fitRegistry(source, run) : undefined;
  const describe = async (scan: Parameters<typeof toyDescriptor.describe>[0]) =>
    await toyDescriptor.describe(scan, toyDescriptor.presets.default, run);
  using collected = await collectPatches(source, describe, options, registry, run);
  const { bank, bankCounts } = drawBank(collected.scans, 1_000_000, run);
  using _bank = bank;
  const columns = patchColumns(registry, options.patch), extent = registry?.extent ?? 0;
  const known = { bank, scans: collected.scans, columns, extent };
  return await Array.fromAsync(measureHeldOut(source, known, bankCounts, registry, options.patch, run));
}

const column = ({ values }: HeldOut, c: number) => [...values].filter((_, i) => i % 4 === c);
const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const twin = { ...tinyScan({ seed: 1 }), name: "twin of tiny/1" };

await gpuTest(
  "measureHeldOut() leaves out a scan's own rows: its twin's are at distance 0, others are not",
  async (gpu) => {
    const others = [tinyScan({ seed: 2 }), tinyScan({ seed: 3 })];
    const alone = await measured(gpu, [tinyScan({ seed: 1 }), ...others], false);
    deepEqual(alone.map(({ name }) => name), ["tiny/1", "tiny/2", "tiny/3"]);
    ok(alone.every(({ distances }) => distances.every((d) => d > 0)), "none meets itself");
    const twins = await measured(gpu, [tinyScan({ seed: 1 }), ...others, twin], false);
    equal(largest([...twins[0].distances]), 0);
    equal(largest([...twins[3].distances]), 0);
    ok(twins[1].distances.every((d) => d > 0));
  },
);

await gpuTest(
  "measureHeldOut() registers a scan to others alone: it comes to its twin",
  async (gpu) => {
    const others = [tinyScan({ seed: 2 }), tinyScan({ seed: 3 })];
    const scans = [tinyScan({ seed: 1 }), ...others, twin], twins = await measured(gpu, scans, true);
    for (const one of twins) {
      ok(!one.members.includes(one.index), `${one.name} is compared with itself`);
      equal(scans[one.index].name, one.name);
      equal(one.motions.length, 16 * one.members.length);
    }
    equal(twins[0].members[0], 3, "the twin is nearest");
    equal(largest(column(twins[0], 1)), 0, "its patches are the same");
    ok(largest(column(twins[0], 3)) < 1e-5, `surfaces 10 µm apart, not ${largest(column(twins[0], 3))}`);
    ok(largest(column(twins[1], 1)) > 0.01 && largest(column(twins[1], 3)) > 3e-5);
  },
);

await gpuTest("measureHeldOut() gives nothing of a scan that the whole bank is of", async (gpu) => {
  deepEqual(await measured(gpu, [tinyScan({ seed: 1 })], false), []);
});
