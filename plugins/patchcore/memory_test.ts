import { deepEqual, equal, ok } from "node:assert/strict";
import { createRun, fitRegistry, prepare, type Prepared, tableFrame } from "../../core/mod.ts";
import { type ColumnShape, type Gpu, type Rows, uploadRows } from "../../kernels/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { tinySource } from "../../testing/tiny_source.ts";
import { collectPatches, drawBank, patchColumns } from "./collect_patches.ts";
import { deviations, type Known, measure, neighbourhood, trustOf } from "./memory.ts";
import { bankOptions } from "./options.ts";
import { layPatches, placePatches, poolRows } from "./patches.ts";

const NONE = 0xffffffff;
const options = bankOptions.parse({ components: null });

/** Three features a point, of its place in the scan's own frame. */
const describe = (gpu: Gpu) => ({ count, hostPoints }: Prepared): Promise<Rows> =>
  Promise.resolve(uploadRows(gpu, hostPoints.subarray(0, 3 * count).map((v, i) => Math.sin(300 * v + i % 3)), 3));

Deno.test("trustOf() is whole at the usual cost, falls, and is gone at twice that", () => {
  const trusts = [0.5, 1, 1.25, 1.5, 1.75, 2, 3].map((times) => trustOf(times * 2e-4, 2e-4));
  deepEqual([trusts[0], trusts[1], ...trusts.slice(-2)], [1, 1, 0, 0]);
  trusts.forEach((trust, i) => ok(trust >= 0 && trust <= 1 && (i === 0 || trust <= trusts[i - 1])));
  ok(trusts[3] > 0 && trusts[3] < 1);
  deepEqual(
    [trustOf(null, 2e-4), trustOf(1e-4, 0), trustOf(0, 0)],
    [0, 0, 0],
    "no registration, or none to compare with",
  );
});

/** The rows of a list on the host, without padding. */
async function hostRows(gpu: Gpu, { values, count, columns, stride }: Rows): Promise<number[][]> {
  const read = await gpu.read(values);
  return Array.from({ length: count }, (_, row) => [...read.subarray(row * stride, row * stride + columns)]);
}

const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((value, i) => value - b[i]));

await gpuTest("neighbourhood() lists the patches of each member that lie nearest, by the motion to it", async (gpu) => {
  const run = createRun(gpu), columns: ColumnShape = { least: [-0.03, -0.03], side: 0.004, across: 15 };
  const registry = { names: ["tiny/1", "tiny/2", "tiny/3"], columns } as unknown as Parameters<
    typeof collectPatches
  >[3];
  const scans = [1, 2, 3].map((seed) => tinyScan({ seed }));
  const coarse = { ...options, patch: 6 };
  using collected = await collectPatches(tinySource(run, scans), describe(gpu), coarse, registry, run);
  const known = { bank: undefined as never, scans: collected.scans, columns: patchColumns(registry, 6), extent: 0.02 };
  const members = [2, 0], shift = 0.003; // member 0 lies 3 mm to the right
  const motion = (x: number) => [1, 0, 0, x, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0];
  using motions = gpu.upload("f32", Float32Array.from([...motion(0), ...motion(shift)]));
  const own = collected.scans[1].centres;
  using around = neighbourhood(gpu, { values: own.points, count: own.count }, { members, motions }, known);
  const sizes = members.map((member) => collected.scans[member].rows.count);
  deepEqual([around.rows.count, around.values.length], [sizes[0] + sizes[1], 4 * (sizes[0] + sizes[1])]);
  deepEqual(
    await hostRows(gpu, around.rows),
    (await Promise.all(members.map((member) => hostRows(gpu, collected.scans[member].rows)))).flat(),
  );
  const [places, points, ...stored] = await Promise.all([
    gpu.read(around.places),
    gpu.read(own.points),
    ...members.map((member) => gpu.read(collected.scans[member].centres.points)),
  ]);
  const each = around.width / 2;
  for (let patch = 0; patch < own.count; patch++) {
    for (const [m, moved] of [0, shift].entries()) {
      const to = (at: number) =>
        Math.hypot(...[moved, 0, 0].map((d, a) => points[4 * patch + a] + d - stored[m][4 * at + a]));
      const found = [...places.subarray(patch * around.width + m * each, patch * around.width + (m + 1) * each)]
        .map((at) => to(at - (m === 0 ? 0 : sizes[0])));
      const wanted = Array.from({ length: sizes[m] }, (_, at) => to(at)).sort((a, b) => a - b).slice(0, each);
      found.sort((a, b) => a - b).forEach((d, i) => ok(Math.abs(d - wanted[i]) < 1e-7, `patch ${patch}: ${d}`));
    }
  }
});

