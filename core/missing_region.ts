/**
 * Where a scan lacks what whole normal shapes have: the map of the reconstruction branch, the same for every reconstructor. @module
 *
 * Way `gaps`: every shape is drawn into the picture through the camera found from all returns. A pixel without a point whose nearest point
 * is d away has a gap of depth d there; what is deeper than usual of normal scans, by the mean over the shapes, is evidence. From a place
 * that is d away from everything measured all within d of it is missing, so evidence holds for the whole disc, as far as at least half of
 * the shapes have material: a gap counts by its depth up to its rim, and slivers along an outline don't. Where the spacing of shapes is
 * measured here, the discs of sparse points reach over the outline, so as much is taken off their material again (a closing). Connected
 * places are kept where they are deep and large enough; with none the map is 0 everywhere. A halo of lesser score reaches a few pixels
 * further, over places where normal scans seldom have a point. On request a point counts as deep as it lies above or below everything that
 * the shapes have near its pixel.
 *
 * Ways `published` and `equation`: as the published code does it, and as the paper's equation 10 says.
 */
import { z } from "zod";
import {
  dbscan,
  depthEnvelope,
  discMaximum,
  distanceTransform,
  gapEvidence,
  gaussianBlur,
  type Gpu,
  type GpuBuffer,
  nearestNeighbours,
  shapeInterior,
  splatOverhang,
  splatShapes,
  surfaceExcess,
} from "../kernels/mod.ts";
import { type Camera, pitchOf } from "./camera.ts";
import { equationMissingRegion } from "./equation_missing_region.ts";
import { ScanRefused } from "./errors.ts";
import type { OptionsSchema } from "./options.ts";
import type { Reconstruction } from "./plugin.ts";
import type { Prepared, ScoreMap } from "./prepared.ts";
import { publishedMissingRegion } from "./published_missing_region.ts";
import type { Run } from "./run.ts";

/** Options of {@linkcode missingRegion}, defaults filled in. */
export type MissingOptions = {
  /** `gaps`: depths of gaps beyond what is usual; `published`: as the published code does it; `equation`: as the paper says. */
  readonly way: "gaps" | "published" | "equation";
  /** Least depth of a missing piece, map pixels; of way `gaps`, as the next. */
  readonly leastDepth: number;
  /** Least area of a missing piece, map pixels. */
  readonly leastArea: number;
  /** Also where the surface lies above or below all normal shapes; of way `gaps`. */
  readonly surface: boolean;
};

/** The schema of {@linkcode MissingOptions}: bounds, defaults and help. */
export const missingOptions: OptionsSchema<MissingOptions> = z.strictObject({
  way: z.enum(["gaps", "published", "equation"]).default("gaps").describe(
    "gaps: depths of gaps beyond what is usual; published: as the published code does it; equation: as the paper says",
  ),
  leastDepth: z.number().min(0).max(64).default(1.75).describe(
    "least depth of a missing piece, in map pixels beyond what is usual (way gaps)",
  ),
  leastArea: z.number().min(0).max(1e6).default(12).describe("least area of a missing piece, in map pixels (way gaps)"),
  surface: z.boolean().default(false).describe(
    "also where the surface lies above or below all normal shapes, as far as it does (way gaps)",
  ),
});

/** Whole option sets: `default`; `reference` and `paper` as published. */
export const missingPresets: Readonly<Record<"default" | "reference" | "paper", MissingOptions>> = {
  default: missingOptions.parse({}),
  reference: missingOptions.parse({ way: "published" }),
  paper: missingOptions.parse({ way: "equation" }),
};

/**
 * The map S2 of a scan, millimetres. Read back: the map; where something is missing also which places are connected, and the halo.
 * @throws {ScanRefused} where it can't be told how the pixels look
 */
export function missingRegion(
  scan: Prepared,
  reconstruction: Reconstruction,
  options: MissingOptions,
  run: Run,
): Promise<ScoreMap> {
  if (options.way === "published") return publishedMissingRegion(scan, reconstruction, run);
  if (options.way === "equation") return equationMissingRegion(scan, reconstruction, run);
  return gapMap(scan, reconstruction, options, run);
}

/** Pixels from which a place can be seen to be missing: deeper gaps count as this deep. */
const REACH = 64;

