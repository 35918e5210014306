import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Gpu } from "../kernels/mod.ts";
import { gpuTest, tinyScan } from "../testing/mod.ts";
import { pitchOf } from "./camera.ts";
import { equationMissingRegion } from "./equation_missing_region.ts";
import {
  createRun,
  type MissingOptions,
  missingPresets,
  missingRegion,
  prepare,
  type Prepared,
  prepareOptions,
  type Reconstruction,
  type Scan,
  ScanRefused,
} from "./mod.ts";
import { publishedMissingRegion } from "./published_missing_region.ts";

/** Pixels along a side of scan and map; a pixel is a millimetre. The plate covers pixels 14 to 49 of both. */
const SIZE = 64, FIRST = 14, LAST = 49, TABLE = 0.5;

/** Pixels of a box, both ends included. */
const box = (top: number, left: number, bottom: number, right: number): number[] =>
  Array.from({ length: SIZE * SIZE }, (_, pixel) => pixel).filter((pixel) => {
    const row = Math.floor(pixel / SIZE), column = pixel % SIZE;
    return row >= top && row <= bottom && column >= left && column <= right;
  });

/** From the plate's left side, 12 × 12. */
const bite = box(20, FIRST, 31, 25);

/** The tiny plate, without what is gone: the table is seen there. Seen through parallel rays, or by a camera in the origin. */
function plate(gone: readonly number[] = [], central = false): Scan {
  const scan = tinyScan({ seed: 1 });
  for (const pixel of gone) scan.points[3 * pixel + 2] = TABLE;
  if (central) scan.points.forEach((z, i) => i % 3 === 2 && [1, 2].forEach((k) => scan.points[i - k] *= z / TABLE));
  return scan;
}

const ready = (gpu: Gpu, scan: Scan): Prepared => prepare(scan, prepareOptions.parse({ size: SIZE }), createRun(gpu));

/** A whole shape by the pixels at which it was seen; spacing and usual depths of its points, metres. */
interface Shape {
  readonly points: ReadonlyMap<number, readonly number[]>;
  readonly weight?: number;
  readonly spacing?: (pixel: number) => number;
  readonly usual?: (pixel: number) => number;
}

const gridSpacing = () => 0.001;

/** The points of a scan's plate, or those of some of its pixels, wherever these are. */
function shapeOf({ points }: Scan, of: readonly number[] = box(FIRST, FIRST, LAST, LAST)): Shape["points"] {
  return new Map(of.map((pixel) => [pixel, [...points.subarray(3 * pixel, 3 * pixel + 3)]]));
}

/** The shapes on the GPU; without spacing, where `measured`. */
function reconstruction(gpu: Gpu, shapes: readonly Shape[], measured = false): Reconstruction {
  const of = (value: (shape: Shape) => ((pixel: number) => number) | undefined, otherwise: (pixel: number) => number) =>
    Float32Array.from(shapes.flatMap((shape) => [...shape.points.keys()].map(value(shape) ?? otherwise)));
  using owned = new DisposableStack();
  const flat = shapes.flatMap(({ points }) => [...points.values()].flatMap((point) => [...point, 0]));
  const points = owned.use(gpu.upload("f32", Float32Array.from(flat)));
  const spacing = measured ? undefined : owned.use(gpu.upload("f32", of(({ spacing }) => spacing, gridSpacing)));
  const usual = shapes.some((shape) => shape.usual)
    ? owned.use(gpu.upload("f32", of(({ usual }) => usual, () => 0)))
    : undefined;
  let count = 0;
  const ranges = shapes.map(({ points: { size }, weight = 1 }) => ({
    first: (count += size) - size,
    count: size,
    weight,
  }));
  const kept = owned.move();
  return { points, spacing, usual, shapes: ranges, [Symbol.dispose]: () => kept.dispose() };
}

/** The map of a scan by these shapes. */
async function mapOf(
  gpu: Gpu,
  scan: Scan,
  shapes: readonly Shape[],
  changes: Partial<MissingOptions> = {},
  measured = false,
) {
  using prepared = ready(gpu, scan), whole = reconstruction(gpu, shapes, measured);
  return await missingRegion(prepared, whole, { ...missingPresets.default, ...changes }, createRun(gpu));
}

/** Of each pixel the pixels to the nearest one that has a point. */
function depthsOf({ pixels }: Pick<Prepared, "pixels">): number[] {
  const measured = [...pixels].map((pixel) => [pixel % SIZE, Math.floor(pixel / SIZE)]);
  return Array.from({ length: SIZE * SIZE }, (_, pixel) => {
    const x = pixel % SIZE, y = Math.floor(pixel / SIZE);
    return Math.sqrt(measured.reduce((least, [u, v]) => Math.min(least, (u - x) ** 2 + (v - y) ** 2), Infinity));
  });
}

