import { deepEqual, equal, ok } from "node:assert/strict";
import { createRun, prepare, type Prepared } from "../../core/mod.ts";
import { fpfhSizes, type Gpu, type Rows } from "../../kernels/mod.ts";
import { gpuTest, onlyPixels, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { fpfh, type FpfhOptions } from "./mod.ts";

const base: FpfhOptions = { ...fpfh.presets.default, normalNeighbours: 12, sizes: [10, 20], sparseSizes: [8, 15] };

async function describe(gpu: Gpu, scan: Prepared, options: FpfhOptions): Promise<Float32Array> {
  using rows = await fpfh.describe(scan, options, createRun(gpu));
  equal(rows.columns, fpfh.columns(options));
  return await gpu.read(rows.values);
}

const rowsAt = (values: Float32Array, stride: number, i: number, from: number, length: number) =>
  values.subarray(i * stride + from, i * stride + from + length);

await gpuTest("describe() puts the sizes first, then what the sparse points have, averaged", async (gpu) => {
  using scan = prepare(tinyScan({ seed: 1 }), tinyPrepare, createRun(gpu));
  const { count, pixels, frame: { size } } = scan;
  const cloud = { values: scan.points, count };
  using dense = fpfhSizes(gpu, { ...base, cloud, normalK: 12 });
  const want = await gpu.read(dense.rows.values), normals = await gpu.read(dense.normals);
  const got = await describe(gpu, scan, base);
  equal(got.length, count * 144);

  // the definition: features among the points of odd rows and columns, with their normals on the full grid
  const chosen = [...pixels.keys()].filter((i) => Math.floor(pixels[i] / size) % 2 === 1 && pixels[i] % 2 === 1);
  const pick = (from: ArrayLike<number>, stride: number) =>
    Float32Array.from(chosen.flatMap((i) => [...[0, 1, 2].map((c) => from[stride * i + c]), 0]));
  using few = gpu.upload("f32", pick(scan.hostPoints, 3)), directions = gpu.upload("f32", pick(normals, 4));
  using sparse = fpfhSizes(gpu, {
    cloud: { values: few, count: chosen.length },
    normals: directions,
    sizes: base.sparseSizes,
    form: base.form,
  });
  const sparseRows = await gpu.read(sparse.rows.values);
  for (let i = 0; i < count; i += 7) {
    deepEqual(rowsAt(got, 144, i, 0, 72), rowsAt(want, 72, i, 0, 72));
    const cell = (pixel: number) => [Math.floor(pixel / size) >> 1, (pixel % size) >> 1],
      [row, column] = cell(pixels[i]);
    const sum = new Float64Array(72);
    let whole = 0;
    chosen.forEach((point, place) => {
      const [r, c] = cell(pixels[point]), square = (r - row) ** 2 + (c - column) ** 2;
      if (Math.abs(r - row) > 2 || Math.abs(c - column) > 2) return;
      const weight = Math.exp(-square / (2 * 0.75 ** 2));
      whole += weight;
      for (let k = 0; k < 72; k++) sum[k] += weight * sparseRows[place * 72 + k];
    });
    ok(whole > 0);
    // weights of two roundings, 25 products and sums of up to 200, one division
    rowsAt(got, 144, i, 72, 72).forEach((v, k) =>
      ok(Math.abs(v - sum[k] / whole) <= 200 * 58 * 2 ** -24, `${i}, ${k}`)
    );
  }
});

await gpuTest("describe() with hardly a sparse point leaves zeros for the sparse sizes", async (gpu) => {
  const scan = tinyScan({ seed: 1 }), side = scan.width, kept: number[] = [];
  for (let i = 0; i < 40; i++) kept.push(2 * (i % 8 + 8) * side + 2 * (Math.floor(i / 8) + 8)); // even rows and columns alone
  kept.push(17 * side + 17, 17 * side + 19, 19 * side + 17);
  const options = { ...tinyPrepare, background: "raw", size: side } as const;
  using prepared = prepare(onlyPixels(scan, kept), options, createRun(gpu));
  equal(prepared.count, 43);
  const got = await describe(gpu, prepared, base);
  for (let i = 0; i < 43; i++) {
    ok(rowsAt(got, 144, i, 0, 72).some((v) => v > 0));
    ok(rowsAt(got, 144, i, 72, 72).every((v) => v === 0));
  }
});

await gpuTest("describe() without sparse sizes has the columns of the others alone", async (gpu) => {
  using scan = prepare(tinyScan({ seed: 2 }), tinyPrepare, createRun(gpu));
  const options = { ...base, sizes: [20], sparseSizes: [] };
  using alone = fpfhSizes(gpu, { ...options, cloud: { values: scan.points, count: scan.count }, normalK: 12 });
  const rows: Rows = alone.rows;
  deepEqual([rows.columns, fpfh.columns(options)], [33, 33]);
  deepEqual(await describe(gpu, scan, options), await gpu.read(rows.values));
});

Deno.test("the presets have the columns that they say", () => {
  const { default: six, reference, paper } = fpfh.presets;
  deepEqual([six, reference, paper].map(fpfh.columns), [213, 33, 33]);
});
