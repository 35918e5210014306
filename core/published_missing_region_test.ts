import { deepEqual, equal, ok } from "node:assert/strict";
import { type Gpu, pillowBlur } from "../kernels/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { equationMissingRegion } from "./equation_missing_region.ts";
import type { ReconstructedShape } from "./plugin.ts";
import { publishedMissingRegion } from "./published_missing_region.ts";
import { randomStream } from "./random.ts";

const SIZE = 40;

type Place = readonly [x: number, y: number, z: number];

/** Measured pixels with their points, and a whole shape, metres. */
interface Case {
  readonly scan: ReadonlyMap<number, Place>;
  readonly shape: readonly Place[];
}

// The definition, in float64, point by point and pixel by pixel.

const squareOf = (a: Place, b: Place) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;

function nearest(places: readonly Place[], to: Place) {
  const squares = places.map((place) => squareOf(place, to)), square = Math.min(...squares);
  return { at: squares.indexOf(square), square };
}

/** Pixel of a place by the box of the scan: NumPy's linspace, and the insertion place among its values. */
function pixelOf({ scan }: Case, place: Place): number {
  const pixels = [...scan.keys()], places = [...scan.values()];
  const mean = [0, 1, 2].map((axis) => places.reduce((sum, p) => sum + p[axis], 0) / places.length);
  const radius = Math.max(...places.map((p) => Math.hypot(p[0] - mean[0], p[1] - mean[1], p[2] - mean[2])));
  const along = (axis: 0 | 1, places: readonly number[], coordinates: readonly number[]) => {
    const first = Math.min(...places), count = Math.max(...places) - first;
    const least = Math.min(...coordinates), step = (Math.max(...coordinates) - least) / (count - 1);
    const values = Array.from({ length: count }, (_, i) => least + i * step);
    const hit = values.findIndex((value) => Math.abs(value - place[axis]) <= 1e-5 * radius);
    return first + (hit >= 0 ? hit : values.filter((value) => value < place[axis]).length);
  };
  const column = along(0, pixels.map((p) => p % SIZE), places.map(([x]) => x));
  return along(1, pixels.map((p) => Math.floor(p / SIZE)), places.map(([, y]) => y)) * SIZE + column;
}

/** DBSCAN by growing one cluster after the other: the pixels of each. */
function clustersOf(map: readonly number[]): number[][] {
  const pixels = [...map.keys()].filter((pixel) => map[pixel] !== 0);
  const near = (a: number) =>
    pixels.filter((b) => (a % SIZE - b % SIZE) ** 2 + (Math.floor(a / SIZE) - Math.floor(b / SIZE)) ** 2 <= 64);
  const taken = new Set<number>(), clusters: number[][] = [];
  for (const seed of pixels) {
    if (taken.has(seed) || near(seed).length < 8) continue;
    const cluster: number[] = [], todo = [seed];
    while (todo.length > 0) {
      const pixel = todo.pop()!;
      if (taken.has(pixel)) continue;
      taken.add(pixel);
      cluster.push(pixel);
      const around = near(pixel);
      if (around.length >= 8) todo.push(...around);
    }
    clusters.push(cluster);
  }
  return clusters;
}

const inEllipse = (down: number, right: number) =>
  Math.abs(down) <= 1 && Math.abs(right) <= 2 || Math.abs(down) === 2 && right === 0;

function dilated(map: readonly number[]): number[] {
  let values = map;
  for (let time = 0; time < 3; time++) {
    const last = values;
    values = last.map((_, pixel) => {
      let most = 0;
      for (let r = 0; r < SIZE; r++) {
        for (let c = 0; c < SIZE; c++) {
          if (inEllipse(r - Math.floor(pixel / SIZE), c - pixel % SIZE)) most = Math.max(most, last[r * SIZE + c]);
        }
      }
      return most;
    });
  }
  return [...values];
}

/** The published map before its blur, and how many candidates and clusters were on the way. */
function published(given: Case) {
  const { scan, shape } = given, places = [...scan.values()];
  const u = places.map((place) => nearest(shape, place));
  const matched = u.map(({ at }) => shape[at]);
  const candidates = shape.filter((place) => nearest(matched, place).square > 0);
  let map: number[] = Array(SIZE * SIZE).fill(0);
  for (const place of candidates) map[pixelOf(given, place)] = 1000 * Math.sqrt(nearest(places, place).square);
  for (const pixel of scan.keys()) map[pixel] = 0;
  const clusters = clustersOf(map), peaks = clusters.map((cluster) => Math.max(...cluster.map((pixel) => map[pixel])));
  if (clusters.length > 0) {
    const kept = new Set(clusters[peaks.indexOf(Math.max(...peaks))]);
    map = map.map((value, pixel) => kept.has(pixel) ? value : 0);
  }
  const left = map.filter((value) => value > 0).length;
  map = dilated(map);
  [...scan.keys()].forEach((pixel, i) => map[pixel] = 1000 * Math.sqrt(u[i].square));
  return { map: Float32Array.from(map), candidates: candidates.length, clusters: clusters.length, left };
}

