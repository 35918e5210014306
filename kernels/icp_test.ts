import { deepEqual, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { DAMPING, icp } from "./icp.ts";
import { type ColumnShape, gatherColumns, inColumnOrder, pointColumns } from "./point_columns.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

type Vector = [number, number, number];
/** Three rows of [R | t]. */
type Motion = readonly [number[], number[], number[]];

const SHAPE: ColumnShape = { least: [-0.026, -0.026], side: 0.002, across: 26 };
/** Metres of noise along z, in every scan. */
const NOISE = 5e-5;
const STAY: Motion = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]];

const dot = (a: readonly number[], b: readonly number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: readonly number[], b: readonly number[]): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const apply = (m: Motion, p: readonly number[]) => m.map((row) => dot(row, p) + row[3]) as Vector;
const at = (values: Float32Array, i: number) => Array.from(values.subarray(4 * i, 4 * i + 3)) as Vector;

/** exp(w) and a shift, by Rodrigues. */
function motion(w: readonly number[], shift: readonly number[]): Motion {
  const angle = Math.hypot(...w), s = angle > 0 ? Math.sin(angle) / angle : 1;
  const e = angle > 0 ? 2 * (Math.sin(angle / 2) / angle) ** 2 : 0.5;
  const columns = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((v) => {
    const once = cross(w, v), twice = cross(w, once);
    return v.map((c, i) => c + s * once[i] + e * twice[i]);
  });
  return [0, 1, 2].map((r) => [...columns.map((column) => column[r]), shift[r]]) as unknown as Motion;
}

/** `left` after `right`. */
const after = (left: Motion, right: Motion): Motion =>
  left.map((row) =>
    [0, 1, 2, 3].map((c) => row[0] * right[0][c] + row[1] * right[1][c] + row[2] * right[2][c] + (c === 3 ? row[3] : 0))
  ) as unknown as Motion;

/** Points of a wavy surface 40 mm wide, moved, with noise, and the surface's normals there; only where `keep` says so. */
function scan(count: number, moved: Motion, name: string, keep: (x: number, y: number) => boolean = () => true) {
  const random = randomStream(0, name), points: number[] = [], normals: number[] = [];
  for (let i = 0; i < count; i++) {
    const x = 0.04 * random.uniform() - 0.02, y = 0.04 * random.uniform() - 0.02, noise = NOISE * random.normal();
    if (!keep(x, y)) continue;
    const z = 0.003 * Math.sin(300 * x + 1) * Math.cos(250 * y) + 0.002 * Math.sin(170 * y);
    const slope = [
      0.9 * Math.cos(300 * x + 1) * Math.cos(250 * y),
      -0.75 * Math.sin(300 * x + 1) * Math.sin(250 * y) + 0.34 * Math.cos(170 * y),
    ];
    const long = Math.hypot(...slope, 1), n = [-slope[0] / long, -slope[1] / long, 1 / long];
    points.push(...apply(moved, [x, y, z + noise]), 0);
    normals.push(...moved.map((row) => dot(row, n)), 0);
  }
  const { order, starts } = pointColumns(SHAPE, Float32Array.from(points), 4);
  return {
    points: inColumnOrder(order, Float32Array.from(points), 4),
    normals: inColumnOrder(order, Float32Array.from(normals), 4),
    starts,
    count: order.length,
  };
}
type Scan = ReturnType<typeof scan>;

/** The nearest target point and its distance, in float64. */
function nearest(target: Scan, place: readonly number[]) {
  let square = Infinity, index = -1;
  for (let j = 0; j < target.count; j++) {
    const q = target.points.subarray(4 * j, 4 * j + 3);
    const d = (place[0] - q[0]) ** 2 + (place[1] - q[1]) ** 2 + (place[2] - q[2]) ** 2;
    if (d < square) [square, index] = [d, j];
  }
  return { index, distance: Math.sqrt(square) };
}

/** One step of the definition, in float64; the system by Gauss, whose pivots the damping keeps. */
function referenceStep(source: Scan, step: number, target: Scan, start: Motion, radius: number): Motion {
  const system = Array.from({ length: 6 }, () => new Array<number>(7).fill(0));
  let count = 0;
  for (let i = 0; i < source.count; i += step) {
    const place = apply(start, at(source.points, i)), { index, distance } = nearest(target, place);
    if (distance > 1.5 * radius) continue;
    const n = at(target.normals, index), q = at(target.points, index);
    const r = dot(place.map((v, c) => v - q[c]), n), w = Math.abs(r) < radius ? (1 - (r / radius) ** 2) ** 2 : 0;
    const jacobian = [...cross(place, n), ...n, -r];
    for (let a = 0; a < 6; a++) for (let b = 0; b < 7; b++) system[a][b] += w * jacobian[a] * jacobian[b];
    if (w > 0) count++;
  }
  if (count < 6) return start;
  for (const half of [0, 3]) {
    const trace = system[half][half] + system[half + 1][half + 1] + system[half + 2][half + 2];
    for (let a = half; a < half + 3; a++) system[a][a] += DAMPING * trace;
  }
  for (let a = 0; a < 6; a++) {
    for (let b = 0; b < 6; b++) {
      const factor = system[b][a] / system[a][a];
      if (b !== a) { for (let c = a; c < 7; c++) system[b][c] -= factor * system[a][c]; }
    }
  }
  const x = system.map((row, a) => row[6] / row[a]);
  return after(motion(x.slice(0, 3), x.slice(3)), start);
}

