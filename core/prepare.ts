/**
 * A scan made ready: background removed, cleaned, square, at map resolution. @module
 *
 * The steps and figures of preset `reference` are those of Horwitz and Hoshen, "Back to the Feature" (2023), as their code does them;
 * it never writes to the data.
 */
import { z } from "zod";
import { type Camera, fitCamera } from "./camera.ts";
import { densityClusters } from "./density_clusters.ts";
import { ScanRefused } from "./errors.ts";
import type { OptionsSchema } from "./options.ts";
import { planeDistance, searchPlane } from "./plane.ts";
import type { MapFrame, Plane, Prepared } from "./prepared.ts";
import { randomStream } from "./random.ts";
import type { Run } from "./run.ts";
import type { Scan } from "./scan.ts";

const metres = z.number().positive().max(1);

/** Options of {@linkcode prepare}, defaults filled in; lengths in metres. */
export type PrepareOptions = {
  /** Side of the map, pixels. */
  readonly size: number;
  /** `plane`: the table found at the border goes; `raw`: all that was measured stays; `none`: there is no table, only clean-up. */
  readonly background: "plane" | "raw" | "none";
  /** Width of the strip in which the table is searched, pixels. */
  readonly border: number;
  /** Distance within which a point belongs to the table. */
  readonly planeInlier: number;
  /** Distance below which a point is removed with the table. */
  readonly planeRemove: number;
  /** Points of one hypothesis of the plane. */
  readonly planeSample: number;
  /** Most hypotheses of the plane. */
  readonly planeIterations: number;
  /** Points nearer than this belong together. */
  readonly clusterRadius: number;
  /** Points within that radius that make a place dense. */
  readonly clusterPoints: number;
  /** What clean-up leaves: every dense piece, or the largest alone. */
  readonly keep: "pieces" | "largest";
  /** Side of the square that the map covers: the scan's longer side, or that rounded up to a multiple of 100. */
  readonly square: "exact" | "hundreds";
  /** Which of its source pixels a map pixel shows. */
  readonly sampling: "centre" | "corner";
};

/** The schema of {@linkcode PrepareOptions}: bounds, defaults and help. */
export const prepareOptions: OptionsSchema<PrepareOptions> = z.strictObject({
  size: z.int().min(32).max(1024).default(224).describe("side of the maps, in pixels"),
  background: z.enum(["plane", "raw", "none"]).default("plane").describe(
    "plane: remove the table found at the border; raw: keep all that was measured; none: there is no table, only clean up",
  ),
  border: z.int().min(1).max(100).default(10).describe("width of the strip in which the table is searched, in pixels"),
  planeInlier: metres.default(0.004).describe("distance within which a point belongs to the table"),
  planeRemove: metres.default(0.005).describe("distance below which a point is removed with the table"),
  planeSample: z.int().min(3).max(100).default(3).describe("points of one hypothesis of the plane"),
  planeIterations: z.int().min(1).max(100_000).default(1000).describe("most hypotheses of the plane"),
  clusterRadius: metres.default(0.006).describe("points nearer than this belong together"),
  clusterPoints: z.int().min(1).max(10_000).default(30).describe("points within that radius that make a place dense"),
  keep: z.enum(["pieces", "largest"]).default("pieces").describe(
    "what clean-up leaves: every dense piece, or the largest alone",
  ),
  square: z.enum(["exact", "hundreds"]).default("exact").describe(
    "side of the square: the longer side, or that rounded up to a multiple of 100",
  ),
  sampling: z.enum(["centre", "corner"]).default("centre").describe("which source pixel a map pixel shows"),
});

const published = prepareOptions.parse({
  planeSample: 50,
  keep: "largest",
  square: "hundreds",
  sampling: "corner",
});

/** Whole option sets: `default`; `reference` and `paper` as published. */
export const preparePresets: Readonly<Record<"default" | "reference" | "paper", PrepareOptions>> = {
  default: prepareOptions.parse({}),
  reference: published,
  paper: published,
};

/**
 * The scan's foreground at map resolution, on the GPU. Nothing is read back.
 * @throws {ScanRefused} when there is no border to find the table in, or nothing is left
 */