/**
 * The definition in float64, without its last steps (small pieces, halo): Σ of weights times depth beyond the usual over the shapes seen in
 * that very pixel, its maximum over all pixels whose gap reaches here, where half of the shapes have material.
 */
function definition(prepared: Prepared, shapes: readonly Shape[]): number[] {
  const depths = depthsOf(prepared), pitch = pitchOf(prepared.camera!, prepared.hostPoints);
  const evidence = depths.map((depth, pixel) =>
    shapes.filter(({ points }) => points.has(pixel)).reduce(
      (sum, { weight = 1, usual = () => 0 }) => sum + 1000 * weight * Math.max(0, depth * pitch - usual(pixel)),
      0,
    )
  );
  const sources = [...evidence.keys()].filter((pixel) => evidence[pixel] > 0);
  return depths.map((depth, pixel) => {
    const share = shapes.reduce((sum, { points, weight = 1 }) => sum + (points.has(pixel) ? weight : 0), 0);
    if (depth === 0 || share < 0.499999) return 0;
    const x = pixel % SIZE, y = Math.floor(pixel / SIZE);
    const reaching = sources.filter((at) => Math.hypot(at % SIZE - x, Math.floor(at / SIZE) - y) < depths[at]);
    return reaching.reduce((most, at) => Math.max(most, evidence[at]), 0);
  });
}

/** Share of the map's peak that the halo has at most: a fifth of a mean of values. */
const HALO = 0.2;

/** Roundings of float32: a root, a pitch, a product and a sum a shape. */
const ROUNDING = 16 * 2 ** -24;

/** Checks a map against the definition, and gives it. */
async function isDefinition(gpu: Gpu, scan: Scan, shapes: readonly Shape[]) {
  using prepared = ready(gpu, scan);
  const wanted = definition(prepared, shapes), peak = Math.max(...wanted), map = await mapOf(gpu, scan, shapes);
  ok(peak > 2, `${peak}`);
  ok(Math.abs(map.score - peak) <= ROUNDING * peak, `${map.score}, not ${peak}`);
  wanted.forEach((value, pixel) => {
    const above = map.values[pixel] - value;
    ok(
      above >= -ROUNDING * peak && above <= Math.max(0, HALO * peak - value) + ROUNDING * peak,
      `${pixel}: ${map.values[pixel]}, not ${value}`,
    );
  });
  return map;
}

const isSilent = ({ values, score }: { values: Float32Array; score: number }) =>
  score === 0 && values.length === SIZE * SIZE && values.every((value) => value === 0);

await gpuTest("a complete scan has a map of zeros, also by shapes that are a pixel larger all around", async (gpu) => {
  for (const central of [false, true]) {
    const scan = plate([], central);
    ok(isSilent(await mapOf(gpu, scan, [{ points: shapeOf(scan) }])));
    ok(isSilent(await mapOf(gpu, scan, [{ points: shapeOf(scan, box(FIRST - 1, FIRST - 1, LAST + 1, LAST + 1)) }])));
    const larger = await mapOf(gpu, scan, [{ points: shapeOf(scan, box(FIRST, FIRST - 4, LAST, LAST)) }]);
    ok(larger.score > 3.9, "four pixels of the table are no sliver");
  }
});

await gpuTest("a bite stands out as deep as it is, and nothing else does", async (gpu) => {
  for (const central of [false, true]) {
    const { values, score } = await isDefinition(gpu, plate(bite, central), [{ points: shapeOf(plate([], central)) }]);
    // 12 rows: 6 pixels from the middle to what is measured above or below, of about a millimetre
    ok(Math.abs(score - 6) < (central ? 0.12 : 1e-5), `${score}`);
    const bitten = new Set(bite), others = values.filter((_, pixel) => !bitten.has(pixel));
    const [least, most] = [Math.min(...bite.map((pixel) => values[pixel])), Math.max(...others)];
    ok(least > 5 * most && most < HALO * score, `${least} inside, ${most} outside`);
    ok(others.some((value) => value > 0) && others.some((value) => value === 0));
  }
});

await gpuTest(
  "beside a gap the halo is stronger on the table than on the part, and weaker farther off",
  async (gpu) => {
    const { values } = await mapOf(gpu, plate(bite), [{ points: shapeOf(plate()) }]);
    const [beside, farther, onPart] = [13, 10, 26].map((column) => values[25 * SIZE + column]);
    ok(beside > farther && farther > 0 && onPart > 0 && beside > 5 * onPart, `${beside}, ${farther}, ${onPart}`);
  },
);

