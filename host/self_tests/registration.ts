/** Self-tests of the kernels that register one cloud to others. @module */
import { randomStream } from "../../core/mod.ts";
import {
  affineIcp,
  alignmentCost,
  type ColumnShape,
  gatherColumns,
  type Gpu,
  icp,
  inColumnOrder,
  nearestInColumns,
  placeShapes,
  pointColumns,
  type StoredColumns,
} from "../../kernels/mod.ts";
import { equal, type KernelSelfTest, ROOT, ROUNDING, within, worstOf } from "./verdict.ts";

/** Whole coordinates: −8 … 7, and 0 … 3 up. Squares are exact, and there are many ties. */
function wholePoints(count: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, name), points = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    points.set([random.integer(16) - 8, random.integer(16) - 8, random.integer(4)], 4 * i);
  }
  return points;
}

/** A sorted cloud on the GPU, and its points on the host. */
function stored(gpu: Gpu, shape: ColumnShape, points: Float32Array, normals: Float32Array, owned: DisposableStack) {
  const { order, starts } = pointColumns(shape, points, 4), sorted = inColumnOrder(order, points, 4);
  const cloud: StoredColumns = {
    points: owned.use(gpu.upload("f32", sorted)),
    normals: owned.use(gpu.upload("f32", inColumnOrder(order, normals, 4))),
    starts: owned.use(gpu.upload("u32", starts)),
    count: order.length,
  };
  return { cloud, sorted, starts };
}

const SHAPE: ColumnShape = { least: [-6, -6], side: 2, across: 6 }; // some points lie outside
/** A quarter turn about z, and a shift. */
const QUARTER = [0, -1, 0, 2, 1, 0, 0, -1, 0, 0, 1, 1, 0, 0, 0, 0];
const STAY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0];

/** Two clouds of whole points. */
function wholeTargets(gpu: Gpu, owned: DisposableStack) {
  const clouds = [wholePoints(150, "first"), wholePoints(40, "second")].map((points) =>
    stored(gpu, SHAPE, points, points, owned)
  );
  return { clouds, targets: owned.use(gatherColumns(gpu, clouds.map(({ cloud }) => cloud), SHAPE)) };
}

const gathered: KernelSelfTest = {
  kernel: "gatherColumns",
  async run(gpu) {
    using owned = new DisposableStack();
    const { clouds: [a, b], targets } = wholeTargets(gpu, owned);
    const [points, starts] = await Promise.all([gpu.read(targets.points), gpu.read(targets.starts)]);
    return worstOf([
      equal(points, [...a.sorted, ...b.sorted]),
      equal(starts, [...a.starts, ...b.starts.map((start) => start + a.cloud.count)]),
    ]);
  },
};

/** For each whole query the places and squared distances of all points of both clouds within the reach, nearest first. */
function whatLiesNear(queries: Float32Array, clouds: readonly { readonly sorted: Float32Array }[], reach: number) {
  return Array.from({ length: queries.length / 4 }, (_, i) => {
    const [x, y, z] = queries.subarray(4 * i, 4 * i + 3);
    let base = 0;
    return [[2 - y, x - 1, z + 1], [x, y, z]].map((place, t) => {
      const { sorted } = clouds[t], found: { square: number; at: number }[] = [];
      for (let j = 0; j < sorted.length / 4; j++) {
        const square = place.reduce((sum, v, c) => sum + (v - sorted[4 * j + c]) ** 2, 0);
        if (square <= reach ** 2) found.push({ square, at: base + j });
      }
      base += sorted.length / 4;
      return found.sort((a, b) => a.square - b.square || a.at - b.at);
    });
  });
}

const FAR = 2 ** 128 * (1 - 2 ** -24), NONE = 0xffffffff;

const nearest: KernelSelfTest = {
  kernel: "nearestInColumns",
  async run(gpu) {
    using owned = new DisposableStack();
    const { clouds, targets } = wholeTargets(gpu, owned), points = wholePoints(90, "queries"), reach = 3;
    const queries = { values: owned.use(gpu.upload("f32", points)), count: 90 };
    const transforms = owned.use(gpu.upload("f32", Float32Array.of(...QUARTER, ...STAY)));
    const want = whatLiesNear(points, clouds, reach).flat();
    const verdicts = [];
    for (const k of [1, 5]) {
      using found = nearestInColumns(gpu, { queries, targets, transforms, k, reach });
      const [indices, squares] = await Promise.all([gpu.read(found.indices), gpu.read(found.squaredDistances)]);
      const first = want.flatMap((list) => Array.from({ length: k }, (_, i) => list[i] ?? { square: FAR, at: NONE }));
      verdicts.push(equal(indices, first.map(({ at }) => at)), equal(squares, first.map(({ square }) => square)));
    }
    return worstOf(verdicts);
  },
};

