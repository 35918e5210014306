/** Self-tests of the kernels on maps. @module */
import { randomStream } from "../../core/mod.ts";
import {
  discMaximum,
  distanceTransform,
  frontierDistance,
  gaussianBlur,
  largest,
  pillowBlur,
  poolPatches,
  resizeBilinear,
  uploadRows,
} from "../../kernels/mod.ts";
import { equal, type KernelSelfTest, readRows, ROUNDING, type Verdict, within, worstOf } from "./verdict.ts";

/** Values in [0, 1). */
function randomValues(length: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, name);
  return Float32Array.from({ length }, () => random.uniform());
}
const clamp = (i: number, n: number): number => Math.max(0, Math.min(n - 1, i));

/** A map of which each row, then each column, went through `filter`, which gives value `i` of a line of `n`. */
function alongBothAxes(
  map: ArrayLike<number>,
  [height, width]: readonly [number, number],
  filter: (at: (i: number) => number, i: number, n: number) => number,
): number[] {
  const rows = Array.from({ length: height * width }, (_, p) => {
    const x = p % width;
    return filter((i) => map[p - x + i], x, width);
  });
  return rows.map((_, p) => filter((i) => rows[p % width + i * width], Math.floor(p / width), height));
}

const gaussian: KernelSelfTest = {
  kernel: "gaussianBlur",
  async run(gpu) {
    const size = [21, 30] as const, map = randomValues(21 * 30, "map"), sigma = 1.5, radius = 6;
    const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)));
    const total = weights.reduce((a, b) => a + b), bound = 2 * (2 * radius + 4) * ROUNDING; // of each term and sum, two passes
    using values = gpu.upload("f32", map);
    const verdicts: Verdict[] = [];
    for (const edge of ["repeat", "zero"] as const) {
      using found = gaussianBlur(gpu, { values, width: 30, height: 21, sigma, edge });
      const want = alongBothAxes(map, size, (at, i, n) =>
        weights.reduce((sum, weight, t) => {
          const j = i + t - radius;
          return sum + (edge === "zero" && (j < 0 || j >= n) ? 0 : weight / total * at(clamp(j, n)));
        }, 0));
      verdicts.push(within(await gpu.read(found), want, bound));
    }
    return worstOf(verdicts);
  },
};

const pillow: KernelSelfTest = {
  kernel: "pillowBlur",
  async run(gpu) {
    const width = 26, height = 19, top = 2;
    // halves between two levels, so that no rounding of the division moves one; and the largest value itself
    const levels = Array.from(randomValues(width * height, "levels"), (v) => Math.floor(250 * v));
    levels[100] = 255;
    const map = Float32Array.from(levels, (level) => level === 255 ? top : (level + 0.5) / 255 * top);
    const box = (at: (i: number) => number, i: number, n: number): number => {
      let sum = 0;
      for (let t = -3; t <= 3; t++) sum += 2130440 * at(clamp(i + t, n));
      sum += 932068 * (at(clamp(i - 4, n)) + at(clamp(i + 4, n)));
      return Math.floor((sum + 2 ** 23) / 2 ** 24);
    };
    let want: number[] = levels;
    const across = (map: number[], horizontal: boolean) =>
      map.map((_, p) =>
        horizontal
          ? box((i) => map[p - p % width + i], p % width, width)
          : box((i) => map[p % width + i * width], Math.floor(p / width), height)
      );
    for (let pass = 0; pass < 6; pass++) want = across(want, pass < 3);
    using values = gpu.upload("f32", map), found = pillowBlur(gpu, { values, width, height, radius: 4 });
    return within(await gpu.read(found), want.map((level) => level / 255 * top), 8 * ROUNDING * top);
  },
};

const resized: KernelSelfTest = {
  kernel: "resizeBilinear",
  async run(gpu) {
    const from = [9, 12] as const, to = [31, 28] as const, map = randomValues(9 * 12, "map");
    const place = (i: number, n: number, length: number) => {
      const x = Math.max((i + 0.5) * n / length - 0.5, 0), at = Math.min(Math.floor(x), n - 1);
      return { at, next: Math.min(at + 1, n - 1), weight: x - at };
    };
    const want = Array.from({ length: to[0] * to[1] }, (_, p) => {
      const row = place(Math.floor(p / to[1]), from[0], to[0]), column = place(p % to[1], from[1], to[1]);
      const line = (r: number) =>
        map[r * from[1] + column.at] * (1 - column.weight) + map[r * from[1] + column.next] * column.weight;
      return line(row.at) * (1 - row.weight) + line(row.next) * row.weight;
    });
    using values = gpu.upload("f32", map), found = resizeBilinear(gpu, { values, from, to });
    // a place up to 12 is off by its division's 5 half units and a subtraction, and a map changes by up to 1 a pixel; then 8 roundings
    return within(await gpu.read(found), want, (2 * 6 * 12 + 8) * ROUNDING);
  },
};

const most: KernelSelfTest = {
  kernel: "largest",
  async run(gpu) {
    const map = randomValues(70_000, "map");
    map[43_210] = map[60_000] = 3; // the first of two counts
    using values = gpu.upload("f32", map), found = largest(gpu, values);
    const [[value], [index]] = await Promise.all([gpu.read(found.value), gpu.read(found.index)]);
    return equal([value, index], [3, 43_210]);
  },
};

