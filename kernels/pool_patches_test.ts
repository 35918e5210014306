import { deepEqual, ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { poolPatches } from "./pool_patches.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

/** The two averages one after the other, in float64, over a map of `columns` values a pixel. */
function reference(map: ArrayLike<number>, size: number, cells: number, columns: number): number[] {
  const s = size - 2, pooled: number[] = [];
  const mean = (r: number, c: number, column: number) => {
    let sum = 0;
    for (let i = 0; i < 9; i++) sum += map[((r + Math.floor(i / 3)) * size + c + i % 3) * columns + column];
    return sum / 9;
  };
  const window = (i: number) => [Math.floor(s * i / cells), Math.ceil(s * (i + 1) / cells)];
  for (let cell = 0; cell < cells * cells; cell++) {
    const [top, bottom] = window(Math.floor(cell / cells)), [left, right] = window(cell % cells);
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let r = top; r < bottom; r++) for (let c = left; c < right; c++) sum += mean(r, c, column);
      pooled.push(sum / ((bottom - top) * (right - left)));
    }
  }
  return pooled;
}

/** A map with points at the pixels that `has` says, whose rows are in another order than the pixels. */
function scattered(size: number, columns: number, has: (pixel: number) => boolean) {
  const pixels = Array.from({ length: size * size }, (_, i) => i).filter(has).reverse();
  const pointOf = new Uint32Array(size * size).fill(0xffffffff);
  const rows = pixels.flatMap((pixel, row) => {
    pointOf[pixel] = row;
    return Array.from({ length: columns }, (_, c) => Math.sin(pixel * 0.37 + c) * 10);
  });
  const map = new Float64Array(size * size * columns);
  pixels.forEach((pixel, row) => {
    for (let c = 0; c < columns; c++) map[pixel * columns + c] = Math.fround(rows[row * columns + c]);
  });
  return { pointOf, rows, map };
}

async function pool(
  gpu: Gpu,
  points: ReturnType<typeof scattered>,
  columns: number,
  size: number,
  cells: number,
  form: "zeros" | "masked",
) {
  using rows = uploadRows(gpu, points.rows, columns), pointOf = gpu.upload("u32", points.pointOf);
  using pooled = poolPatches(gpu, { rows, pointOf, size, cells, form });
  const values = await gpu.read(pooled.values);
  return Array.from(
    { length: pooled.count * columns },
    (_, i) => values[Math.floor(i / columns) * pooled.stride + i % columns],
  );
}

const near = (got: readonly number[], want: readonly number[], bound: number) =>
  want.forEach((w, i) => ok(Math.abs(got[i] - w) <= bound, `${i}: ${got[i]}, not ${w}`));

// Values up to 10, weights at most 9 of 9: a sum of w pixels is off by at most w roundings of 10, 1e-5 up to 16 pixels a window.
for (const [size, cells, columns] of [[3, 1, 1], [17, 4, 5], [30, 28, 33], [40, 7, 3], [9, 20, 2]] as const) {
  gpuTest(`poolPatches() equals both averages in float64: ${size} to ${cells}, ${columns} columns`, async (gpu) => {
    const points = scattered(size, columns, (pixel) => pixel % 3 !== 0 || pixel % 7 === 0);
    near(await pool(gpu, points, columns, size, cells, "zeros"), reference(points.map, size, cells, columns), 2e-5);
    const has = scattered(size, 1, () => true).map.map((_, pixel) => points.pointOf[pixel] === 0xffffffff ? 0 : 1);
    const weight = reference(has, size, cells, 1), sum = reference(points.map, size, cells, columns);
    const masked = sum.map((v, i) => weight[Math.floor(i / columns)] > 0 ? v / weight[Math.floor(i / columns)] : 0);
    near(await pool(gpu, points, columns, size, cells, "masked"), masked, 1e-4);
  });
}

gpuTest("poolPatches() gives rows of 0 where no pixel has a point, also masked", async (gpu) => {
  const points = scattered(12, 2, (pixel) => pixel % 12 < 4);
  for (const form of ["zeros", "masked"] as const) {
    const pooled = await pool(gpu, points, 2, 12, 2, form);
    ok(pooled[0] !== 0);
    deepEqual(pooled.slice(2, 4), [0, 0]);
  }
});

gpuTest("poolPatches() sums a cell of more pixels than the loop limit", async (gpu) => {
  const size = 320, points = { pointOf: new Uint32Array(size * size), rows: [1.5, -2], map: new Float64Array() }; // 102,400 pixels in one cell
  near(await pool(gpu, points, 2, size, 1, "zeros"), [1.5, -2], 2e-3); // float32 sums of 1e5 terms
  near(await pool(gpu, points, 2, size, 1, "masked"), [1.5, -2], 2e-3);
});

gpuTest("poolPatches() refuses a map below 3 × 3 and too few pixels", (gpu) => {
  using rows = uploadRows(gpu, [1], 1), pointOf = gpu.zeros("u32", 9);
  throws(() => poolPatches(gpu, { rows, pointOf, size: 2, cells: 1, form: "zeros" }), ShapeMismatch);
  throws(() => poolPatches(gpu, { rows, pointOf, size: 4, cells: 1, form: "zeros" }), ShapeMismatch);
});

const golden = (name: string) => sharedData(`golden/features/pool_${name}.npy`);
gpuTest("poolPatches() has the golden rows", async (gpu) => {
  const { values: map } = readNpy(readFileSync(golden("in")!)), want = readNpy(readFileSync(golden("out")!)).values;
  const pointOf = Uint32Array.from(
    { length: 224 * 224 },
    (_, i) => map[2 * i] === 0 && map[2 * i + 1] === 0 ? 0xffffffff : i,
  );
  near(await pool(gpu, { pointOf, rows: [...map], map: new Float64Array() }, 2, 224, 28, "zeros"), [...want], 1e-4);
}, { ignore: !golden("in") });