await gpuTest("measure() gives the distance to the nearest bank row, those skipped left out", async (gpu) => {
  const run = createRun(gpu), scans = [1, 2, 3].map((seed) => tinyScan({ seed }));
  const coarse = { ...options, patch: 4 };
  using collected = await collectPatches(tinySource(run, scans), describe(gpu), coarse, undefined, run);
  const { bank, bankCounts } = drawBank(collected.scans, 1_000_000, run);
  using _bank = bank;
  const known: Known = { bank, scans: collected.scans, columns: patchColumns(undefined, 4), extent: 0 };
  using scan = prepare(scans[1], tinyPrepare, run);
  const layout = layPatches(scan, 4, tableFrame(scan), known.columns), first = bankCounts[0], count = bankCounts[1];
  using patches = placePatches(gpu, collected.scans[1].rows, layout);
  using seen = measure(gpu, scan, patches, known, undefined);
  using unseen = measure(gpu, scan, patches, known, undefined, { first, count });
  equal((await gpu.read(seen.distances)).reduce((most, d) => Math.max(most, d), 0), 0, "a scan meets its own rows");
  const bankRows = await hostRows(gpu, bank), rows = await hostRows(gpu, patches.rows);
  const [distances, nearest, values] = await Promise.all([
    gpu.read(unseen.distances),
    gpu.read(unseen.nearest),
    gpu.read(unseen.values),
  ]);
  rows.forEach((row, patch) => {
    const others = bankRows.map((other, i) => i >= first && i < first + count ? Infinity : distance(row, other));
    const wanted = Math.min(...others);
    ok(Math.abs(distances[patch] - wanted) < 1e-6, `patch ${patch}: ${distances[patch]}, not ${wanted}`);
    ok(Math.abs(others[nearest[patch]] - wanted) < 1e-6);
    deepEqual([...values.subarray(4 * patch, 4 * patch + 4)], [distances[patch], 0, 0, 0], "not registered");
  });
});

/** What the scan measures against tiny/1 and tiny/2, registered to them. */
async function registered(gpu: Gpu, dent: number) {
  const run = createRun(gpu), source = tinySource(run, [1, 2].map((seed) => tinyScan({ seed })));
  using registry = await fitRegistry(source, run);
  using collected = await collectPatches(source, describe(gpu), options, registry, run);
  const { bank } = drawBank(collected.scans, 1_000_000, run);
  using _bank = bank;
  const known: Known = { bank, scans: collected.scans, columns: patchColumns(registry, 2), extent: registry.extent };
  using scan = prepare(tinyScan({ seed: 1, dent }), tinyPrepare, run);
  using points = await describe(gpu)(scan);
  const layout = layPatches(scan, 2, tableFrame(scan), known.columns);
  using rows = poolRows(gpu, points, layout, undefined), patches = placePatches(gpu, rows, layout);
  using registration = (await registry.register(scan, run))!;
  using around = neighbourhood(gpu, patches.centres, registration, known);
  using found = measure(gpu, scan, patches, known, { registration, around });
  using spread = gpu.zeros("f32", 2 * bank.count);
  const never = { mean: [0, 0, 0, 0], deviation: [0, 0, 0, 0] } as const;
  using silent = deviations(gpu, found, around, never, spread);
  const [values, places, z, zRows] = await Promise.all(
    [found.values, around.places, silent.places, silent.rows].map((buffer) => gpu.read<"f32" | "u32">(buffer)),
  );
  const column = (c: number) => Array.from({ length: layout.count }, (_, patch) => Math.abs(values[4 * patch + c]));
  return {
    nearest: registration.members[0],
    locals: column(1),
    offsets: column(3),
    inDent: Array.from(layout.pixels, (pixel) => scan.truth![pixel] === 1),
    places,
    silent: [...z, ...zRows],
  };
}

await gpuTest("measure() of a scan that is among the registered ones finds nothing at its places", async (gpu) => {
  const { nearest, locals, offsets, places, silent } = await registered(gpu, 0);
  equal(nearest, 0);
  equal(Math.max(...locals), 0, "the same patch is there");
  ok(Math.max(...offsets) < 1e-5, `${Math.max(...offsets)} m`);
  ok(!places.includes(NONE), "every place has patches");
  ok(silent.every((z) => z === 0), "channels that never varied say nothing");
});

await gpuTest("measure() finds a dent where it is, about as deep as it is", async (gpu) => {
  const depth = 0.001, { locals, offsets, inDent } = await registered(gpu, depth);
  const most = Math.max(...offsets.filter((_, patch) => inDent[patch]));
  const outside = offsets.filter((_, patch) => !inDent[patch]).sort((a, b) => a - b);
  ok(most > depth / 3 && most < 1.1 * depth, `${most} m`);
  ok(outside[Math.floor(outside.length / 2)] < depth / 50, "half of the other patches lie on the surface");
  ok(Math.max(...locals.filter((_, patch) => inDent[patch])) > 0);
});