const cost: KernelSelfTest = {
  kernel: "alignmentCost",
  async run(gpu) {
    using owned = new DisposableStack();
    const { clouds, targets } = wholeTargets(gpu, owned), points = wholePoints(90, "queries"), cap = 1.75;
    const source = { values: owned.use(gpu.upload("f32", points)), count: 90 };
    const transforms = owned.use(gpu.upload("f32", Float32Array.of(...QUARTER, ...STAY)));
    const costs = owned.use(alignmentCost(gpu, { source, step: 1, targets, transforms, cap }));
    const near = whatLiesNear(points, clouds, cap);
    const want = clouds.map((_, t) =>
      near.reduce((sum, lists) => sum + (lists[t][0] ? Math.sqrt(lists[t][0].square) : cap), 0) / 90
    );
    return within(await gpu.read(costs), want, (ROOT + 90 * ROUNDING) * cap); // a root and a rounding of the sum for each point
  },
};

const registered: KernelSelfTest = {
  kernel: "icp",
  async run(gpu) {
    using owned = new DisposableStack();
    // a bowl on a slope, both clouds at the same places: where the motion is found every residual is 0, so the truth is the result
    const side = 24,
      count = side ** 2,
      angle = 0.06,
      c = Math.cos(angle),
      s = Math.sin(angle),
      shift = [4e-4, -6e-4, 3e-4];
    const points = new Float32Array(4 * count),
      moved = new Float32Array(4 * count),
      normals = new Float32Array(4 * count);
    for (let i = 0; i < count; i++) {
      const x = 0.04 * ((i % side) / (side - 1) - 0.5), y = 0.04 * (Math.floor(i / side) / (side - 1) - 0.5);
      const z = 15 * x * x + 25 * y * y + 10 * x * y, slope = [30 * x + 10 * y, 50 * y + 10 * x];
      const long = Math.hypot(...slope, 1), n = [-slope[0] / long, -slope[1] / long, 1 / long];
      points.set([x, y, z], 4 * i);
      moved.set([c * x - s * y + shift[0], s * x + c * y + shift[1], z + shift[2]], 4 * i);
      normals.set([c * n[0] - s * n[1], s * n[0] + c * n[1], n[2]], 4 * i);
    }
    const shape: ColumnShape = { least: [-0.024, -0.024], side: 0.004, across: 12 };
    const { cloud } = stored(gpu, shape, moved, normals, owned),
      targets = owned.use(gatherColumns(gpu, [cloud], shape));
    const source = { values: owned.use(gpu.upload("f32", points)), count };
    const transforms = owned.use(gpu.upload("f32", Float32Array.from(STAY)));
    icp(gpu, { source, step: 1, targets, transforms, radius: 0.003, iterations: 20 });
    const want = [c, -s, 0, shift[0], s, c, 0, shift[1], 0, 0, 1, shift[2], 0, 0, 0, 0];
    // residuals are off by 5 roundings of 0.03 m; over 0.01 m, a weakly held turn tenfold, that is an entry's error
    return within(await gpu.read(transforms), want, 10 * 5 * ROUNDING * 0.03 / 0.01);
  },
};

