import { deepEqual, ok, throws } from "node:assert/strict";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { fpfh } from "./fpfh.ts";
import { type FpfhForm, spfh } from "./spfh.ts";
import { nearestNeighbours } from "./nearest_neighbours.ts";
import type { Rows } from "./rows.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

type Vector = [number, number, number];
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (
  a: Vector,
  b: Vector,
): Vector => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const times = (s: number, a: Vector): Vector => [s * a[0], s * a[1], s * a[2]];

/** Place in [0, 11] of each of the three features of a pair; whole numbers are the bins' ends. */
function places(form: FpfhForm, p1: Vector, n1: Vector, p2: Vector, n2: Vector): Vector {
  let d: Vector = [p2[0] - p1[0], p2[1] - p1[1], p2[2] - p1[2]];
  const length = Math.sqrt(dot(d, d));
  const angle = (y: number, x: number) => 11 * (Math.atan2(y, x) + Math.PI) / (2 * Math.PI),
    line = (x: number) => 11 * (x + 1) / 2;
  if (length === 0) return [5.5, 5.5, 5.5];
  if (form === "paper") {
    const v = cross(n1, times(1 / length, d)), w = cross(n1, v);
    return [line(dot(v, n2)), line(dot(n1, d) / length), angle(dot(w, n2), dot(n1, n2))];
  }
  let f = dot(n1, d) / length;
  const g = dot(n2, d) / length;
  if (Math.abs(f) < Math.abs(g)) {
    [n1, n2] = [n2, n1];
    d = times(-1, d);
    f = -g;
  }
  const v = cross(d, n1), size = Math.sqrt(dot(v, v));
  if (size === 0) return [5.5, 5.5, 5.5];
  const unit = times(1 / size, v), w = cross(n1, unit);
  return [angle(dot(w, n2), dot(n1, n2)), line(dot(unit, n2)), line(f)];
}

/** The definition in float64, and which rows hold a pair so near to a bin's end that float32 may put it on the other side. */
function reference(
  form: FpfhForm,
  points: Float32Array,
  normals: Float32Array,
  indices: Uint32Array,
  stride: number,
  k: number,
) {
  const n = points.length / 4, at = (a: Float32Array, i: number): Vector => [a[4 * i], a[4 * i + 1], a[4 * i + 2]];
  const list = (i: number) => [...indices.subarray(i * stride, i * stride + k)].filter((j) => j !== 0xffffffff);
  const doubtful = new Set<number>();
  const simple = Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(33), near = list(i).slice(1);
    for (const j of near) {
      places(form, at(points, i), at(normals, i), at(points, j), at(normals, j)).forEach((place, g) => {
        row[11 * g + Math.max(0, Math.min(10, Math.floor(place)))] += 100 / near.length;
        if (Math.abs(place - Math.round(place)) < 1e-4) doubtful.add(i);
      });
    }
    return row;
  });
  const full = simple.map((own, i) => {
    const near = list(i), sum = new Float64Array(33);
    for (const j of near.slice(1)) {
      const p = at(points, i), q = at(points, j), square = (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 + (p[2] - q[2]) ** 2;
      if (square === 0) continue;
      for (let c = 0; c < 33; c++) sum[c] += simple[j][c] / (form === "paper" ? Math.sqrt(square) : square);
    }
    return own.map((v, c) => {
      if (form === "paper") return v + sum[c] / near.length;
      const group = sum.subarray(c - c % 11, c - c % 11 + 11).reduce((a, b) => a + b, 0);
      return v + (group > 0 ? 100 * sum[c] / group : 0);
    });
  });
  const reached = full.map((_, i) => list(i).some((j) => doubtful.has(j)));
  return { simple, full, doubtful, reached };
}

function shape(n: number): { points: Float32Array<ArrayBuffer>; normals: Float32Array<ArrayBuffer> } {
  const points = new Float32Array(4 * n), normals = new Float32Array(4 * n);
  for (let i = 0; i < n; i++) {
    const a = i * 2.399963, z = 1 - 2 * (i + 0.5) / n, r = Math.sqrt(1 - z * z), bump = 1 + 0.05 * Math.sin(17 * i);
    points.set([0.03 * bump * r * Math.cos(a), 0.03 * bump * r * Math.sin(a), 0.03 * bump * z], 4 * i);
    const s = i % 3 === 0 ? -1 : 1,
      v: Vector = [r * Math.cos(a) + 0.1 * Math.sin(5 * i), r * Math.sin(a), z + 0.1 * Math.cos(3 * i)];
    normals.set(times(s / Math.sqrt(dot(v, v)), v), 4 * i);
  }
  return { points, normals };
}

