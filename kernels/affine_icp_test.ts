import { deepEqual, notDeepEqual, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { affineIcp, type AffineIcpRequest, AGREEMENT, STRETCH_DAMPING } from "./affine_icp.ts";
import { type ColumnShape, gatherColumns, inColumnOrder, pointColumns } from "./point_columns.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

/** Three rows of [A | t]. */
type Affine = readonly [number[], number[], number[]];

const SHAPE: ColumnShape = { least: [-0.026, -0.026], side: 0.002, across: 26 };
const STAY: Affine = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]];
const EXTENT = 0.02;

const dot = (a: readonly number[], b: readonly number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const apply = (m: Affine, p: readonly number[]) => m.map((row) => dot(row, p) + row[3]);
const unit = (v: readonly number[]) => v.map((c) => c / Math.hypot(...v));
const at = (values: Float32Array, i: number) => Array.from(values.subarray(4 * i, 4 * i + 3));

/** A turn about z in degrees, after a stretch along x, and a shift. */
function turnedStretch(degrees: number, stretch: number, shift: readonly number[]): Affine {
  const c = Math.cos(degrees * Math.PI / 180), s = Math.sin(degrees * Math.PI / 180);
  return [[c * stretch, -s, 0, shift[0]], [s * stretch, c, 0, shift[1]], [0, 0, 1, shift[2]]];
}

/** A normal as a motion that {@linkcode turnedStretch} gives moves it: by the inverse transpose. */
const movedNormal = (m: Affine, n: readonly number[]) => {
  const square = m[0][0] ** 2 + m[1][0] ** 2; // the first column's
  return unit(m.map((row) => row[0] * n[0] / square + row[1] * n[1] + row[2] * n[2]));
};

/** Points and unit vectors, sorted into columns. */
function sorted(points: number[], normals: number[]) {
  const { order, starts } = pointColumns(SHAPE, Float32Array.from(points), 4);
  return {
    points: inColumnOrder(order, Float32Array.from(points), 4),
    normals: inColumnOrder(order, Float32Array.from(normals), 4),
    starts,
    count: order.length,
  };
}
type Sorted = ReturnType<typeof sorted>;

/** Half axes of the part's outline, an ellipse. */
const HALF = [0.018, 0.013];
const height = (x: number, y: number) =>
  0.006 * (1 - (x / HALF[0]) ** 2 - (y / HALF[1]) ** 2) + 0.001 * Math.sin(400 * x + 1) * Math.cos(350 * y);

/** A bumpy cap of an ellipsoid, moved: `count` points of its surface and a third as many of its outline, only where `keep` says so. */
function part(
  count: number,
  moved: Affine,
  name: string,
  { keep = () => true }: { keep?: (x: number, y: number) => boolean } = {},
) {
  const random = randomStream(0, name), points: number[] = [], normals: number[] = [];
  while (points.length < 4 * count) {
    const x = HALF[0] * (2 * random.uniform() - 1), y = HALF[1] * (2 * random.uniform() - 1), d = 1e-6;
    if ((x / HALF[0]) ** 2 + (y / HALF[1]) ** 2 > 1 || !keep(x, y)) continue;
    const slope = [height(x + d, y) - height(x - d, y), height(x, y + d) - height(x, y - d)].map((v) => v / (2 * d));
    points.push(...apply(moved, [x, y, height(x, y)]), 0);
    normals.push(...movedNormal(moved, [-slope[0], -slope[1], 1]), 0);
  }
  const rim: number[] = [], outward: number[] = [];
  for (let i = 0; i < count / 3; i++) {
    const angle = 2 * Math.PI * random.uniform(), x = HALF[0] * Math.cos(angle), y = HALF[1] * Math.sin(angle);
    if (!keep(x, y)) continue;
    const place = apply(moved, [x, y, height(x, y)]);
    rim.push(...place, 0);
    outward.push(...movedNormal(moved, [x / HALF[0] ** 2, y / HALF[1] ** 2, 0]), 0);
  }
  return { surface: sorted(points, normals), outline: sorted(rim, outward) };
}
type Part = ReturnType<typeof part>;

/** Points with a height of 0. */
const flat = (points: Float32Array<ArrayBuffer>) => points.map((v, i) => i % 4 === 2 ? 0 : v);

/** The nearest target point within R. */
function nearest(target: Sorted, place: readonly number[], radius: number) {
  let best = radius ** 2, index = -1;
  for (let j = 0; j < target.count; j++) {
    const square = at(target.points, j).reduce((sum, v, c) => sum + (place[c] - v) ** 2, 0);
    if (square < best) [best, index] = [square, j];
  }
  return { index, weight: index < 0 ? 0 : (1 - best / radius ** 2) ** 2 };
}

/** How a step is made. */
interface Steps {
  readonly step: number;
  readonly surfaceRadius: number;
  readonly outlineRadius: number;
  readonly stiffness: number;
}

/** Solves a regular system by Gauss with pivots; the right side is the last column. */
function gauss(system: number[][]): number[] {
  const n = system.length;
  for (let a = 0; a < n; a++) {
    const pivot = system.slice(a).reduce((p, row, i) => Math.abs(row[a]) > Math.abs(system[p][a]) ? a + i : p, a);
    [system[a], system[pivot]] = [system[pivot], system[a]];
    for (let b = 0; b < n; b++) {
      const factor = system[b][a] / system[a][a];
      if (b !== a) { for (let c = a; c <= n; c++) system[b][c] -= factor * system[a][c]; }
    }
  }
  return system.map((row, a) => row[n] / row[a]);
}

/** exp(Ω) by its series, times what is right of it. */
function turnedBy(omega: readonly number[][], rows: readonly number[][]): number[][] {
  let term = rows.map((row) => [...row]);
  const sum = term.map((row) => [...row]);
  for (let k = 1; k < 20; k++) {
    term = omega.map((o) => term[0].map((_, c) => (o[0] * term[0][c] + o[1] * term[1][c] + o[2] * term[2][c]) / k));
    term.forEach((row, r) => row.forEach((v, c) => sum[r][c] += v));
  }
  return sum;
}

/** A motion and the stretch that it has gathered, as 3 × 3. */
interface State {
  readonly motion: Affine;
  readonly stretch: number[][];
}

/** One step of the definition, in float64. */
function referenceStep(source: Part, target: Part, { motion, stretch }: State, options: Steps): State {
  const system = Array.from({ length: 12 }, () => new Array<number>(13).fill(0));
  const outline = { ...target.outline, points: flat(target.outline.points) };
  let total = 0, count = 0;
  const add = (y: number[], n: number[], r: number, w: number) => {
    const jacobian = [...n.flatMap((v) => y.map((c) => v * c / EXTENT)), ...n, -r]; // B̂ row by row, τ
    for (let a = 0; a < 12; a++) for (let b = 0; b < 13; b++) system[a][b] += w * jacobian[a] * jacobian[b];
    total += w;
    if (w > 0) count++;
  };
  for (let i = 0; i < source.surface.count; i += options.step) {
    const y = apply(motion, at(source.surface.points, i));
    const { index, weight } = nearest(target.surface, y, options.surfaceRadius);
    if (index < 0) continue;
    const q = at(target.surface.points, index), n = at(target.surface.normals, index);
    add(y, n, dot(y.map((v, c) => v - q[c]), n), weight);
  }
  for (let i = 0; i < source.outline.count; i++) {
    const y = apply(motion, at(source.outline.points, i)), outward = at(source.outline.normals, i);
    const { index, weight } = nearest(outline, [y[0], y[1], 0], options.outlineRadius);
    if (index < 0) continue;
    const o = at(outline.points, index), e = at(outline.normals, index);
    if (!(dot([...unit([dot(motion[0], outward), dot(motion[1], outward)]), 0], e) > AGREEMENT)) continue;
    add(y, e, (y[0] - o[0]) * e[0] + (y[1] - o[1]) * e[1], weight);
  }
  if (count < 12) return { motion, stretch };
  const trace = system.reduce((sum, row, a) => sum + row[a], 0), price = options.stiffness * total;
  for (let a = 0; a < 12; a++) system[a][a] += STRETCH_DAMPING * trace;
  for (let a = 0; a < 9; a++) {
    const row = Math.floor(a / 3), column = a % 3, transposed = 3 * column + row;
    system[a][a] += price / 2;
    system[a][transposed] += price / 2;
    system[a][12] -= price / 2 * EXTENT * (stretch[row][column] + stretch[column][row]);
  }
  const x = gauss(system), b = (r: number, c: number) => x[3 * r + c] / EXTENT, three = [0, 1, 2];
  const half = (sign: number) => three.map((r) => three.map((c) => (b(r, c) + sign * b(c, r)) / 2));
  const symmetric = half(1);
  const stretched = motion.map((row, r) =>
    row.map((v, c) => v + three.reduce((sum, k) => sum + symmetric[r][k] * motion[k][c], 0))
  );
  const turned = turnedBy(half(-1), stretched);
  return {
    motion: turned.map((row, r) => row.map((v, c) => c === 3 ? v + x[9 + r] : v)) as unknown as Affine,
    stretch: stretch.map((row, r) => row.map((v, c) => v + symmetric[r][c])),
  };
}

/** Everything on the GPU. */
function upload(gpu: Gpu, source: Part, targets: readonly Part[], starts: readonly State[]) {
  const owned = new DisposableStack();
  using parts = new DisposableStack();
  const stored = (clouds: readonly Sorted[]) =>
    owned.use(gatherColumns(
      gpu,
      clouds.map(({ points, normals, starts, count }) => ({
        points: parts.use(gpu.upload("f32", points)),
        normals: parts.use(gpu.upload("f32", normals)),
        starts: parts.use(gpu.upload("u32", starts)),
        count,
      })),
      SHAPE,
    ));
  const cloud = ({ points, count }: Sorted) => ({ values: owned.use(gpu.upload("f32", points)), count });
  const rows = starts.flatMap(({ motion }) => [...motion.flat(), 7, 7, 7, 7]);
  const stretches = starts.flatMap(({ stretch: s }) => [s[0][0], s[1][1], s[2][2], s[0][1], s[0][2], s[1][2], 7, 7]);
  return {
    source: cloud(source.surface),
    targets: stored(targets.map(({ surface }) => surface)),
    outline: {
      source: cloud(source.outline),
      directions: owned.use(gpu.upload("f32", source.outline.normals)),
      targets: stored(targets.map(({ outline }) => ({ ...outline, points: flat(outline.points) }))),
    },
    transforms: owned.use(gpu.upload("f32", Float32Array.from(rows))),
    stretches: owned.use(gpu.upload("f32", Float32Array.from(stretches))),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** Runs stages on the GPU. */
async function register(
  gpu: Gpu,
  source: Part,
  targets: readonly Part[],
  starts: readonly State[],
  stages: readonly (Steps & { readonly iterations: number })[],
): Promise<State[]> {
  using operands = upload(gpu, source, targets, starts);
  const { source: cloud, targets: clouds, outline, transforms, stretches } = operands;
  for (const { step, ...stage } of stages) {
    affineIcp(gpu, {
      surface: { source: cloud, step, targets: clouds },
      outline,
      transforms,
      stretches,
      extent: EXTENT,
      ...stage,
    });
  }
  const [rows, sums] = await Promise.all([gpu.read(transforms), gpu.read(stretches)]);
  return targets.map((_, t) => {
    const row = (r: number) => Array.from(rows.subarray(16 * t + 4 * r, 16 * t + 4 * r + 4));
    const [xx, yy, zz, xy, xz, yz, ...rest] = sums.subarray(8 * t, 8 * t + 8);
    deepEqual([row(3), rest], [[7, 7, 7, 7], [7, 7]], "what is not used has changed");
    return { motion: [row(0), row(1), row(2)], stretch: [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]] };
  });
}

/** The furthest that two motions put a point of the source apart, in metres. */
function apart(a: Affine, b: Affine, { surface }: Part): number {
  let most = 0;
  for (let i = 0; i < surface.count; i++) {
    const p = at(surface.points, i), [x, y] = [apply(a, p), apply(b, p)];
    most = Math.max(most, Math.hypot(...x.map((v, c) => v - y[c])));
  }
  return most;
}

/** AᵀA − 1: its largest entry. */
function stretchOf(m: Affine): number {
  const entry = (r: number, c: number) => m[0][r] * m[0][c] + m[1][r] * m[1][c] + m[2][r] * m[2][c] - +(r === c);
  return Math.max(...[0, 1, 2].flatMap((r) => [0, 1, 2].map((c) => Math.abs(entry(r, c)))));
}

const NO_STRETCH = [[0, 0, 0], [0, 0, 0], [0, 0, 0]];
const start = (motion: Affine, stretch = NO_STRETCH): State => ({
  motion: motion.map((row) => row.map(Math.fround)) as unknown as Affine,
  stretch: stretch.map((row) => row.map(Math.fround)),
});
const STAGES = [[0.004, 0.005, 8], [0.002, 0.0025, 8], [0.001, 0.001, 8]] as const;
const stages = (stiffness: number) =>
  STAGES.map(([surfaceRadius, outlineRadius, iterations]) => ({
    step: 2,
    surfaceRadius,
    outlineRadius,
    stiffness,
    iterations,
  }));

/** How far float32 may be from float64: a residual is off by 5 roundings of coordinates below 0.03 m, which a step makes at most tenfold. */
const FLOAT32 = 10 * 5 * 2 ** -24 * 0.03;

gpuTest("affineIcp() makes float64's step, at any price of stretching", async (gpu) => {
  const source = part(900, STAY, "source");
  const targets = [
    part(1500, turnedStretch(3, 1.02, [0.001, -5e-4, 3e-4]), "first target"),
    part(1100, turnedStretch(-2, 0.99, [0, 8e-4, -2e-4]), "second target"),
  ];
  const stretched = [[0.01, -0.004, 0.006], [-0.004, 0.02, 0.003], [0.006, 0.003, -0.03]];
  const starts = [start(STAY), start(turnedStretch(-1.5, 0.995, [1e-4, 5e-4, 0]), stretched)];
  for (const stiffness of [0, 0.02, 1e3]) {
    const options = { step: 2, surfaceRadius: 0.003, outlineRadius: 0.004, stiffness };
    const got = await register(gpu, source, targets, starts, [{ ...options, iterations: 1 }]);
    got.forEach(({ motion, stretch }, t) => {
      const want = referenceStep(source, targets[t], starts[t], options), off = apart(motion, want.motion, source);
      ok(off <= FLOAT32, `target ${t} at ${stiffness}: ${off} m from float64, ${FLOAT32} allowed`);
      ok(apart(starts[t].motion, want.motion, source) > 1000 * FLOAT32);
      const offStretch = Math.max(...stretch.flatMap((row, r) => row.map((v, c) => Math.abs(v - want.stretch[r][c]))));
      ok(offStretch <= FLOAT32 / EXTENT, `target ${t} at ${stiffness}: stretch ${offStretch} from float64`);
    });
  }
});

const truth = turnedStretch(5, 1.03, [0.002, 0, 0]);

gpuTest(
  "affineIcp() finds 5 degrees, 2 mm and a stretch of 3 % to 10 µm, with the same bits at a second run",
  async (gpu) => {
    const source = part(900, STAY, "source"), targets = [part(3000, truth, "target"), part(3000, STAY, "another")];
    const run = () => register(gpu, source, targets, [start(STAY), start(STAY)], stages(1e-4));
    const [got, still] = await run(), [sum] = got.stretch;
    ok(apart(STAY, truth, source) > 0.002);
    ok(apart(got.motion, truth, source) <= 1e-5, `${apart(got.motion, truth, source)} m from the truth`);
    // 10 µm over 18 mm is 6e-4; the sum of the steps is the stretch to first order: (5 degrees)² of it and (3 %)² are left out
    ok(Math.abs(Math.hypot(got.motion[0][0], got.motion[1][0]) - 1.03) <= 6e-4, `${got.motion} stretches otherwise`);
    ok(Math.abs(sum[0] - 0.03) <= 6e-4 + 0.03 * 0.087 ** 2 + 0.03 ** 2, `a stretch of ${sum[0]} is kept`);
    ok(
      apart(still.motion, STAY, source) <= 1e-5,
      `${apart(still.motion, STAY, source)} m of motion where there is none`,
    );
    deepEqual(await run(), [got, still], "a second run gives other bits");
  },
);

gpuTest("affineIcp() stays rigid where stretching is dear", async (gpu) => {
  const source = part(900, STAY, "source"), target = part(3000, truth, "target");
  const [{ motion }] = await register(gpu, source, [target], [start(STAY)], stages(1e3));
  // a thousandth of the stretch that the residuals want, twice in AᵀA, and 8 roundings in each of the steps
  const bound = 2 * 0.03 / 1e3 + 24 * 8 * 2 ** -24, turn = Math.atan2(motion[1][0], motion[0][0]) * 180 / Math.PI;
  ok(stretchOf(motion) <= bound, `AᵀA is ${stretchOf(motion)} from 1, ${bound} allowed`);
  ok(Math.abs(turn - 5) < 0.25, `turned by ${turn} degrees`);
  ok(stretchOf(truth) > 0.06);
});

gpuTest("affineIcp() is not pulled by a piece that is cut off", async (gpu) => {
  const shift = turnedStretch(0, 1, [3e-4, 2e-4, 1e-4]), whole = part(900, STAY, "source");
  const pairs: [string, Part, Part][] = [
    ["an end of the target", whole, part(3000, shift, "target", { keep: (x) => x < 0.008 })],
    ["a corner of the target", whole, part(3000, shift, "target", { keep: (x, y) => x + y < 0.012 })],
    [
      "a corner of the source",
      part(900, STAY, "source", { keep: (x, y) => x + y < 0.012 }),
      part(3000, shift, "target"),
    ],
  ];
  ok(pairs[2][1].outline.count < 0.9 * whole.outline.count);
  for (const [what, source, target] of pairs) {
    const [{ motion }] = await register(gpu, source, [target], [start(STAY)], stages(1e-3));
    ok(apart(motion, shift, whole) <= 1e-5, `without ${what} ${apart(motion, shift, whole)} m from the truth`);
  }
});

gpuTest("affineIcp() takes no outline whose direction is another, and none where there is none", async (gpu) => {
  const source = part(600, STAY, "source"), target = part(1500, turnedStretch(2, 1, [5e-4, 0, 0]), "target");
  const against = {
    ...target,
    outline: { ...target.outline, normals: target.outline.normals.map((v) => -v) },
  };
  const step = [{ step: 1, surfaceRadius: 0.002, outlineRadius: 0.003, stiffness: 0.01, iterations: 1 }];
  const nowhere = { ...target, outline: { ...target.outline, points: target.outline.points.map((v) => v + 1) } };
  const [agreeing, opposed, absent] = await register(
    gpu,
    source,
    [target, against, nowhere],
    [start(STAY), start(STAY), start(STAY)],
    step,
  );
  deepEqual(opposed, absent);
  notDeepEqual(agreeing, absent);
  const bare = (one: Part): Part => ({ ...one, outline: sorted([], []) });
  deepEqual(await register(gpu, bare(source), [bare(target)], [start(STAY)], step), [absent], "outlines of no points");
});

gpuTest("affineIcp() leaves all as it is where fewer than twelve pairs have weight", async (gpu) => {
  const source = part(600, STAY, "source"), near = part(1500, STAY, "near");
  const first = ({ points, normals, starts }: Sorted, count: number): Sorted => ({
    points: points.subarray(0, 4 * count) as Float32Array<ArrayBuffer>,
    normals: normals.subarray(0, 4 * count) as Float32Array<ArrayBuffer>,
    starts,
    count,
  });
  const from = start(turnedStretch(1, 1.01, [1e-4, 0, 0]), [[0.01, 0, 0], [0, 0, 0], [0, 0, 0.02]]);
  const step = [{ step: 1, surfaceRadius: 0.004, outlineRadius: 0.004, stiffness: 0.01, iterations: 2 }];
  for (const surface of [6, 7]) {
    const few = { surface: first(source.surface, surface), outline: first(source.outline, 5) };
    const [got] = await register(gpu, few, [near], [from], step);
    if (surface === 6) deepEqual(got, from);
    else notDeepEqual(got, from);
  }
});

gpuTest("affineIcp() refuses what cannot be", (gpu) => {
  using operands = upload(gpu, part(60, STAY, "source"), [part(60, STAY, "target")], [start(STAY)]);
  using two = upload(gpu, part(60, STAY, "source"), [part(60, STAY, "a"), part(60, STAY, "b")], [
    start(STAY),
    start(STAY),
  ]);
  const { source, targets, outline, transforms, stretches } = operands;
  const right: AffineIcpRequest = {
    surface: { source, step: 1, targets },
    outline,
    transforms,
    stretches,
    extent: EXTENT,
    surfaceRadius: 0.001,
    outlineRadius: 0.001,
    stiffness: 1,
    iterations: 1,
  };
  affineIcp(gpu, right);
  const without = { ...targets, normals: undefined };
  for (
    const wrong of [
      { surface: { ...right.surface, targets: without } },
      { outline: { ...outline, targets: { ...outline.targets, normals: undefined } } },
      { outline: { ...outline, targets: two.outline.targets } },
      { outline: { ...outline, directions: stretches } },
      { surface: { ...right.surface, targets: two.targets }, outline: two.outline, transforms: two.transforms },
      { transforms: stretches },
      { extent: 0 },
      { stiffness: -1 },
      { stiffness: Infinity },
      { surfaceRadius: 0 },
      { outlineRadius: NaN },
    ]
  ) throws(() => affineIcp(gpu, { ...right, ...wrong }), ShapeMismatch, Object.keys(wrong).join());
});