/** Equation 10 with DBSCAN and dilation. */
function equation(given: Case) {
  const places = [...given.scan.values()], map: number[] = Array(SIZE * SIZE).fill(0);
  for (const place of given.shape) map[pixelOf(given, place)] = 1e6 * nearest(places, place).square;
  const kept = new Set(clustersOf(map).flat());
  return Float32Array.from(dilated(map.map((value, pixel) => kept.has(pixel) ? value : 0)));
}

// Both functions on such a case.

const prepared = ({ scan }: Case) => ({
  pixels: Uint32Array.from(scan.keys()),
  hostPoints: Float32Array.from([...scan.values()].flat()),
  frame: { size: SIZE, width: SIZE, height: SIZE, side: SIZE, top: 0, left: 0 },
});

function reconstruction(gpu: Gpu, places: readonly Place[], shapes?: readonly ReconstructedShape[]) {
  const points = gpu.upload("f32", Float32Array.from(places.flatMap((place) => [...place, 0])));
  const dispose = () => points[Symbol.dispose]();
  return { points, shapes: shapes ?? [{ first: 0, count: places.length, weight: 1 }], [Symbol.dispose]: dispose };
}

async function matches(gpu: Gpu, given: Case) {
  const want = published(given);
  using whole = reconstruction(gpu, given.shape);
  using sharp = gpu.upload("f32", want.map), blurred = pillowBlur(gpu, { values: sharp, width: SIZE, height: SIZE });
  const { size, values, score } = await publishedMissingRegion(prepared(given), whole, { gpu });
  equal(size, SIZE);
  deepEqual(values, await gpu.read(blurred)); // the blur is compared with Pillow's where it is at home
  equal(score, Math.max(...values));
  const literal = await equationMissingRegion(prepared(given), whole, { gpu });
  deepEqual(literal.values, equation(given));
  equal(literal.score, Math.max(...literal.values));
  return want;
}

/** Steps of the coordinates: float32 holds them and their squares exactly, so that distances are equal or clearly not. */
const STEP = 1 / 1024;

/** A scan that has the pixels that `has` says, at whole steps or anywhere near them. */
function scanOf(has: (row: number, column: number) => boolean, jitter: () => number): Map<number, Place> {
  const scan = new Map<number, Place>();
  for (let pixel = 0; pixel < SIZE * SIZE; pixel++) {
    const row = Math.floor(pixel / SIZE), column = pixel % SIZE;
    const place = [column + jitter(), row + jitter(), 500].map((v) => Math.fround(v * STEP)) as unknown as Place;
    if (has(row, column)) scan.set(pixel, place);
  }
  return scan;
}

const inDisc = (row: number, column: number) => Math.hypot(row - 19, column - 20) < 13;

/** Points of the disc, and some outside of the scan's box; each place of whole steps often twice. */
function shapeOf(count: number, name: string, isWhole: boolean): Place[] {
  const random = randomStream(0, name);
  return Array.from({ length: count }, () => {
    const at = () => isWhole ? random.integer(34) + 3 : 3 + 34 * random.uniform();
    return [Math.fround(at() * STEP), Math.fround(at() * STEP), 0.5 + 0.125 * random.uniform()] as Place;
  });
}

const kinds: Record<string, (row: number, column: number) => boolean> = {
  "a whole disc": inDisc,
  "a disc without its right part": (row, column) => inDisc(row, column) && column < 24,
  "a disc with a hole": (row, column) => inDisc(row, column) && Math.hypot(row - 19, column - 20) > 6,
  "a disc with two holes": (row, column) =>
    inDisc(row, column) && Math.min(Math.hypot(row - 19, column - 13), Math.hypot(row - 19, column - 28)) > 4,
};

for (const [kind, has] of Object.entries(kinds)) {
  for (const isWhole of [true, false]) {
    gpuTest(`maps as published are float64's: ${kind}, ${isWhole ? "many ties" : "no ties"}`, async (gpu) => {
      const random = randomStream(1, kind), jitter = isWhole ? () => 0 : () => 0.4 * random.uniform();
      const given = { scan: scanOf(has, jitter), shape: shapeOf(900, kind, isWhole) };
      const { candidates, clusters, map } = await matches(gpu, given);
      ok(candidates > 20 && clusters > 0 && map.some((value) => value > 0));
    });
  }
}

/** A frame of measured pixels, 3 to 36: places of whole steps within it have the pixel that they have in the scan. */
const frame = scanOf((row, column) =>
  [row, column].some((v) => v === 3 || v === 36) && Math.min(row, column) >= 3 &&
  Math.max(row, column) <= 36, () => 0);
