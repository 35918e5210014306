/** Self-tests of the kernels that describe a surface: normals and histograms of features. @module */
import {
  fpfh,
  fpfhSizes,
  type Gpu,
  nearestNeighbours,
  normals,
  spfh,
  spreadRows,
  uploadRows,
} from "../../kernels/mod.ts";
import { cross, dot, histograms, scaled, type Vector } from "./histograms.ts";
import { equal, type KernelSelfTest, readRows, ROUNDING, type Verdict, within } from "./verdict.ts";

const POINTS = 400;

/** A bumpy ball of 3 cm radius, half a metre in front of the camera; normals of the ball, some turned over. */
function bumpyBall(): { points: Float32Array<ArrayBuffer>; outward: Float32Array<ArrayBuffer> } {
  const points = new Float32Array(4 * POINTS), outward = new Float32Array(4 * POINTS);
  for (let i = 0; i < POINTS; i++) {
    const angle = i * 2.399963, z = 1 - 2 * (i + 0.5) / POINTS, r = Math.sqrt(1 - z * z); // a spiral with even density
    const way: Vector = [r * Math.cos(angle), r * Math.sin(angle), z], radius = 0.03 * (1 + 0.05 * Math.sin(17 * i));
    points.set(scaled(radius, way), 4 * i);
    points[4 * i + 2] += 0.5;
    const tilted: Vector = [way[0] + 0.1 * Math.sin(5 * i), way[1], way[2] + 0.1 * Math.cos(3 * i)];
    outward.set(scaled((i % 3 === 0 ? -1 : 1) / Math.sqrt(dot(tilted, tilted)), tilted), 4 * i);
  }
  return { points, outward };
}
const vectorAt = (
  values: ArrayLike<number>,
  i: number,
): Vector => [values[4 * i], values[4 * i + 1], values[4 * i + 2]];

/** Rows of the covariance of some points. */
function covarianceOf(points: readonly Vector[]): readonly [Vector, Vector, Vector] {
  const mean = [0, 1, 2].map((c) => points.reduce((sum, p) => sum + p[c], 0) / points.length);
  const entry = (a: number, b: number) =>
    points.reduce((sum, p) => sum + (p[a] - mean[a]) * (p[b] - mean[b]), 0) / points.length;
  const row = (a: number): Vector => [entry(a, 0), entry(a, 1), entry(a, 2)];
  return [row(0), row(1), row(2)];
}

/** The two smaller eigenvalues of a symmetric matrix, by the closed form. */
function smallerEigenvalues([a, b, c]: readonly [Vector, Vector, Vector]): [number, number] {
  const q = (a[0] + b[1] + c[2]) / 3, off = a[1] ** 2 + a[2] ** 2 + b[2] ** 2;
  const p = Math.sqrt(((a[0] - q) ** 2 + (b[1] - q) ** 2 + (c[2] - q) ** 2 + 2 * off) / 6);
  const [x, y, z]: Vector[] = [[a[0] - q, a[1], a[2]], [b[0], b[1] - q, b[2]], [c[0], c[1], c[2] - q]];
  const angle = Math.acos(Math.max(-1, Math.min(1, dot(x, cross(y, z)) / (2 * p ** 3)))) / 3;
  const least = q + 2 * p * Math.cos(angle + 2 * Math.PI / 3), most = q + 2 * p * Math.cos(angle);
  return [least, 3 * q - least - most];
}

const surfaceNormals: KernelSelfTest = {
  kernel: "normals",
  async run(gpu) {
    const { points } = bumpyBall(), k = 16;
    using values = gpu.upload("f32", points);
    const cloud = { values, count: POINTS };
    using neighbours = nearestNeighbours(gpu, { cloud, k }),
      found = normals(gpu, { cloud, neighbours, k, orient: "sensor" });
    const [got, indices] = await Promise.all([gpu.read(found), gpu.read(neighbours.indices)]);
    const sines = Array.from({ length: POINTS }, (_, i) => {
      const normal = vectorAt(got, i);
      if (dot(normal, vectorAt(points, i)) > 0) return Infinity; // turned away from the camera
      const covariance = covarianceOf([...indices.subarray(i * k, (i + 1) * k)].map((j) => vectorAt(points, j)));
      const [least, next] = smallerEigenvalues(covariance);
      const image: Vector = [dot(covariance[0], normal), dot(covariance[1], normal), dot(covariance[2], normal)];
      // nᵀCn = λ₀ cos² + (λ₁ or λ₂) sin² is an upper bound of the angle's sine, and blind to its sign
      return Math.sqrt(Math.max(0, dot(normal, image) / dot(normal, normal) - least) / (next - least));
    });
    return within(sines, new Float64Array(POINTS), Math.PI / 180 * 0.05); // 0.05°: more would move histograms by a bin
  },
};