const stretched: KernelSelfTest = {
  kernel: "affineIcp",
  async run(gpu) {
    using owned = new DisposableStack();
    // a wavy bowl and a circle around it, all points moved alike: where the motion is found every residual is 0, so the truth is the result
    const side = 24, count = side ** 2, rim = 120, stretch = 1.01, c = Math.cos(0.02), s = Math.sin(0.02);
    const truth = [c * stretch, -s, 0, 2e-4, s * stretch, c, 0, -3e-4, 0, 0, 1, 1e-4, 0, 0, 0, 0];
    const across = (x: number, y: number) => [truth[0] * x + truth[1] * y, truth[4] * x + truth[5] * y];
    const outward = (n: readonly number[]) => { // by the inverse transpose
      const [x, y] = across(n[0] / stretch ** 2, n[1]), long = Math.hypot(x, y, n[2]);
      return [x / long, y / long, n[2] / long];
    };
    const points = new Float32Array(4 * count), moved = points.slice(), normals = points.slice();
    for (let i = 0; i < count; i++) {
      const x = 0.04 * ((i % side) / (side - 1) - 0.5), y = 0.04 * (Math.floor(i / side) / (side - 1) - 0.5);
      const z = 15 * x * x + 25 * y * y + 0.001 * Math.sin(250 * x) * Math.cos(200 * y), [u, v] = across(x, y);
      const slopeX = 30 * x + 0.25 * Math.cos(250 * x) * Math.cos(200 * y);
      const slopeY = 50 * y - 0.2 * Math.sin(250 * x) * Math.sin(200 * y);
      points.set([x, y, z], 4 * i);
      moved.set([u + truth[3], v + truth[7], z + truth[11]], 4 * i);
      normals.set(outward([-slopeX, -slopeY, 1]), 4 * i);
    }
    const circle = new Float32Array(4 * rim), movedCircle = circle.slice(), movedOut = circle.slice();
    for (let i = 0; i < rim; i++) {
      const angle = 2 * Math.PI * i / rim,
        x = 0.02 * Math.cos(angle),
        y = 0.02 * Math.sin(angle),
        [u, v] = across(x, y);
      circle.set([x, y, 0], 4 * i);
      movedCircle.set([u + truth[3], v + truth[7], 0], 4 * i);
      movedOut.set(outward([x, y, 0]), 4 * i);
    }
    const shape: ColumnShape = { least: [-0.024, -0.024], side: 0.004, across: 12 };
    const columns = (values: Float32Array, units: Float32Array) =>
      owned.use(gatherColumns(gpu, [stored(gpu, shape, values, units, owned).cloud], shape));
    const cloud = (values: Float32Array<ArrayBuffer>) => ({
      values: owned.use(gpu.upload("f32", values)),
      count: values.length / 4,
    });
    const transforms = owned.use(gpu.upload("f32", Float32Array.from(STAY)));
    affineIcp(gpu, {
      surface: { source: cloud(points), step: 1, targets: columns(moved, normals) },
      outline: {
        source: cloud(circle),
        directions: cloud(circle.map((v) => v / 0.02)).values,
        targets: columns(movedCircle, movedOut),
      },
      transforms,
      stretches: owned.use(gpu.upload("f32", new Float32Array(8))),
      extent: 0.02,
      surfaceRadius: 0.003,
      outlineRadius: 0.003,
      stiffness: 0,
      iterations: 20,
    });
    // residuals are off by 5 roundings of 0.03 m; over 0.01 m, a weakly held stretch tenfold, that is an entry's error
    return within(await gpu.read(transforms), truth, 10 * 5 * ROUNDING * 0.03 / 0.01);
  },
};

const placed: KernelSelfTest = {
  kernel: "placeShapes",
  async run(gpu) {
    using owned = new DisposableStack();
    const { clouds, targets } = wholeTargets(gpu, owned);
    const transforms = owned.use(gpu.upload("f32", Float32Array.of(...QUARTER, ...STAY)));
    const axes = [0, 1, 0, 0, 0, 1, 1, 0, 0], origin = [1, 2, 3];
    const want = clouds.flatMap(({ sorted }, t) =>
      Array.from({ length: sorted.length / 4 }, (_, i) => {
        const [x, y, z] = sorted.subarray(4 * i, 4 * i + 3), back = t === 0 ? [y + 1, 2 - x, z - 1] : [x, y, z];
        return [back[2] + 1, back[0] + 2, back[1] + 3, 0];
      }).flat()
    );
    const got = owned.use(placeShapes(gpu, { targets, transforms, axes, origin }));
    return equal(await gpu.read(got, want.length), want);
  },
};

/** Tests of sorted clouds, searches in them, registration, and what is placed by it. */
export const registrationSelfTests: readonly KernelSelfTest[] = [
  gathered,
  nearest,
  cost,
  registered,
  stretched,
  placed,
];