const framePlaces = [...frame.values()];

/** Places of a square of `side`² pixels. */
const square = (row: number, column: number, side: number): Place[] =>
  Array.from({ length: side * side }, (_, i) => [
    (column + i % side) * STEP,
    (row + Math.floor(i / side)) * STEP,
    0.5,
  ]);

gpuTest("publishedMissingRegion() keeps the cluster of the largest value, the first among equals", async (gpu) => {
  // eight pixels are enough for a cluster; the deepest of all is noise
  const near = square(6, 6, 3).slice(1), deep = square(28, 28, 3), single = square(18, 18, 1);
  const { clusters, left } = await matches(gpu, {
    scan: frame,
    shape: [...framePlaces, ...near, ...deep, ...single],
  });
  deepEqual([clusters, left], [2, 9]);
  // as far from the frame's left as from its right: the upper left one stays
  const equals = [...square(18, 6, 3), ...square(18, 31, 3)];
  const tied = await matches(gpu, { scan: frame, shape: [...framePlaces, ...equals] });
  deepEqual([tied.clusters, tied.left], [2, 9]);
  ok(tied.map[19 * SIZE + 7] > 0);
  equal(tied.map[19 * SIZE + 30], 0);
});

gpuTest("publishedMissingRegion() keeps everything where there is no cluster", async (gpu) => {
  const few = square(12, 12, 3).slice(2), far = square(28, 28, 1);
  const { clusters, left } = await matches(gpu, { scan: frame, shape: [...framePlaces, ...few, ...far] });
  deepEqual([clusters, left], [0, 8]);
});

gpuTest("publishedMissingRegion() lets later points overwrite earlier ones", async (gpu) => {
  // two places of one pixel, of different distances
  const far: Place[] = [[25.125 * STEP, 20 * STEP, 0.5], [25.625 * STEP, 20 * STEP, 0.5]];
  const around = square(19, 22, 3);
  for (const last of [far, far.toReversed()]) {
    const given = { scan: frame, shape: [...framePlaces, ...around, ...last] as Place[] };
    equal(pixelOf(given, far[0]), pixelOf(given, far[1]));
    await matches(gpu, given);
  }
  const [one, other] = [far, far.toReversed()].map((last) =>
    published({ scan: frame, shape: [...framePlaces, ...around, ...last] }).map
  );
  ok(one.some((value, i) => value !== other[i]));
});

gpuTest("publishedMissingRegion() without candidates has the distances of the scan's points", async (gpu) => {
  const { candidates, map } = await matches(gpu, { scan: frame, shape: [[20 * STEP, 20 * STEP, 0.5]] });
  equal(candidates, 0);
  ok(map.some((value) => value > 0));
});

gpuTest("maps as published are 0 where the reconstruction is the scan", async (gpu) => {
  using whole = reconstruction(gpu, framePlaces);
  for (const make of [publishedMissingRegion, equationMissingRegion]) {
    const { values, score } = await make(prepared({ scan: frame, shape: [] }), whole, { gpu });
    ok(values.every((value) => value === 0));
    equal(score, 0);
  }
});

gpuTest("maps as published are made of the heaviest shape, the first among equals", async (gpu) => {
  const [light, heavy, equalOne] = [square(8, 8, 4), square(16, 16, 5), square(24, 24, 6)];
  const shapes = [light, heavy, equalOne].map(({ length }, i, all) => ({
    first: all.slice(0, i).reduce((sum, { length }) => sum + length, 0),
    count: length,
    weight: i === 0 ? 0.2 : 0.4,
  }));
  using several = reconstruction(gpu, [...light, ...heavy, ...equalOne], shapes), one = reconstruction(gpu, heavy);
  const scan = prepared({ scan: frame, shape: [] });
  for (const make of [publishedMissingRegion, equationMissingRegion]) {
    const map = await make(scan, several, { gpu });
    deepEqual(map, await make(scan, one, { gpu }));
    ok(map.score > 0);
  }
});

gpuTest("equationMissingRegion() has squares in mm², of measured places too, and no noise, by hand", async (gpu) => {
  const alone: Place = [28 * STEP, 11 * STEP, 0.5], inside = square(17, 17, 3); // at most 16 steps from the frame
  const beside = Array.from({ length: 9 }, (_, i): Place => [(10 + i) * STEP, 2.5 * STEP, 0.5]); // half a step
  using whole = reconstruction(gpu, [...inside, alone, ...beside]);
  const { values, score } = await equationMissingRegion(prepared({ scan: frame, shape: [] }), whole, { gpu });
  equal(score, (1000 * 16 / 1024) ** 2);
  equal(values[19 * SIZE + 19], score);
  equal(values[3 * SIZE + 14], Math.fround((1000 * 0.5 / 1024) ** 2));
  equal(values[11 * SIZE + 28], 0);
});