export function prepare(scan: Scan, options: PrepareOptions, { gpu, seed }: Pick<Run, "gpu" | "seed">): Prepared {
  const { width, height, name } = scan;
  if (width < 2 || height < 2) {
    throw new ScanRefused(name, "not-a-grid", `it is ${width} × ${height} pixels; maps need a grid of at least 2 × 2`);
  }
  const { foreground, plane } = foregroundOf(scan, options, seed);
  const frame = frameOf(scan, options);
  const { pixels, sourcePixels, pointOf } = sample(frame, foreground, options.sampling);
  const count = pixels.length;
  if (count === 0) {
    throw new ScanRefused(
      name,
      "nothing-left",
      "no point of the part is left at map resolution; try --background raw or a larger --size",
    );
  }
  const hostPoints = new Float32Array(3 * count), padded = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    for (let axis = 0; axis < 3; axis++) {
      padded[4 * i + axis] = hostPoints[3 * i + axis] = scan.points[3 * sourcePixels[i] + axis];
    }
  }
  refuseDegenerate(name, hostPoints);
  using owned = new DisposableStack();
  const points = owned.use(gpu.upload("f32", padded)), map = owned.use(gpu.upload("u32", pointOf));
  const kept = owned.move();
  const truth = scan.truth && sampleTruth(scan.truth.values, frame);
  return {
    name,
    digest: scan.digest,
    frame,
    count,
    points,
    pointOf: map,
    hostPoints,
    pixels,
    sourcePixels,
    truth,
    plane,
    camera: cameraOf(scan, frame),
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/**
 * Which pixels of a scan belong to the part, 1 or 0 each, and the table's plane where there is one.
 * @throws {ScanRefused} as {@linkcode prepare} does
 */
export function foregroundOf(
  scan: Scan,
  options: PrepareOptions,
  seed: number,
): { foreground: Uint8Array; plane?: Plane } {
  refuseFar(scan);
  const found = removeBackground(scan, options, seed);
  if (options.background !== "raw") cleanUp(scan, found.foreground, options);
  return found;
}

/** Metres at which neighbouring float32 numbers are a millimetre apart. */
const FARTHEST = 10_000;

/** @throws {ScanRefused} when the points are so far from the origin that float32 has lost their shape */
function refuseFar({ name, points }: Scan): void {
  const farthest = points.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (farthest <= FARTHEST) return;
  throw new ScanRefused(
    name,
    "too-far",
    `a coordinate is ${
      farthest.toPrecision(3)
    } m, where float32 cannot tell millimetres; say the file's unit, or put the origin near the part`,
  );
}

/** Which source pixels belong to the part, 1 or 0, and the plane that was taken away. */
function removeBackground(
  scan: Scan,
  options: PrepareOptions,
  seed: number,
): { foreground: Uint8Array; plane?: Plane } {
  const { width, height, points, valid, name } = scan;
  const foreground = valid.slice();
  const present = valid.reduce((sum, v) => sum + v, 0);
  if (present === 0) throw new ScanRefused(name, "no-points", "not one of its places holds a measurement");
  if (options.background !== "plane") return { foreground };
  if (width <= 2 * options.border || height <= 2 * options.border) {
    throw new ScanRefused(
      name,
      "no-border",
      `it is ${width} × ${height} pixels, which leaves nothing within a border of ${options.border}; use --background none`,
    );
  }
  const strip = borderPixels(width, height, options.border).filter((i) => valid[i] === 1);
  if (strip.length === 0) return { foreground }; // the background is gone already: a prepared scan passes through unchanged
  const distinct = new Set(strip).size;
  if (distinct < options.planeSample) {
    throw new ScanRefused(
      name,
      "no-border",
      `only ${distinct} points lie in its border of ${options.border} pixels, the table's plane needs ${options.planeSample}; use --background none`,
    );
  }
  const search = { inlier: options.planeInlier, sample: options.planeSample, iterations: options.planeIterations };
  const plane = searchPlane(points, strip, search, randomStream(seed, "prepare/plane"));
  if (!plane) {
    throw new ScanRefused(name, "no-plane", "the points of its border lie on a line or a point; use --background none");
  }
  let left = 0;
  for (let i = 0; i < foreground.length; i++) {
    if (foreground[i] === 0) continue;
    if (Math.abs(planeDistance(plane, points, 3 * i)) < options.planeRemove) foreground[i] = 0;
    else left++;
  }
  if (left === 0) {
    throw new ScanRefused(
      name,
      "nothing-left",
      `all ${present} points lie within ${options.planeRemove * 1000} mm of one plane: there is no part on the table`,
    );
  }
  return { foreground, plane };
}

/** Pixels of the border strip; the corners are in twice, as published, which weighs them double in the fit. */
function borderPixels(width: number, height: number, border: number): Uint32Array {
  const list: number[] = [];
  for (let r = 0; r < border; r++) {
    for (let c = 0; c < width; c++) list.push(r * width + c, (height - 1 - r) * width + c);
  }
  for (let r = 0; r < height; r++) for (let c = 0; c < border; c++) list.push(r * width + c, r * width + width - 1 - c);
  return Uint32Array.from(list);
}

/** Takes specks away, and with `largest` every piece but the one of most points. @throws {ScanRefused} when nothing is dense */
function cleanUp(scan: Scan, foreground: Uint8Array, { clusterRadius, clusterPoints, keep }: PrepareOptions): void {
  const chosen = Uint32Array.from(indicesOf(foreground));
  const labels = densityClusters(scan.points, chosen, clusterRadius, clusterPoints);
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  if (sizes.size === 1 && sizes.has(-1)) {
    throw new ScanRefused(
      scan.name,
      "too-sparse",
      `none of its ${chosen.length} points has ${clusterPoints} within ${
        clusterRadius * 1000
      } mm; say the file's unit if it is not metres, else raise prepare.clusterRadius or lower prepare.clusterPoints`,
    );
  }
  // as published, noise takes part in the choice of the largest; ties go to the smaller label
  const largest = [...sizes].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0][0];
  chosen.forEach((pixel, i) => {
    if (keep === "largest" ? labels[i] !== largest : labels[i] < 0) foreground[pixel] = 0;
  });
}