async function gapMap(
  scan: Prepared,
  reconstruction: Reconstruction,
  { leastDepth, leastArea, surface }: MissingOptions,
  { gpu }: Run,
): Promise<ScoreMap> {
  const { name, frame: { size }, camera, pointOf, hostPoints } = scan;
  if (!camera) {
    throw new ScanRefused(name, "no-camera", "its points and pixels follow no camera, so nothing is known of gaps");
  }
  const pitch = pitchOf(camera, hostPoints);
  using owned = new DisposableStack();
  const { points, shapes, usual } = reconstruction;
  const measured = reconstruction.spacing ? undefined : await spacingOf(gpu, reconstruction);
  const spacing = reconstruction.spacing ?? owned.use(gpu.upload("f32", measured!));
  const covers = owned.use(splatShapes(gpu, { points, shapes, usual, spacing, camera, size }));
  const squares = owned.use(distanceTransform(gpu, { pointOf, size }));
  const weights = owned.use(gpu.upload("f32", Float32Array.from(shapes, ({ weight }) => weight)));
  const { evidence, mask: material } = owned.use(gapEvidence(gpu, { covers, weights, squares, size, pitch }));
  const margin = measured ? splatOverhang(medianOf(measured) / pitch) : 0;
  const mask = margin >= 1
    ? owned.use(shapeInterior(gpu, { covers, weights, mask: material, size, margin }))
    : material;
  const map = owned.use(discMaximum(gpu, { values: evidence, squares, mask, size, reach: REACH }));
  const values = await gpu.read(map);
  if (surface) await addSurface(gpu, values, { scan, points, spacing, camera, pitch });
  const kept = await largeGaps(gpu, values, size, leastDepth * pitch * 1000, leastArea);
  if (!kept) return { size, values: new Float32Array(size * size), score: 0 };
  const score = kept.reduce((most, value) => Math.max(most, value), 0);
  return { size, values: await withHalo(gpu, kept, scan), score };
}

/** Pixels that a normal shape may lie beside the scan; also what steep flanks need. */
const BESIDE = 1.5;

/** Puts the points' excess into the map, where gaps leave 0. Read back: the excess. */
async function addSurface(
  gpu: Gpu,
  values: Float32Array,
  { scan, points, spacing, camera, pitch }: {
    readonly scan: Prepared;
    readonly points: GpuBuffer<"f32">;
    readonly spacing: GpuBuffer<"f32">;
    readonly camera: Camera;
    readonly pitch: number;
  },
): Promise<void> {
  const { frame: { size }, pixels, pointOf } = scan;
  using envelope = depthEnvelope(gpu, { points, spacing, camera, size, reach: BESIDE });
  using beyond = surfaceExcess(gpu, { points: scan.points, pointOf, envelope, allowance: pitch / 2 });
  const excess = await gpu.read(beyond);
  for (const pixel of pixels) values[pixel] = excess[pixel];
}

const medianOf = (values: Float32Array): number => values.toSorted()[values.length >> 1];

/** Metres. Read back: distances of the points to their neighbours. */
async function spacingOf(gpu: Gpu, { points, shapes }: Reconstruction): Promise<Float32Array<ArrayBuffer>> {
  const k = 4, spacing = new Float32Array(points.length / 4); // itself and three others
  for (const { first, count } of shapes) {
    using values = gpu.buffer("f32", 4 * count);
    gpu.copy(points, values, { from: 4 * first, length: 4 * count });
    using near = nearestNeighbours(gpu, { cloud: { values, count }, k });
    const squares = await gpu.read(near.squaredDistances), third = Math.min(k, count) - 1;
    for (let i = 0; i < count; i++) spacing[first + i] = Math.sqrt(squares[i * k + third]);
  }
  return spacing;
}

/** The 8 neighbours of a pixel are within this of it, pixels. */
const TOUCHING = 1.5;

/** The map without pieces that are nowhere as deep, or not as large; undefined where none is left. Read back: which places are connected. */
async function largeGaps(
  gpu: Gpu,
  values: Float32Array<ArrayBuffer>,
  size: number,
  leastDepth: number,
  leastArea: number,
): Promise<Float32Array<ArrayBuffer> | undefined> {
  if (values.every((value) => value <= leastDepth)) return undefined;
  const places = Uint32Array.from(indicesAbove0(values));
  const cloud = new Float32Array(4 * places.length);
  places.forEach((place, i) => cloud.set([place % size, Math.floor(place / size)], 4 * i));
  using points = gpu.upload("f32", cloud);
  using clusters = dbscan(gpu, { points, count: places.length, radius: TOUCHING, leastPoints: 1 });
  const labels = await gpu.read(clusters.labels, places.length);
  const areas = new Map<number, number>(), peaks = new Map<number, number>();
  labels.forEach((label, i) => {
    areas.set(label, (areas.get(label) ?? 0) + 1);
    peaks.set(label, Math.max(peaks.get(label) ?? 0, values[places[i]]));
  });
  const kept = new Float32Array(values.length);
  labels.forEach((label, i) => {
    if (areas.get(label)! >= leastArea && peaks.get(label)! > leastDepth) kept[places[i]] = values[places[i]];
  });
  return kept.some((value) => value > 0) ? kept : undefined;
}

function* indicesAbove0(values: Float32Array): Iterable<number> {
  for (let i = 0; i < values.length; i++) if (values[i] > 0) yield i;
}

/** Deviation of the halo as a share of the map's side, its share of the map, and how much of that the part's own points have. */
const HALO = 4 / 224, HALO_SHARE = 0.2, ON_POINTS = 0.1;

/** Read back: the halo. */
async function withHalo(gpu: Gpu, map: Float32Array<ArrayBuffer>, { frame: { size }, pixels }: Prepared) {
  using values = gpu.upload("f32", map);
  using blurred = gaussianBlur(gpu, { values, width: size, height: size, sigma: size * HALO, edge: "zero" });
  const halo = await gpu.read(blurred);
  for (const pixel of pixels) halo[pixel] *= ON_POINTS;
  return map.map((value, i) => Math.max(value, HALO_SHARE * halo[i]));
}
