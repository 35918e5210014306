import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { prepare, prepareOptions, preparePresets, readScan, type Scan, ScanRefused } from "./mod.ts";

/** A box of 20 × 20 mm, 10 mm high, on a table; a millimetre a pixel. */
function boxOnTable(width = 100, height = 100): Scan {
  const points = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const r = Math.floor(i / width), c = i % width;
    const box = Math.abs(r - height / 2) < 10 && Math.abs(c - width / 2) < 10;
    points.set([c / 1000, r / 1000, 0.6 + 0.0001 * c / 10 - (box ? 0.01 : 0)], 3 * i);
  }
  return { name: "box", width, height, points, valid: new Uint8Array(width * height).fill(1) };
}
const options = prepareOptions.parse({ size: 100, clusterPoints: 20 });
const without = (scan: Scan, gone: (r: number, c: number) => boolean): Scan => {
  const valid = scan.valid.map((v, i) => gone(Math.floor(i / scan.width), i % scan.width) ? 0 : v);
  return { ...scan, valid, points: scan.points.map((v, i) => valid[Math.floor(i / 3)] ? v : 0) };
};

await gpuTest("prepare() removes the table and keeps the part, with exact indices back to the scan", async (gpu) => {
  const scan = { ...boxOnTable(), digest: "of its points" };
  using prepared = prepare(scan, options, { gpu, seed: 0 });
  deepEqual([prepared.count, prepared.digest], [19 * 19, scan.digest]);
  const pointOf = await gpu.read(prepared.pointOf), points = await gpu.read(prepared.points);
  prepared.pixels.forEach((pixel, i) => {
    equal(pointOf[pixel], i);
    equal(points[4 * i + 2], scan.points[3 * prepared.sourcePixels[i] + 2]);
  });
  equal(pointOf.filter((p) => p !== 0xffffffff).length, prepared.count);
  ok(Math.abs(Math.abs(prepared.plane!.normal[2]) - 1) < 1e-3);
});

await gpuTest("prepare() keeps a crumb on the table by default, and the largest piece alone as published", (gpu) => {
  const scan = boxOnTable();
  for (let r = 15; r < 22; r++) for (let c = 15; c < 22; c++) scan.points[3 * (r * 100 + c) + 2] -= 0.008;
  using pieces = prepare(scan, options, { gpu, seed: 0 });
  using largest = prepare(scan, { ...options, keep: "largest" }, { gpu, seed: 0 });
  equal(pieces.count - largest.count, 49);
});

await gpuTest("prepare() drops specks", (gpu) => {
  const scan = boxOnTable();
  scan.points[3 * (20 * 100 + 20) + 2] -= 0.02;
  using prepared = prepare(scan, options, { gpu, seed: 0 });
  equal(prepared.count, 19 * 19);
});

await gpuTest("prepare() passes an already prepared scan through unchanged", (gpu) => {
  using first = prepare(boxOnTable(), options, { gpu, seed: 0 });
  const kept = new Set(first.sourcePixels);
  using second = prepare(without(boxOnTable(), (r, c) => !kept.has(r * 100 + c)), options, { gpu, seed: 0 });
  deepEqual(second.pixels, first.pixels);
  equal(second.plane, undefined);
});

await gpuTest(
  "prepare() raw keeps the table, and a scan that is not square lies in the middle of its square",
  (gpu) => {
    using raw = prepare(boxOnTable(100, 60), { ...options, background: "raw" }, { gpu, seed: 0 });
    equal(raw.count, 100 * 60);
    deepEqual([raw.frame.side, raw.frame.top, raw.frame.left], [100, 20, 0]);
    equal(raw.pixels[0], 20 * 100);
  },
);

await gpuTest("prepare() samples masks at pixel centres", (gpu) => {
  const scan = { ...boxOnTable(), truth: { width: 100, height: 100, values: new Uint8Array(10_000) } };
  scan.truth.values[51 * 100 + 49] = 1;
  using prepared = prepare(scan, { ...options, size: 50 }, { gpu, seed: 0 });
  deepEqual([...prepared.truth!.keys()].filter((i) => prepared.truth![i] === 1), [25 * 50 + 24]);
});

await gpuTest("prepare() refuses by name what it cannot use", (gpu) => {
  const cases: [string, Scan, Partial<typeof options>][] = [
    ["no-points", without(boxOnTable(), () => true), {}],
    ["no-border", boxOnTable(100, 20), {}],
    ["no-border", without(boxOnTable(), (r, c) => r * 100 + c > 1 && (r < 30 || r > 70 || c < 30 || c > 70)), {}],
    ["not-a-grid", boxOnTable(1, 100), {}],
    ["nothing-left", without(boxOnTable(), (r, c) => Math.abs(r - 50) < 10 && Math.abs(c - 50) < 10), {}],
    ["too-sparse", boxOnTable(), { clusterPoints: 5000 }],
    ["degenerate", without(boxOnTable(), (r) => r !== 30), { background: "raw" }],
    ["degenerate", { ...boxOnTable(), points: new Float32Array(30_000).fill(0.3) }, { background: "raw" }],
  ];
  for (const [why, scan, changes] of cases) {
    throws(
      () => prepare(scan, { ...options, ...changes }, { gpu, seed: 0 }),
      (error: unknown) => error instanceof ScanRefused && error.why === why && error.message.includes('"box"'),
      why,
    );
  }
});

for (
  const [scanName, file] of [["bent005", "bent/xyz/005"], ["hole008", "hole/xyz/008"], ["good003", "good/xyz/003"]]
) {
  const path = sharedData(`data/mvtec3d/cable_gland/test/${file}.tiff`),
    golden = (part: string) => sharedData(`golden/features/pipe_${scanName}_${part}.npy`)!;
  await gpuTest(`prepare() as published gives the golden plane and pixels of ${scanName}`, async (gpu) => {
    const scan = await readScan(scanName, await Deno.readFile(path!));
    using prepared = prepare(scan, preparePresets.reference, { gpu, seed: 0 });
    const plane = readNpy(await Deno.readFile(golden("plane"))).values as Float64Array;
    const found = [...prepared.plane!.normal, prepared.plane!.offset], sign = Math.sign(found[2] * plane[2]);
    found.forEach((value, i) =>
      ok(Math.abs(sign * value - plane[i]) < 1e-5, `plane ${i}: ${sign * value}, not ${plane[i]}`)
    );
    const pixels = new Set(readNpy(await Deno.readFile(golden("pixels"))).values as Int32Array);
    const ours = new Set(prepared.pixels);
    ok(
      pixels.symmetricDifference(ours as Set<number>).size <= 5,
      `${pixels.symmetricDifference(ours as Set<number>).size} pixels differ`,
    );
  }, { ignore: !path });
}