async function rowsOf(gpu: Gpu, rows: Rows): Promise<Float32Array[]> {
  const values = await gpu.read(rows.values);
  return Array.from({ length: rows.count }, (_, i) => {
    deepEqual([...values.subarray(36 * i + 33, 36 * i + 36)], [0, 0, 0]);
    return values.slice(36 * i, 36 * i + 33);
  });
}

async function compute(
  gpu: Gpu,
  points: Float32Array<ArrayBuffer>,
  normalValues: Float32Array<ArrayBuffer>,
  k: number,
  form: FpfhForm,
  searched = k,
) {
  using values = gpu.upload("f32", points), normals = gpu.upload("f32", normalValues);
  const cloud = { values, count: points.length / 4 };
  using neighbours = nearestNeighbours(gpu, { cloud, k: searched });
  using simple = spfh(gpu, { cloud, normals, neighbours, sizes: [k], form });
  using full = fpfh(gpu, { cloud, normals, neighbours, sizes: [k], form });
  const [indices, s, f] = await Promise.all([gpu.read(neighbours.indices), rowsOf(gpu, simple), rowsOf(gpu, full)]);
  return { indices, simple: s, full: f };
}

for (const form of ["open3d", "paper"] as const) {
  for (
    const [name, n, k, searched] of [["a bumpy sphere", 700, 20, 33], ["five points", 5, 9, 9], [
      "one point",
      1,
      4,
      4,
    ]] as const
  ) {
    gpuTest(`spfh() and fpfh() equal float64, form ${form}: ${name}`, async (gpu) => {
      const { points, normals } = shape(n);
      if (n > 10) points.copyWithin(4 * 8, 4 * 7, 4 * 8); // a twin: distance 0
      const got = await compute(gpu, points, normals, k, form, searched);
      const want = reference(form, points, normals, got.indices, searched, k);
      ok(want.doubtful.size < 0.1 * n + 1);
      let compared = 0;
      for (let i = 0; i < n; i++) {
        // counts are exact, their scale is rounded twice; sums of up to k terms have k roundings, of weights with about 8
        if (!want.doubtful.has(i)) {
          want.simple[i].forEach((v, c) => ok(Math.abs(got.simple[i][c] - v) <= 2 ** -22 * v, `simple ${i}, ${c}`));
        }
        if (want.reached[i]) continue;
        compared++;
        want.full[i].forEach((v, c) =>
          ok(
            Math.abs(got.full[i][c] - v) <= (2 * k + 16) * 2 ** -24 * (v + 1),
            `${i}, ${c}: ${got.full[i][c]}, not ${v}`,
          )
        );
      }
      ok(compared > 0.3 * n, `${compared}`);
    });
  }
}

for (const [name, k] of [["sphere", 100], ["sphere", 30], ["corner", 100], ["real", 100]] as const) {
  const file = (part: string) => sharedData(`golden/features/${part}.npy`);
  gpuTest(`fpfh() has Open3D's histograms of ${name}, k ${k}`, async (gpu) => {
    const points = padded(readArray(file(`normals_${name}_points`)!)),
      normals = padded(readArray(file(`fpfh_${name}_normals`)!));
    const wantFull = readArray(file(`fpfh_${name}_k${k}`)!), wantSimple = readArray(file(`fpfh_${name}_k${k}_spfh`)!);
    const maskFile = file(`fpfh_${name}_k${k}_mask`), mask = maskFile ? readArray(maskFile) : undefined;
    const got = await compute(gpu, points, normals, k, "open3d"), n = points.length / 4;
    const furthest = (rows: Float32Array[], want: ArrayLike<number>, i: number) =>
      rows[i].reduce((worst, v, c) => Math.max(worst, Math.abs(v - want[33 * i + c])), 0);
    let simple = 0, masked = 0, simpleMasked = 0, close = 0, near = 0;
    for (let i = 0; i < n; i++) {
      const fits = furthest(got.simple, wantSimple, i) <= 50 / (k - 1);
      if (fits) simple++;
      if (mask?.[i] === 1) {
        masked++;
        if (fits) simpleMasked++;
      }
      const off = furthest(got.full, wantFull, i);
      if (off <= 0.01) close++;
      if (off <= 0.5) near++;
      for (let g = 0; g < 3; g++) {
        const sum = got.full[i].subarray(11 * g, 11 * g + 11).reduce((a, b) => a + b, 0);
        ok(Math.abs(sum - 200) <= 1e-3, `row ${i}, group ${g} sums to ${sum}`);
      }
    }
    ok(simple >= 0.98 * n, `${simple} of ${n} SPFH`);
    ok(simpleMasked >= 0.995 * masked, `${simpleMasked} of ${masked} masked SPFH`);
    ok(close >= 0.95 * n && near >= 0.999 * n, `${close} and ${near} of ${n} FPFH`);
  }, { ignore: !file(`fpfh_${name}_k${k}`) });
}