function* indicesOf(flags: Uint8Array): Iterable<number> {
  for (let i = 0; i < flags.length; i++) if (flags[i] === 1) yield i;
}

/** The square that the map covers: the scan in the middle, nothing around it. */
function frameOf({ width, height }: Scan, { size, square }: PrepareOptions): MapFrame {
  const longest = Math.max(width, height);
  const side = square === "exact" ? longest : Math.ceil(longest / 100) * 100;
  return { size, width, height, side, top: Math.floor((side - height) / 2), left: Math.floor((side - width) / 2) };
}

/** At most so many returns tell where pixels look. */
const CAMERA_SAMPLE = 20_000;

/** From all that was measured, the table too: a part that lacks a piece tells nothing of where that would be. */
function cameraOf({ width, height, points, valid }: Scan, { size, side, top, left }: MapFrame): Camera | undefined {
  const stride = Math.max(1, Math.floor(width * height / CAMERA_SAMPLE)), returns: number[] = [];
  for (let i = 0; i < width * height; i += stride) if (valid[i] === 1) returns.push(i);
  const scale = size / side;
  return fitCamera(
    Float64Array.from(returns.flatMap((i) => [points[3 * i], points[3 * i + 1], points[3 * i + 2]])),
    Float64Array.from(
      returns.flatMap((i) => [(i % width + left + 0.5) * scale, (Math.floor(i / width) + top + 0.5) * scale]),
    ),
  );
}

/** Source pixel of map row or column `i`, in the square. */
const sourceOf = (i: number, { size, side }: MapFrame, sampling: "centre" | "corner") =>
  Math.floor(((i + (sampling === "centre" ? 0.5 : 0)) * side) / size);

function sample(frame: MapFrame, foreground: Uint8Array, sampling: "centre" | "corner") {
  const { size, width, height, top, left } = frame;
  const pixels: number[] = [], sources: number[] = [];
  const pointOf = new Uint32Array(size * size).fill(0xffffffff);
  for (let i = 0; i < size; i++) {
    const row = sourceOf(i, frame, sampling) - top;
    if (row < 0 || row >= height) continue;
    for (let j = 0; j < size; j++) {
      const column = sourceOf(j, frame, sampling) - left;
      if (column < 0 || column >= width || foreground[row * width + column] === 0) continue;
      pointOf[i * size + j] = pixels.length;
      pixels.push(i * size + j);
      sources.push(row * width + column);
    }
  }
  return { pixels: Uint32Array.from(pixels), sourcePixels: Uint32Array.from(sources), pointOf };
}

/** Masks are always sampled at pixel centres, as published. */
function sampleTruth(values: Uint8Array, frame: MapFrame): Uint8Array {
  const { size, width, height, top, left } = frame;
  const truth = new Uint8Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = sourceOf(i, frame, "centre") - top;
    if (row < 0 || row >= height) continue;
    for (let j = 0; j < size; j++) {
      const column = sourceOf(j, frame, "centre") - left;
      if (column >= 0 && column < width) truth[i * size + j] = values[row * width + column];
    }
  }
  return truth;
}

/** @throws {ScanRefused} when all points are equal or lie on a line, where no surface can be described */
function refuseDegenerate(name: string, points: Float32Array): void {
  const n = points.length / 3, mean = [0, 0, 0], c = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < points.length; i++) mean[i % 3] += points[i] / n;
  for (let i = 0; i < n; i++) {
    const x = points[3 * i] - mean[0], y = points[3 * i + 1] - mean[1], z = points[3 * i + 2] - mean[2];
    c[0] += x * x;
    c[1] += y * y;
    c[2] += z * z;
    c[3] += x * y;
    c[4] += x * z;
    c[5] += y * z;
  }
  const trace = c[0] + c[1] + c[2];
  const minors = c[0] * c[1] - c[3] * c[3] + (c[0] * c[2] - c[4] * c[4]) + (c[1] * c[2] - c[5] * c[5]); // λ1λ2 + λ1λ3 + λ2λ3
  if (!(minors > 1e-9 * trace * trace)) {
    throw new ScanRefused(name, "degenerate", `its ${n} points are equal or lie on one line: there is no surface`);
  }
}