const STAGES = [[0.004, 6], [0.002, 5], [0.0008, 6]] as const;

function referenceIcp(source: Scan, step: number, target: Scan, start: Motion): Motion {
  let now = start;
  for (const [radius, steps] of STAGES) {
    for (let i = 0; i < steps; i++) now = referenceStep(source, step, target, now, radius);
  }
  return now;
}

/** The source, the targets and their transforms on the GPU. */
function upload(gpu: Gpu, source: Scan, targets: readonly Scan[], starts: readonly Motion[]) {
  const owned = new DisposableStack();
  using parts = new DisposableStack();
  const stored = targets.map(({ points, normals, starts, count }) => ({
    points: parts.use(gpu.upload("f32", points)),
    normals: parts.use(gpu.upload("f32", normals)),
    starts: parts.use(gpu.upload("u32", starts)),
    count,
  }));
  return {
    source: { values: owned.use(gpu.upload("f32", source.points)), count: source.count },
    targets: owned.use(gatherColumns(gpu, stored, SHAPE)),
    transforms: owned.use(gpu.upload("f32", Float32Array.from(starts.flatMap((m) => [...m.flat(), 7, 7, 7, 7])))),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

const motionAt = (values: Float32Array, t: number) =>
  [0, 1, 2].map((r) => Array.from(values.subarray(16 * t + 4 * r, 16 * t + 4 * r + 4))) as unknown as Motion;

/** Runs all stages on the GPU. */
async function register(gpu: Gpu, source: Scan, step: number, targets: readonly Scan[], starts: readonly Motion[]) {
  using operands = upload(gpu, source, targets, starts);
  for (const [radius, iterations] of STAGES) icp(gpu, { ...operands, step, radius, iterations });
  const values = await gpu.read(operands.transforms);
  targets.forEach((_, t) => deepEqual([...values.subarray(16 * t + 12, 16 * t + 16)], [7, 7, 7, 7]));
  return targets.map((_, t) => motionAt(values, t));
}

/** The furthest that two motions put a point of the source apart, in metres. */
function apart(a: Motion, b: Motion, source: Scan): number {
  let most = 0;
  for (let i = 0; i < source.count; i++) {
    const p = at(source.points, i), [x, y] = [apply(a, p), apply(b, p)];
    most = Math.max(most, Math.hypot(...x.map((v, c) => v - y[c])));
  }
  return most;
}

const degrees = Math.PI / 180;
const truths = [
  motion([0, 0, 8 * degrees], [0.002, -0.003, 0.001]),
  motion([3 * degrees, -2 * degrees, -5 * degrees], [-0.001, 0.001, 0.002]),
  motion([-2 * degrees, 4 * degrees, 3 * degrees], [0, 0.002, -0.003]),
];

/**
 * How far float32 may be from float64: a residual is off by 5 roundings of coordinates below 0.03 m, which no step can make more than
 * tenfold on this surface; and one pair of the 400 may be another where two points are equally near, .1 mm of residual, threefold.
 */
const FLOAT32 = 10 * 5 * 2 ** -24 * 0.03 + 3 * 1e-4 / 400;
/** How far noise may put a point: six numbers from 400 residuals of the noise of two scans, four deviations, threefold at the border. */
const FROM_TRUTH = 4 * 3 * Math.SQRT2 * NOISE * Math.sqrt(6 / 400);

gpuTest("icp() finds motions of millimetres and 8 degrees, and float64's result", async (gpu) => {
  const source = scan(1200, STAY, "source"), step = 3;
  const targets = truths.map((truth, t) => scan([2500, 1500, 1900][t], truth, `target ${t}`));
  const found = await register(gpu, source, step, targets, [STAY, STAY, STAY]);
  found.forEach((got, t) => {
    const off = apart(got, referenceIcp(source, step, targets[t], STAY), source), error = apart(got, truths[t], source);
    ok(off <= FLOAT32, `target ${t}: ${off} m from float64, ${FLOAT32} allowed`);
    ok(error <= FROM_TRUTH, `target ${t}: ${error} m from the truth, ${FROM_TRUTH} allowed`);
    ok(apart(STAY, truths[t], source) > 20 * FROM_TRUTH);
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) ok(Math.abs(dot(got[a], got[b]) - +(a === b)) <= 8 * 2 ** -24, `rows ${a} and ${b}`);
    }
  });
  deepEqual(await register(gpu, source, step, targets, [STAY, STAY, STAY]), found, "a second run gives other bits");
});

