import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { featureNeighbours } from "./feature_neighbours.ts";
import { integers, scattered } from "./nearest_row_reference.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

interface Clouds {
  readonly values: Float32Array<ArrayBuffer>;
  readonly columns: number;
  readonly clouds: number;
}

/** Squared distance of two rows, in float64. */
function squared({ values, columns }: Clouds, i: number, j: number): number {
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += (values[i * columns + c] - values[j * columns + c]) ** 2;
  return sum;
}

/** The definition: all other rows of the cloud by (distance, number), the first k. */
function reference(of: Clouds, i: number, k: number): number[] {
  const n = of.values.length / of.columns / of.clouds, base = Math.floor(i / n) * n;
  const all = Array.from({ length: n }, (_, j) => ({ j: base + j, d: squared(of, i, base + j) })).filter(({ j }) =>
    j !== i
  );
  return all.sort((a, b) => a.d - b.d || a.j - b.j).slice(0, k).map(({ j }) => j);
}

async function find(gpu: Gpu, { values, columns, clouds }: Clouds, k: number): Promise<Uint32Array> {
  using rows = uploadRows(gpu, values, columns), found = featureNeighbours(gpu, { rows, clouds, k });
  equal(found.length, rows.count * k);
  return await gpu.read(found);
}

// around the tile of 8, the band of 64 and the shares; columns that are not in fours, and more parts than one
for (
  const [clouds, n, columns, k] of [
    [1, 2, 1, 1],
    [3, 9, 3, 8],
    [2, 65, 4, 4],
    [1, 71, 17, 16],
    [5, 130, 33, 10],
    [2, 513, 64, 10],
    [1, 200, 128, 13],
  ] as const
) {
  gpuTest(
    `featureNeighbours() equals the definition on ${clouds} × ${n} × ${columns}, k ${k}, full of ties`,
    async (gpu) => {
      const of = { values: integers(clouds * n * columns, 3), columns, clouds };
      of.values.copyWithin(0, columns, 2 * columns); // a double: the row itself is left out by its number
      const found = await find(gpu, of, k);
      for (let i = 0; i < clouds * n; i++) {
        deepEqual([...found.subarray(i * k, (i + 1) * k)], reference(of, i, k), `row ${i}`);
      }
    },
  );

  gpuTest(`featureNeighbours() finds the nearest reals on ${clouds} × ${n} × ${columns}, k ${k}`, async (gpu) => {
    const of = { values: scattered(clouds * n * columns, 7), columns, clouds }, found = await find(gpu, of, k);
    const bound = (columns + 2) * 2 ** -24; // relative: a difference and a square, then a sum a column
    for (let i = 0; i < clouds * n; i++) {
      const row = [...found.subarray(i * k, (i + 1) * k)], want = reference(of, i, k);
      equal(new Set(row).size, k, `row ${i} has a neighbour twice`);
      ok(!row.includes(i), `row ${i} is its own neighbour`);
      row.forEach((j, m) => {
        equal(Math.floor(j / n), Math.floor(i / n), `row ${i} has a neighbour in another cloud`);
        const d = squared(of, i, j), least = squared(of, i, want[m]);
        ok(Math.abs(d - least) <= 2 * bound * least, `row ${i}, place ${m}: ${d}, not ${least}`);
      });
    }
  });
}

/** Rows of which the first ones have ever nearer candidates as the search goes on: each is put into a list. */
function approaching(n: number): Clouds {
  const values = Float32Array.from({ length: n }, (_, i) => i < 8 ? 0 : i < 64 ? n : n - i);
  return { values, columns: 1, clouds: 1 };
}

gpuTest("featureNeighbours() does not lose count where every candidate is nearer than those before", async (gpu) => {
  const n = 4096, k = 10, of = approaching(n), found = await find(gpu, of, k);
  for (const i of [0, 3, 7, 8, 64, 65, 2000, 4095]) {
    deepEqual([...found.subarray(i * k, (i + 1) * k)], reference(of, i, k), `row ${i}`);
  }
});

gpuTest("featureNeighbours() gives the same whatever the launches and the shares", async (gpu) => {
  const k = 10, clouds = 2, columns = 20, of = { values: scattered(clouds * 333 * columns, 2), columns, clouds };
  const whole = await find(gpu, of, k);
  for (
    const [name, facts] of [
      ["limits", { limits: { ...gpu.limits, stepFlops: 1e6 } }], // a few tiles a launch
      ["limits", { limits: { ...gpu.limits, loopIterations: 1500 } }],
      ["adapter", { adapter: { ...gpu.adapter, software: !gpu.adapter.software } }], // more shares, or fewer
    ] as const
  ) {
    const other = new Proxy(gpu, {
      get(target, asked) {
        if (asked === name) return (facts as Record<string, unknown>)[name];
        const value = Reflect.get(target, asked, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    deepEqual(await find(other, of, k), whole, name);
  }
});

gpuTest("featureNeighbours() numbers what has no distance as nothing", async (gpu) => {
  const found = await find(gpu, { values: Float32Array.of(0, NaN, 1, 3e38, 2), columns: 1, clouds: 1 }, 3);
  deepEqual([...found.subarray(0, 3)], [2, 4, 0xffffffff]);
  deepEqual([...found.subarray(3, 6)], [0xffffffff, 0xffffffff, 0xffffffff]);
});

gpuTest("featureNeighbours() refuses what cannot be", (gpu) => {
  using rows = uploadRows(gpu, new Float32Array(60), 3), wide = uploadRows(gpu, new Float32Array(4 * 129), 129);
  using tall = uploadRows(gpu, new Float32Array(40), 1);
  throws(() => featureNeighbours(gpu, { rows, clouds: 3, k: 2 }), ShapeMismatch);
  throws(() => featureNeighbours(gpu, { rows, clouds: 2, k: 10 }), ShapeMismatch);
  throws(() => featureNeighbours(gpu, { rows, clouds: 2, k: 0 }), ShapeMismatch);
  throws(() => featureNeighbours(gpu, { rows: tall, clouds: 1, k: 17 }), ShapeMismatch);
  throws(() => featureNeighbours(gpu, { rows: wide, clouds: 1, k: 1 }), ShapeMismatch);
});

const ops = sharedData("golden/reconstruction/ops");
const golden = (name: string) => readNpy(readFileSync(`${ops}/${name}.npy`));

gpuTest("featureNeighbours() has the golden rows", async (gpu) => {
  const { shape: [clouds, columns, n], values: x } = golden("knn/in_x"),
    { shape: [, , k], values: want } = golden("knn/idx");
  const values = Float32Array.from({ length: clouds * n * columns }, (_, at) => {
    const c = at % columns, i = Math.floor(at / columns) % n, b = Math.floor(at / columns / n);
    return x[(b * columns + c) * n + i];
  });
  const found = await find(gpu, { values, columns, clouds }, k);
  deepEqual([...found], Array.from(want, (j, at) => j + n * Math.floor(at / k / n)));
}, { ignore: !ops });

gpuTest("featureNeighbours() has the golden neighbours on the Fibonacci sphere", async (gpu) => {
  const k = 10;
  for (const n of [64, 2048]) {
    const values = Float32Array.from(golden(`fibonacci/ball_${n}`).values),
      want = golden(`fibonacci/knn10_${n}_first64`);
    const found = await find(gpu, { values, columns: 3, clouds: 1 }, k);
    deepEqual([...found.subarray(0, want.values.length)], [...want.values]);
  }
}, { ignore: !ops });