const pooled: KernelSelfTest = {
  kernel: "poolPatches",
  async run(gpu) {
    const size = 20, cells = 5, columns = 3, random = randomStream(0, "pixels"), none = 0xffffffff, mean = size - 2;
    let points = 0;
    const rowOf = Uint32Array.from(
      { length: size * size },
      (_, p) => p % size > 8 && random.uniform() < 0.6 ? points++ : none,
    );
    const data = randomValues(points * columns, "rows");
    /** Weight of a pixel in a cell along one axis: a mean of three, then a mean over the cell's window. */
    const weight = (cell: number, pixel: number) => {
      const begin = Math.floor(mean * cell / cells), end = Math.ceil(mean * (cell + 1) / cells);
      let times = 0;
      for (let i = begin; i < end; i++) if (pixel >= i && pixel <= i + 2) times++;
      return times / (3 * (end - begin));
    };
    using rows = uploadRows(gpu, data, columns), pointOf = gpu.upload("u32", rowOf);
    const verdicts: Verdict[] = [];
    for (const form of ["zeros", "masked"] as const) {
      const want: number[] = [];
      for (let cell = 0; cell < cells * cells; cell++) {
        const sum = new Float64Array(columns);
        let total = 0;
        rowOf.forEach((row, p) => {
          if (row === none) return;
          const w = weight(Math.floor(cell / cells), Math.floor(p / size)) * weight(cell % cells, p % size);
          total += w;
          for (let c = 0; c < columns; c++) sum[c] += w * data[row * columns + c];
        });
        want.push(...sum.map((v) => form === "zeros" ? v : total > 0 ? v / total : 0));
      }
      using found = poolPatches(gpu, { rows, pointOf, size, cells, form });
      // at most 49 pixels of a cell are added, each weighed with 4 roundings; `masked` divides two such sums
      verdicts.push(within(await readRows(gpu, found), want, (form === "zeros" ? 1 : 2) * (49 + 8) * ROUNDING));
    }
    return worstOf(verdicts);
  },
};

/** Squared distance of two pixels of a map. */
const apart = (a: number, b: number, size: number): number =>
  (a % size - b % size) ** 2 + (Math.floor(a / size) - Math.floor(b / size)) ** 2;

const distances: KernelSelfTest = {
  kernel: "distanceTransform",
  async run(gpu) {
    const size = 30, map = new Uint32Array(size ** 2).fill(0xffffffff), points = [3, 4, 251, 480, 888];
    for (const point of points) map[point] = point;
    const want = Array.from(map, (_, pixel) => Math.min(...points.map((point) => apart(pixel, point, size))));
    using pointOf = gpu.upload("u32", map), found = distanceTransform(gpu, { pointOf, size });
    return equal(await gpu.read(found), want);
  },
};

const discs: KernelSelfTest = {
  kernel: "discMaximum",
  async run(gpu) {
    const size = 30, reach = 9, random = randomStream(0, "discs");
    const map = Float32Array.from({ length: size ** 2 }, () => random.uniform() < 0.1 ? 1 + random.integer(9) : 0);
    const radii = Float32Array.from(map, () => random.integer(12) ** 2);
    const inside = Uint32Array.from(map, () => random.integer(3));
    const want = Array.from(map, (_, p) => {
      const covers = (q: number) =>
        apart(p, q, size) < Math.max(radii[q], 0.25) && apart(p, q, size) <= reach ** 2 && inside[p] > 0;
      return map.reduce((best, value, q) => covers(q) ? Math.max(best, value) : best, 0);
    });
    using values = gpu.upload("f32", map), squares = gpu.upload("f32", radii), mask = gpu.upload("u32", inside);
    using found = discMaximum(gpu, { values, squares, mask, size, reach });
    return equal(await gpu.read(found), want);
  },
};

const frontiers: KernelSelfTest = {
  kernel: "frontierDistance",
  async run(gpu) {
    const points = Array.from({ length: 40 }, (_, i) => [1 + i, 1600 - i * i]), count = 300, scale = 0.5;
    const s1 = randomValues(count, "feature").map((v) => 120 * v),
      s2 = randomValues(count, "missing").map((v) => 3000 * v);
    s1[7] = s2[7] = 0;
    const above = (x: number, y: number) => Math.hypot(Math.max(0, x), Math.max(0, y));
    const corners = [...points, [0, -Infinity]].map(([, y], i) => [i > 0 ? points[i - 1][0] : -Infinity, y]);
    const signed = (x: number, y: number) => {
      const outside = Math.min(...points.map(([px, py]) => above(x - px, y - py)));
      return outside > 0 ? outside : -Math.min(...corners.map(([cx, cy]) => above(cx - x, cy - y)));
    };
    const want = Array.from(s1, (v, i) => signed(scale * v, s2[i]) - signed(0, 0));
    using feature = gpu.upload("f32", s1), missing = gpu.upload("f32", s2);
    using frontier = gpu.upload("f32", Float32Array.from(points.flat()));
    using found = frontierDistance(gpu, { feature, missing, scale, frontier, count });
    // a difference of numbers up to 3000, its square, a sum and a root; then a difference
    return within(await gpu.read(found), want, 8 * ROUNDING * 3000);
  },
};

/** Tests of pooling, smoothing, resizing, distances, discs and frontiers. */
export const mapSelfTests: readonly KernelSelfTest[] = [
  pooled,
  resized,
  gaussian,
  pillow,
  most,
  distances,
  discs,
  frontiers,
];
