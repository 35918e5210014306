import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { spreadRows } from "./spread_rows.ts";
import { uploadRows } from "./upload_rows.ts";

const NONE = 0xffffffff;

/** A map: which cells hold a sparse point, and the cells of the dense ones. */
interface CellMap {
  readonly cells: number;
  readonly rowOf: Uint32Array<ArrayBuffer>;
  readonly pointCells: Uint32Array<ArrayBuffer>;
}

/** A cell holds a sparse point where `holds` says so; each cell that `shown` says has 1 to 4 points, in reading order of pixels. */
function mapOf(
  cells: number,
  holds: (row: number, column: number) => boolean,
  shown: (row: number, column: number) => boolean = () => true,
): CellMap {
  const rowOf = new Uint32Array(cells * cells).fill(NONE), pointCells: number[] = [];
  let sparse = 0;
  for (let cell = 0; cell < cells * cells; cell++) {
    if (holds(Math.floor(cell / cells), cell % cells)) rowOf[cell] = sparse++;
  }
  for (let pixel = 0; pixel < 4 * cells * cells; pixel++) {
    const row = Math.floor(pixel / (2 * cells)) >> 1, column = pixel % (2 * cells) >> 1;
    if (shown(row, column) && (pixel * 7) % 5 > 0) pointCells.push(row * cells + column);
  }
  return { cells, rowOf, pointCells: Uint32Array.from(pointCells) };
}

const valueAt = (row: number, column: number) => 100 * Math.sin(row * 31 + column * 7 + 1);

/** The definition in float64. */
function reference({ cells, rowOf, pointCells }: CellMap, sigma: number, columns: number): Float64Array[] {
  return Array.from(pointCells, (cell) => {
    const r = Math.floor(cell / cells), c = cell % cells, sum = new Float64Array(columns);
    let whole = 0, nearest = NONE, least = Infinity;
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        const found = rowOf[row * cells + column], square = (row - r) ** 2 + (column - c) ** 2;
        if (found === NONE) continue;
        if (square < least) [least, nearest] = [square, found];
        if (Math.abs(row - r) > 2 || Math.abs(column - c) > 2) continue;
        const weight = Math.exp(-square / (2 * sigma ** 2));
        whole += weight;
        for (let k = 0; k < columns; k++) sum[k] += weight * Math.fround(valueAt(found, k));
      }
    }
    if (whole > 0) return sum.map((v) => v / whole);
    return nearest === NONE ? sum : sum.map((_, k) => Math.fround(valueAt(nearest, k)));
  });
}

const STRIDE = 128, FIRST = 8;

async function spread(gpu: Gpu, map: CellMap, sigma: number, columns: number): Promise<Float32Array[]> {
  const sparse = map.rowOf.filter((row) => row !== NONE).length, count = map.pointCells.length;
  const values = Array.from(
    { length: Math.max(1, sparse) * columns },
    (_, i) => valueAt(Math.floor(i / columns), i % columns),
  );
  using rows = uploadRows(gpu, values, columns);
  using rowOf = gpu.upload("u32", map.rowOf), pointCells = gpu.upload("u32", map.pointCells);
  using target = gpu.upload("f32", new Float32Array(count * STRIDE).fill(-5));
  const into = { values: target, count, columns: STRIDE, stride: STRIDE, [Symbol.dispose]: () => {} };
  spreadRows(gpu, { rows, rowOf, cells: map.cells, pointCells, sigma, into: { rows: into, column: FIRST } });
  const all = await gpu.read(target);
  return Array.from({ length: count }, (_, i) => {
    const row = all.slice(i * STRIDE, (i + 1) * STRIDE);
    ok(
      row.every((v, c) => c >= FIRST && c < FIRST + rows.stride || v === -5),
      `row ${i}: a column of others was written`,
    );
    ok(row.subarray(FIRST + columns, FIRST + rows.stride).every((v) => v === 0), `row ${i}: the padding is not 0`);
    return row.slice(FIRST, FIRST + columns);
  });
}

const cases: readonly (readonly [name: string, map: CellMap, columns: number])[] = [
  ["every cell filled", mapOf(12, () => true), 33],
  ["one row of nine quads and a part", mapOf(9, (r, c) => (r + c) % 3 > 0), 41],
  ["three sizes", mapOf(20, (r, c) => (r * 7 + c * 3) % 4 === 0), 105],
  [
    "a hole wider than the window",
    mapOf(24, (r, c) => Math.hypot(r - 11, c - 12) > 8.5, (r, c) => (r + c) % 2 === 0),
    5,
  ],
  ["one sparse point in a corner", mapOf(30, (r, c) => r === 29 && c === 0), 3],
  ["two sparse points as near", mapOf(21, (r, c) => r === 10 && (c === 4 || c === 16)), 3],
  ["none", mapOf(10, () => false), 6],
  ["one cell", mapOf(1, () => true), 1],
];
for (const [name, map, columns] of cases) {
  gpuTest(`spreadRows() equals float64: ${name}`, async (gpu) => {
    const got = await spread(gpu, map, 0.75, columns), want = reference(map, 0.75, columns);
    // up to 25 products and sums of numbers up to 100, with weights of two roundings, and one division of 2.5 units
    const bound = 100 * (25 + 2 + 25 + 6) * 2 ** -24;
    want.forEach((row, i) =>
      row.forEach((v, c) => ok(Math.abs(got[i][c] - v) <= bound, `point ${i}, ${c}: ${got[i][c]}, not ${v}`))
    );
    const first = new Map<number, number>();
    map.pointCells.forEach((cell, i) => {
      if (!first.has(cell)) first.set(cell, i);
      deepEqual(got[i], got[first.get(cell)!]);
    });
  });
}

gpuTest("spreadRows() looks through 100 rings of cells, and no further", async (gpu) => {
  const map = mapOf(110, (r, c) => r === 0 && c === 0),
    at = [100 * 110 + 100, 100 * 110, 3 * 110 + 101, 101 * 110 + 101];
  const got = await spread(gpu, { ...map, pointCells: Uint32Array.from(at) }, 0.75, 1);
  deepEqual(got.map(([v]) => v), [Math.fround(valueAt(0, 0)), Math.fround(valueAt(0, 0)), 0, 0]);
});

gpuTest("spreadRows() takes the nearest row where the Gaussian is too narrow to see one in the window", async (gpu) => {
  const map = mapOf(6, (r, c) => r === 3 && c === 3);
  for (const row of await spread(gpu, map, 0.01, 2)) {
    deepEqual([...row], [valueAt(0, 0), valueAt(0, 1)].map(Math.fround));
  }
});

gpuTest("spreadRows() refuses what does not fit, and bears a target without rows", (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3], 3), wide = uploadRows(gpu, new Float32Array(32), 8);
  using rowOf = gpu.upload("u32", Uint32Array.of(0, 0, 0, 0)), pointCells = gpu.upload("u32", new Uint32Array(4));
  const options = { rows, rowOf, cells: 2, pointCells, sigma: 0.75 };
  for (const column of [-4, 2, 8]) {
    throws(() => spreadRows(gpu, { ...options, into: { rows: wide, column } }), ShapeMismatch);
  }
  for (const wrong of [{ cells: 3 }, { cells: 0 }, { sigma: 0 }]) {
    throws(() => spreadRows(gpu, { ...options, ...wrong, into: { rows: wide, column: 4 } }), ShapeMismatch);
  }
  using values = gpu.buffer("f32", 0);
  const none = { ...wide, values, count: 0 };
  spreadRows(gpu, { ...options, into: { rows: none, column: 4 } });
  equal(none.count, 0);
});