/** The 33 columns of one size of rows of several. */
async function columnsOf(gpu: Gpu, rows: Rows, place: number): Promise<Float32Array[]> {
  const values = await gpu.read(rows.values);
  return Array.from({ length: rows.count }, (_, i) => {
    const at = i * rows.stride + 36 * place;
    deepEqual([...values.subarray(at + 33, at + 36)], [0, 0, 0]);
    return values.slice(at, at + 33);
  });
}

for (const form of ["open3d", "paper"] as const) {
  for (const [n, sizes] of [[700, [20, 9, 33, 20]], [15, [4, 24, 12]]] as const) { // in any order; more than there are points
    gpuTest(`fpfh() of sizes ${sizes} are those of each alone, form ${form}, ${n} points`, async (gpu) => {
      const { points, normals: given } = shape(n);
      using values = gpu.upload("f32", points), normals = gpu.upload("f32", given);
      const cloud = { values, count: n };
      using neighbours = nearestNeighbours(gpu, { cloud, k: Math.max(...sizes) });
      const common = { cloud, normals, neighbours, form };
      using full = fpfh(gpu, { ...common, sizes });
      deepEqual([full.columns, full.stride], [36 * sizes.length - 3, 36 * sizes.length]);
      for (const [place, k] of sizes.entries()) {
        using one = fpfh(gpu, { ...common, sizes: [k] });
        deepEqual(await columnsOf(gpu, full, place), await rowsOf(gpu, one));
      }
    });
  }
}

gpuTest("fpfh() leaves zeros in columns that others are to fill, and refuses fewer than its own", async (gpu) => {
  const { points, normals: given } = shape(300);
  using values = gpu.upload("f32", points), normals = gpu.upload("f32", given);
  const cloud = { values, count: 300 };
  using neighbours = nearestNeighbours(gpu, { cloud, k: 12 });
  const options = { cloud, normals, neighbours, sizes: [12, 6], form: "open3d" } as const;
  using narrow = fpfh(gpu, options), wide = fpfh(gpu, { ...options, columns: 74 });
  deepEqual([wide.columns, wide.stride], [74, 76]);
  const own = await gpu.read(narrow.values), all = await gpu.read(wide.values);
  for (let i = 0; i < 300; i++) {
    deepEqual(all.subarray(76 * i, 76 * i + 72), own.subarray(72 * i, 72 * i + 72));
    deepEqual([...all.subarray(76 * i + 72, 76 * i + 76)], [0, 0, 0, 0]);
  }
  throws(() => fpfh(gpu, { ...options, columns: 68 }), ShapeMismatch);
});

gpuTest("fpfh() refuses a piece of the cloud without the histograms of all of it", (gpu) => {
  using values = gpu.zeros("f32", 40), normals = gpu.zeros("f32", 40);
  const cloud = { values, count: 10 };
  using neighbours = nearestNeighbours(gpu, { cloud, k: 5, count: 4 });
  throws(() => fpfh(gpu, { cloud, normals, neighbours, sizes: [5], form: "open3d" }), ShapeMismatch);
  throws(() => fpfh(gpu, { cloud, normals, neighbours, sizes: [6], form: "open3d" }), ShapeMismatch);
});

/** Rows of three as rows of four. */
function padded(values: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length / 3 * 4);
  for (let i = 0; i < values.length; i++) out[4 * Math.floor(i / 3) + i % 3] = values[i];
  return out;
}

/** The values of an array file. */
const readArray = (path: string) => readNpy(Deno.readFileSync(path)).values;