gpuTest("icp() keeps a reflection that it starts with", async (gpu) => {
  const source = scan(1200, STAY, "source"), mirror: Motion = [[-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]];
  const wanted = after(truths[0], mirror), target = scan(2500, wanted, "target");
  const [got] = await register(gpu, source, 3, [target], [mirror]);
  const error = apart(got, wanted, source);
  ok(error <= FROM_TRUTH, `${error} m from the truth, ${FROM_TRUTH} allowed`);
  ok(dot(cross(got[0], got[1]), got[2]) < -0.999);
});

gpuTest("icp() makes float64's step, from far and from near", async (gpu) => {
  const source = scan(1200, STAY, "source"), truth = motion([-0.07, 0.11, 0.09], [0, 0.002, -0.003]);
  const target = scan(1900, truth, "target"), near = after(motion([1e-4, -2e-4, 3e-4], [1e-5, 0, 0]), truth);
  for (const start of [STAY, near]) {
    using operands = upload(gpu, source, [target], [start]);
    icp(gpu, { ...operands, step: 2, radius: 0.004, iterations: 1 });
    const got = motionAt(await gpu.read(operands.transforms), 0), want = referenceStep(source, 2, target, start, 0.004);
    const off = apart(got, want, source);
    ok(off <= FLOAT32, `${off} m from float64, ${FLOAT32} allowed`);
    ok(apart(start, want, source) > 10 * FLOAT32);
  }
});

gpuTest("icp() is not pulled by a gap in either cloud", async (gpu) => {
  const gap = (x: number, y: number) => x < 0.004 || y < -0.008,
    hole = (x: number, y: number) => Math.hypot(x + 0.008, y) > 0.006;
  const source = scan(2200, STAY, "source", gap),
    targets = truths.map((truth, t) => scan(2500, truth, `target ${t}`, hole));
  ok(source.count < 1700);
  const found = await register(gpu, source, 3, targets, [STAY, STAY, STAY]);
  found.forEach((got, t) => {
    const error = apart(got, truths[t], source);
    ok(error <= FROM_TRUTH, `target ${t}: ${error} m from the truth, ${FROM_TRUTH} allowed`);
  });
});

gpuTest("icp() corrects on a plane what a plane holds, and leaves the rest", async (gpu) => {
  const flat = (count: number): Scan => {
    const one = scan(count, STAY, "flat"), points = one.points.map((v, i) => i % 4 < 2 ? v : 0);
    return { ...one, points, normals: points.map((_, i) => i % 4 === 2 ? 1 : 0) };
  };
  const start = motion([0.02, -0.03, 0], [0.001, 0.002, 0.0015]), source = flat(800), target = flat(2000);
  const [got] = await register(gpu, source, 2, [target], [start]);
  for (let i = 0; i < source.count; i++) {
    ok(Math.abs(apply(got, at(source.points, i))[2]) < 1e-7, `point ${i} stands off`);
  }
  // turning a point out of the tilt moves it by up to 0.028 m (1 − cos .036) and by the tilt's share of its height
  const [before, now] = [start, got].map((m) => apply(m, [0, 0, 0]));
  ok(Math.hypot(now[0] - before[0], now[1] - before[1]) < 1e-4);
  ok(Math.abs(got[1][0] - got[0][1]) < 2e-3);
});

gpuTest("icp() leaves a transform as it is where fewer than six pairs have weight", async (gpu) => {
  const source = scan(400, STAY, "source"), near = scan(600, STAY, "near"), start = motion([0.01, 0, 0.02], [0, 0, 1]);
  const far = await register(gpu, source, 2, [near, near], [start, STAY]);
  deepEqual(far[0], start.map((row) => row.map(Math.fround)));
  ok(apart(far[1], STAY, source) > 0);
  const five = { ...source, points: source.points.subarray(0, 20) as Float32Array<ArrayBuffer>, count: 5 };
  deepEqual((await register(gpu, five, 1, [near], [STAY]))[0], STAY);
});

gpuTest("icp() refuses targets without normals", (gpu) => {
  using operands = upload(gpu, scan(40, STAY, "source"), [scan(40, STAY, "target")], [STAY]);
  const targets = { ...operands.targets, normals: undefined };
  throws(() => icp(gpu, { ...operands, targets, step: 1, radius: 0.001, iterations: 1 }), ShapeMismatch);
});