/** Histograms of the ball, the GPU's and float64's, without rows in which float32 may put a pair into the next bin. */
async function histogramVerdict(gpu: Gpu, which: "spfh" | "fpfh"): Promise<Verdict> {
  const { points, outward } = bumpyBall(), k = 14;
  using values = gpu.upload("f32", points), given = gpu.upload("f32", outward);
  const cloud = { values, count: POINTS };
  using neighbours = nearestNeighbours(gpu, { cloud, k });
  const options = { cloud, normals: given, neighbours, sizes: [k], form: "open3d" } as const;
  using found = which === "spfh" ? spfh(gpu, options) : fpfh(gpu, options);
  const [got, indices] = await Promise.all([readRows(gpu, found), gpu.read(neighbours.indices)]);
  const lists = Array.from({ length: POINTS }, (_, i) => [...indices.subarray(i * k, (i + 1) * k)]);
  const cast = (array: Float32Array) => Array.from({ length: POINTS }, (_, i) => vectorAt(array, i));
  const want = histograms(cast(points), cast(outward), lists);
  const certain = want[which].map(({ row, certain }, i) => ({ row, i, certain })).filter((entry) => entry.certain);
  // no row to compare would be no test
  if (certain.length < POINTS / 4) return { ok: false, worst: Infinity, bound: 0 };
  // weights of about 8 roundings, a sum of k, scaled; relative to sums of up to 200
  const deviations = certain.map(({ row, i }) =>
    Math.max(...row.map((v, c) => Math.abs(got[33 * i + c] - v) / (v + 1)))
  );
  return within(deviations, new Float64Array(certain.length), (2 * k + 16) * ROUNDING);
}

const wholeChain: KernelSelfTest = {
  kernel: "fpfhSizes",
  async run(gpu) {
    const { points } = bumpyBall(), normalK = 12, sizes = [14, 6];
    using values = gpu.upload("f32", points);
    const cloud = { values, count: POINTS };
    using neighbours = nearestNeighbours(gpu, { cloud, k: sizes[0] });
    using own = normals(gpu, { cloud, neighbours, k: normalK, orient: "sensor" });
    using want = fpfh(gpu, { cloud, normals: own, neighbours, sizes, form: "paper" });
    using found = fpfhSizes(gpu, {
      cloud,
      normalK,
      sizes,
      orient: "sensor",
      form: "paper",
      mostBytes: 8 * sizes[0] * 150,
    });
    const [got, wanted] = await Promise.all([readRows(gpu, found.rows), readRows(gpu, want)]);
    return equal(got, wanted); // in three pieces it must be what its parts give, to the bit
  },
};

const spreading: KernelSelfTest = {
  kernel: "spreadRows",
  async run(gpu) {
    const cells = 4, sigma = 0.75, weight = (steps: number) => Math.exp(-(steps ** 2) / (2 * sigma ** 2));
    using rows = uploadRows(gpu, [8, 4], 1), target = uploadRows(gpu, new Float32Array(3), 1);
    const rowOf = new Uint32Array(cells * cells).fill(0xffffffff);
    rowOf.set([0, 1]); // two rows side by side in a corner
    using places = gpu.upload("u32", rowOf), pointCells = gpu.upload("u32", Uint32Array.of(1, 4, 15));
    const into = { rows: target, column: 0 };
    spreadRows(gpu, { rows, rowOf: places, cells, pointCells, sigma, into });
    const mean = (left: number, right: number) => (8 * left + 4 * right) / (left + right);
    // beside them, below the first, and too far for a mean: the nearer one
    const want = [mean(weight(1), 1), mean(weight(1), weight(1) ** 2), 4];
    return within(await readRows(gpu, target), want, 8 * 8 * ROUNDING); // two weights, products, sums and a division
  },
};

/** Tests of normals and features. */
export const surfaceSelfTests: readonly KernelSelfTest[] = [
  surfaceNormals,
  { kernel: "spfh", run: (gpu) => histogramVerdict(gpu, "spfh") },
  { kernel: "fpfh", run: (gpu) => histogramVerdict(gpu, "fpfh") },
  wholeChain,
  spreading,
];