await gpuTest("a hole and a whole missing end are as the definition has them", async (gpu) => {
  const whole = [{ points: shapeOf(plate()) }];
  for (const gone of [box(25, 28, 34, 37), box(FIRST, 36, LAST, LAST)]) await isDefinition(gpu, plate(gone), whole);
});

await gpuTest("a slit of one pixel stays silent, one of five does not", async (gpu) => {
  const whole = [{ points: shapeOf(plate()) }];
  ok(isSilent(await mapOf(gpu, plate(box(FIRST, 30, LAST, 30)), whole)));
  const wide = await isDefinition(gpu, plate(box(FIRST, 30, LAST, 34)), whole);
  ok(Math.abs(wide.score - 3) < 1e-5);
});

await gpuTest("depths that normal scans have are no evidence, and what goes beyond them is", async (gpu) => {
  const points = shapeOf(plate()), scan = plate(bite);
  ok(isSilent(await mapOf(gpu, scan, [{ points, usual: () => 0.0065 }])));
  const beyond = await isDefinition(gpu, scan, [{ points, usual: () => 0.0025 }]);
  ok(Math.abs(beyond.score - 3.5) < 1e-5, `${beyond.score}`);
  const above = await isDefinition(gpu, scan, [{ points, usual: (pixel) => pixel < 26 * SIZE ? 0.0065 : 0 }]);
  equal(above.score, (await mapOf(gpu, scan, [{ points }])).score, "known of other places only");
});

await gpuTest("a place counts where at least half of the shapes have material", async (gpu) => {
  const scan = plate(bite), bitten = new Set(bite), points = shapeOf(plate());
  const without = new Map([...points].filter(([pixel]) => !bitten.has(pixel)));
  const shapes = (weight: number) => [{ points, weight }, { points: without, weight: 1 - weight }];
  const most = await isDefinition(gpu, scan, shapes(0.6));
  ok(Math.abs(most.score - 0.6 * 6) < 1e-5, `${most.score}`);
  ok(isSilent(await mapOf(gpu, scan, shapes(0.4))));
  ok((await mapOf(gpu, scan, shapes(0.5))).score > 2.9);
  const [one, other] = [bite.slice(0, 72), bite.slice(72)].map((gone) => ({
    points: new Map([...points].filter(([pixel]) => !gone.includes(pixel))),
    weight: 0.5,
  }));
  await isDefinition(gpu, scan, [one, other]);
});

await gpuTest("spacing that is absent is measured, within each shape", async (gpu) => {
  const scan = plate(bite), all = shapeOf(plate());
  const every = (step: number) =>
    new Map([...all].filter(([p]) => p % SIZE % step === 0 && Math.floor(p / SIZE) % step === 0));
  const points = [every(2), every(1)];
  const measured = points.map((shape) => {
    const third = ([x, y, z]: readonly number[]) =>
      [...shape.values()].map((q) => Math.hypot(x - q[0], y - q[1], z - q[2])).sort((a, b) => a - b)[3];
    return new Map([...shape].map(([pixel, point]) => [pixel, third(point)]));
  });
  const shapes = points.map((points, i) => ({
    points,
    weight: i === 0 ? 0.6 : 0.4,
    spacing: (p: number) => measured[i].get(p)!,
  }));
  const map = await mapOf(gpu, scan, shapes);
  ok(map.score > 2);
  deepEqual(await mapOf(gpu, scan, shapes, {}, true), map);
  const narrow = await mapOf(gpu, scan, shapes.map((shape) => ({ ...shape, spacing: () => 0 })));
  ok(narrow.values.some((value, i) => value < map.values[i]), "sparse points leave no pixel between them uncovered");
});

/** The plate's points, `step` pixels apart from edge to edge; between pixels the means of those about the place. */
function sparse({ points }: Scan, step: number): Shape["points"] {
  const along = Array.from({ length: (LAST - FIRST) / step + 1 }, (_, i) => FIRST + i * step);
  const ends = (place: number) => [Math.floor(place), Math.ceil(place)];
  return new Map(along.flatMap((row) =>
    along.map((column) => {
      const about = ends(row).flatMap((v) => ends(column).map((u) => v * SIZE + u));
      return [about[0], [0, 1, 2].map((axis) => about.reduce((sum, pixel) => sum + points[3 * pixel + axis] / 4, 0))];
    })
  ));
}

