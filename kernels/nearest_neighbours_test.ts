import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { nearestNeighbours } from "./nearest_neighbours.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import type { Cloud } from "./rows.ts";

const f = Math.fround;

/** n points by a plain generator. */
function scattered(n: number, at: (u: () => number, i: number) => [number, number, number]): Float32Array<ArrayBuffer> {
  let seed = 12345;
  const u = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const values = new Float32Array(4 * n);
  for (let i = 0; i < n; i++) values.set(at(u, i), 4 * i);
  return values;
}

/** The definition: float64 distances, ascending by (distance, index). */
function reference(points: Float32Array, query: number, k: number) {
  const n = points.length / 4;
  const all = Array.from({ length: n }, (_, j) => {
    let d = 0;
    for (let c = 0; c < 3; c++) d += f(points[4 * j + c] - points[4 * query + c]) ** 2;
    return { d, j };
  });
  all.sort((a, b) => a.d - b.d || a.j - b.j);
  return all.slice(0, k);
}

async function search(gpu: Gpu, points: Float32Array<ArrayBuffer>, k: number, first?: number, count?: number) {
  using values = gpu.upload("f32", points);
  const cloud: Cloud = { values, count: points.length / 4 };
  using found = nearestNeighbours(gpu, { cloud, k, first, count });
  const [indices, distances] = await Promise.all([gpu.read(found.indices), gpu.read(found.squaredDistances)]);
  return { indices, distances };
}

const surface = (n: number) =>
  scattered(n, (u) => {
    const x = u(), y = u();
    return [x, y, 0.6 + 0.1 * Math.sin(7 * x) * Math.cos(5 * y)];
  });
const clouds: Record<string, Float32Array<ArrayBuffer>> = {
  "one point": scattered(1, () => [1, 2, 3]),
  "fewer points than neighbours": scattered(20, (u) => [u(), u(), u()]),
  "a small volume": scattered(1000, (u) => [u(), u(), u()]),
  "a volume": scattered(3000, (u) => [u(), u(), u()]),
  "a surface": surface(3000),
  "a line": scattered(2000, (u) => [u(), 0, 0]),
  "five of each point": scattered(2500, (_, i) => [Math.sin(i % 500), Math.cos(3 * (i % 500)), 0]),
  "a whole grid, full of ties": scattered(4096, (_, i) => [i % 64, (i >> 6) % 8, i >> 9]),
  "all points equal": scattered(1500, () => [0.1, 0.2, 0.3]),
  "two places only": scattered(1500, (_, i) => [i % 2, 0, 0]),
  "a crowd, a haze and outliers": scattered(4000, (u, i) => {
    const s = i === 0 ? 1e6 : i < 60 ? 100 : i < 1000 ? 1 : i < 2000 ? 1e-3 : 1e-2;
    return [s * (u() - 0.5), s * (u() - 0.5), s * (u() - 0.5)];
  }),
  "far from the origin": scattered(2000, (u) => [1000 + u(), -500 + u(), 0.01 * u()]),
};

for (const [name, points] of Object.entries(clouds)) {
  for (const k of [1, 30, 100, 256]) {
    gpuTest(`nearestNeighbours() finds the ${k} nearest by distance, then index: ${name}`, async (gpu) => {
      const n = points.length / 4;
      const { indices, distances } = await search(gpu, points, k);
      for (let q = 0; q < n; q += Math.max(1, Math.floor(n / 97))) {
        const want = reference(points, q, k);
        const row = [...indices.subarray(q * k, (q + 1) * k)], d = distances.subarray(q * k, (q + 1) * k);
        const found = row.slice(0, want.length);
        deepEqual(row.slice(want.length), new Array(k - want.length).fill(0xffffffff));
        equal(new Set(found).size, want.length, `query ${q} has an index twice`);
        want.forEach((w, i) => {
          // three squares and two sums, a rounding each
          ok(Math.abs(d[i] - w.d) <= 5 * 2 ** -24 * w.d, `query ${q}, place ${i}: ${d[i]}, not ${w.d}`);
          if (i > 0) ok(d[i - 1] < d[i] || (d[i - 1] === d[i] && row[i - 1] < row[i]), `query ${q}: order at ${i}`);
        });
        const furthest = want[want.length - 1].d; // ties at the last place go to the smallest index: exact where float32 is
        if (want.every(({ d }) => d === f(d))) deepEqual(found, want.map((w) => w.j), `query ${q}, up to ${furthest}`);
      }
    });
  }
}

gpuTest("nearestNeighbours() gives pieces equal to the whole", async (gpu) => {
  const points = surface(5000), k = 40;
  const whole = await search(gpu, points, k);
  for (const [first, count] of [[0, 1], [100, 3000], [4999, 1]]) {
    const piece = await search(gpu, points, k, first, count);
    deepEqual(piece.indices, whole.indices.slice(first * k, (first + count) * k));
    deepEqual(piece.distances, whole.distances.slice(first * k, (first + count) * k));
  }
});

gpuTest("nearestNeighbours() compares with more points than one dispatch can loop over", async (gpu) => {
  const points = surface(140_000), k = 8; // outliers are compared with all points
  for (let i = 0; i < 5; i++) points.set([40 + i, 50, 60], 4 * 30_000 * i);
  const { distances } = await search(gpu, points, k);
  for (const q of [0, 30_000, 120_000, 139_999, 77]) {
    reference(points, q, k).forEach((w, i) =>
      ok(Math.abs(distances[q * k + i] - w.d) <= 5 * 2 ** -24 * w.d, `query ${q}, place ${i}`)
    );
  }
});

gpuTest("nearestNeighbours() refuses what cannot be", (gpu) => {
  using values = gpu.buffer("f32", 4 * 400_000);
  const cloud: Cloud = { values, count: 400_000 };
  throws(() => nearestNeighbours(gpu, { cloud, k: 0 }), ShapeMismatch);
  throws(() => nearestNeighbours(gpu, { cloud, k: 257 }), ShapeMismatch);
  throws(() => nearestNeighbours(gpu, { cloud, k: 3, first: 399_999, count: 2 }), ShapeMismatch);
  if (gpu.limits.bindingBytes < 400_000 * 256 * 8) {
    throws(() => nearestNeighbours(gpu, { cloud, k: 256 }), /go in pieces/);
  }
});

for (const name of ["uniform", "clusters", "duplicates", "grid", "tiny"]) {
  const pointsFile = sharedData(`golden/features/knn_${name}_points.npy`),
    distFile = sharedData(`golden/features/knn_${name}_dist.npy`);
  gpuTest(`nearestNeighbours() has the golden distances of ${name}`, async (gpu) => {
    const points = readNpy(Deno.readFileSync(pointsFile!)).values,
      dist = readNpy(Deno.readFileSync(distFile!)).values,
      n = points.length / 3,
      k = dist.length / n;
    const { distances } = await search(
      gpu,
      scattered(n, (_, i) => [points[3 * i], points[3 * i + 1], points[3 * i + 2]]),
      k,
    );
    const size = Math.max(...Array.from(points, Math.abs));
    dist.forEach((d, i) =>
      ok(Math.abs(Math.sqrt(distances[i]) - d) <= 1e-6 * d + 1e-6 * size, `${i}: ${Math.sqrt(distances[i])}, not ${d}`)
    );
  }, { ignore: !pointsFile || !distFile });
}
