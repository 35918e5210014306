import { deepEqual, equal, ok } from "node:assert/strict";
import { createRun, prepare, type Prepared, tableFrame, toTable } from "../../core/mod.ts";
import { type ColumnShape, type Gpu, uploadRows } from "../../kernels/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { layPatches, type PatchLayout, placePatches, poolRows } from "./patches.ts";

const NONE = 0xffffffff;
const columns: ColumnShape = { least: [-0.02, -0.02], side: 0.005, across: 8 };

const ready = (gpu: Gpu, seed = 1) => prepare(tinyScan({ seed }), tinyPrepare, createRun(gpu));
const lay = (scan: Prepared, side: number) => layPatches(scan, side, tableFrame(scan), columns);

/** The points of one patch. */
const pointsOf = ({ members, width }: PatchLayout, patch: number) =>
  [...members.subarray(patch * width, (patch + 1) * width)].filter((point) => point !== NONE);

for (const side of [1, 2, 3]) { // 3 does not divide the map's side
  await gpuTest(`layPatches() puts each point into one patch of ${side} × ${side} pixels`, (gpu) => {
    using scan = ready(gpu);
    const layout = lay(scan, side), { size } = scan.frame;
    const cell = (pixel: number) => `${Math.floor(Math.floor(pixel / size) / side)},${Math.floor(pixel % size / side)}`;
    const all = Array.from({ length: layout.count }, (_, patch) => pointsOf(layout, patch));
    deepEqual(all.flat().sort((a, b) => a - b), Array.from({ length: scan.count }, (_, i) => i));
    equal(layout.count, new Set(Array.from(scan.pixels, cell)).size);
    for (const [patch, points] of all.entries()) {
      equal(layout.pixels[patch], scan.pixels[Math.min(...points)], "the pixel of its first point");
      equal(new Set(points.map((point) => cell(scan.pixels[point]))).size, 1, `patch ${patch} lies in one cell`);
      for (const point of points) equal(layout.patchOf[scan.pixels[point]], patch);
    }
    equal(layout.patchOf.reduce((n, patch) => n + (patch === NONE ? 0 : 1), 0), scan.count, "no other pixel has one");
  });
}

await gpuTest("layPatches() gives mean points in the table's frame, in the order of the columns", (gpu) => {
  using scan = ready(gpu);
  const frame = tableFrame(scan), layout = layPatches(scan, 2, frame, columns), table = toTable(frame, scan.hostPoints);
  for (let patch = 0; patch < layout.count; patch++) {
    const points = pointsOf(layout, patch);
    for (let axis = 0; axis < 3; axis++) {
      const mean = points.reduce((sum, point) => sum + table[4 * point + axis], 0) / points.length;
      equal(layout.centres[4 * patch + axis], Math.fround(mean));
    }
    equal(layout.centres[4 * patch + 3], 0);
  }
  const along = (value: number) => Math.min(7, Math.max(0, Math.floor((value + 0.02) / 0.005)));
  const column = (patch: number) => 8 * along(layout.centres[4 * patch + 1]) + along(layout.centres[4 * patch]);
  equal(layout.starts.length, 65);
  for (let c = 0; c < 64; c++) {
    for (let patch = layout.starts[c]; patch < layout.starts[c + 1]; patch++) equal(column(patch), c);
  }
  deepEqual([layout.starts[0], layout.starts[64]], [0, layout.count]);
});

await gpuTest(
  "poolRows() gives each patch the mean of its points' rows, along the axes where there are some",
  async (gpu) => {
    using scan = ready(gpu);
    const layout = lay(scan, 2),
      width = 3,
      features = Array.from({ length: width * scan.count }, (_, i) => Math.cos(i));
    const rows = Array.from({ length: layout.count }, (_, patch) => {
      const points = pointsOf(layout, patch);
      return [0, 1, 2].map((c) =>
        points.reduce((sum, p) => sum + Math.fround(features[width * p + c]), 0) / points.length
      );
    });
    using points = uploadRows(gpu, features, width), axes = uploadRows(gpu, [0.6, 0, 0.8, 0, 1, 0], width);
    using means = poolRows(gpu, points, layout, undefined), projected = poolRows(gpu, points, layout, axes);
    deepEqual([means.count, means.columns, projected.count, projected.columns], [layout.count, 3, layout.count, 2]);
    const [found, along] = await Promise.all([gpu.read(means.values), gpu.read(projected.values)]);
    const bound = 8 * 2 ** -24; // four terms of at most 1, a division, then three products of at most 1
    rows.forEach(([a, b, c], patch) => {
      const near = (value: number, wanted: number) => ok(Math.abs(value - wanted) <= bound, `patch ${patch}: ${value}`);
      [a, b, c].forEach((value, i) => near(found[patch * means.stride + i], value));
      near(along[patch * projected.stride], 0.6 * a + 0.8 * c);
      near(along[patch * projected.stride + 1], b);
    });
  },
);

await gpuTest("placePatches() uploads the lists, and leaves the rows to their owner", async (gpu) => {
  using scan = ready(gpu);
  const layout = lay(scan, 2);
  using rows = uploadRows(gpu, new Float32Array(layout.count), 1);
  {
    using patches = placePatches(gpu, rows, layout);
    deepEqual(await gpu.read(patches.members), layout.members);
    deepEqual(await gpu.read(patches.centres.values), layout.centres);
    equal(patches.centres.count, layout.count);
  }
  equal((await gpu.read(rows.values)).length, 4 * layout.count, "still there");
});