await gpuTest("a sparse shape whose spacing is measured ends at its outline, not where its discs do", async (gpu) => {
  const near = new Set(box(19, FIRST - 1, 32, 26)); // the bite and a pixel around it
  for (const [central, step] of [[false, 3.5], [false, 5], [true, 3.5]] as const) {
    const shapes = [{ points: sparse(plate([], central), step), spacing: () => step / 1000 }];
    ok(isSilent(await mapOf(gpu, plate([], central), shapes, {}, true)));
    const marked = async (measured: boolean) => {
      const { values, score } = await mapOf(gpu, plate(bite, central), shapes, {}, measured);
      return [...values.keys()].filter((pixel) => values[pixel] > HALO * score);
    };
    const found = await marked(true), about = `${step} apart, central: ${central}`;
    deepEqual(found.filter((pixel) => !near.has(pixel)), [], about);
    const covered = bite.filter((pixel) => found.includes(pixel));
    ok(covered.length > 0.95 * bite.length, `${about}: ${covered.length}`);
    const wide = (await marked(false)).filter((pixel) => !near.has(pixel));
    ok(wide.length > 10, `${about}: the discs reach over ${wide.length} pixels`);
  }
});

await gpuTest("points of no whole shape, which have a spacing below 0, are no material", async (gpu) => {
  const bitten = new Set(bite), spacing = (pixel: number) => bitten.has(pixel) ? -1 : 0.001;
  ok(isSilent(await mapOf(gpu, plate(bite), [{ points: shapeOf(plate()), spacing }])));
});

await gpuTest("each option changes something", async (gpu) => {
  const whole = [{ points: shapeOf(plate()) }];
  const slit = plate(box(FIRST, 30, LAST, 30)), hole = plate(box(30, 30, 32, 32)); // 1 deep; 2 deep and of 9 pixels
  const { score } = await mapOf(gpu, slit, whole, { leastDepth: 0.5 });
  ok(Math.abs(score - 1) < 1e-6, `${score}`);
  ok(isSilent(await mapOf(gpu, hole, whole, { leastDepth: 1 })));
  ok((await mapOf(gpu, hole, whole, { leastDepth: 1, leastArea: 9 })).score > 1.9);
  ok(isSilent(await mapOf(gpu, hole, whole, { leastDepth: 1, leastArea: 10 })));
  ok(isSilent(await mapOf(gpu, plate(bite), whole, { leastDepth: 7 })));
});

await gpuTest("of two gaps the one that is too small goes, and the other stays as it is", async (gpu) => {
  const whole = [{ points: shapeOf(plate()) }], small = box(40, 40, 44, 41); // two columns, one deep
  const alone = await mapOf(gpu, plate(bite), whole), both = await mapOf(gpu, plate([...bite, ...small]), whole);
  equal(both.score, alone.score);
  for (const pixel of small) ok(both.values[pixel] < 0.01, `${both.values[pixel]}`);
  const deep = await mapOf(gpu, plate([...bite, ...small]), whole, { leastDepth: 0.5, leastArea: 1 });
  for (const pixel of small) ok(deep.values[pixel] >= 0.999);
});

await gpuTest("ways published and equation are those maps", async (gpu) => {
  using scan = ready(gpu, plate(bite)), whole = reconstruction(gpu, [{ points: shapeOf(plate()) }]);
  const run = createRun(gpu), gaps = await missingRegion(scan, whole, missingPresets.default, run);
  const published = await publishedMissingRegion(scan, whole, run),
    equation = await equationMissingRegion(scan, whole, run);
  deepEqual(await missingRegion(scan, whole, missingPresets.reference, run), published);
  deepEqual(await missingRegion(scan, whole, missingPresets.paper, run), equation);
  equal(new Set([gaps, published, equation].map(({ values }) => String(values))).size, 3);
});

await gpuTest("a map has the same bits again, whatever came between", async (gpu) => {
  const whole = [{ points: shapeOf(plate()) }], scan = plate(bite);
  const map = await mapOf(gpu, scan, whole);
  await mapOf(gpu, plate(box(25, 28, 34, 37)), whole);
  deepEqual(await mapOf(gpu, scan, whole), map);
});

await gpuTest("a scan whose points and pixels follow no camera is refused, and leaves no buffer", async (gpu) => {
  using scan = ready(gpu, plate(bite)), whole = reconstruction(gpu, [{ points: shapeOf(plate()) }]);
  await rejects(
    async () => void await missingRegion({ ...scan, camera: undefined }, whole, missingPresets.default, createRun(gpu)),
    (error) => error instanceof ScanRefused && /no camera/.test(error.message),
  );
});
