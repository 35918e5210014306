/**
 * Normal shapes fitted to a scan, and the choice of those that fit best. @module
 *
 * The scan's points are brought to the shape, never the shape's to the scan: a gap does not pull. Beside the surface the outline is
 * matched, with the same robust weight, so that the edge of a gap, which lies within the shape's outline, does not count; without
 * outlines smooth parts would slip, and a larger part would cover a smaller one as well as its own like. A shape may stretch a little.
 */
import {
  affineIcp,
  alignmentCost,
  type ColumnTargets,
  gatherColumns,
  type Gpu,
  type GpuBuffer,
  nearestInColumns,
} from "../../kernels/mod.ts";
import { type Prepared, type Registration, type RoughAlignment, type Run, ScanRefused } from "../../core/mod.ts";
import type { NearestNormalOptions } from "./options.ts";
import type { Outline } from "./outline.ts";
import { type NormalShape, outlineColumns } from "./shapes.ts";

/** Steps of the fit. */
const STEPS = 6;

/** Radii of Tukey's weight as shares of the extent, by how far the fit has come, 0 to 1. */
const surfaceRadius = (done: number) => 1.5 / (14 + 40 * done), outlineRadius = (done: number) => 0.16 - 0.12 * done;

/** Points of the surface that are used, about. */
const USED = 1200;

/** Noise of surfaces and outlines as a share of the extent, and how many independent points a fit has, for the cost of a stretch. */
const NOISE = 0.0075, INDEPENDENT = 60;

/** Stiffness of a rigid fit: dearer than any misfit. */
const RIGID = 1e3;

/** What a misfit of the outline counts, against one of the surface: chosen by how silent normal scans are when they are left out. */
const OUTLINE_WEIGHT = 3;

/** Shapes with more than so many times the best one's misfit don't fit: with few normal scans there may be no six that do. */
const WORST = 2;

/** Shapes that fit a scan, the best first. Owns GPU memory. */
export interface AlignedShapes extends Disposable {
  /** Their numbers. */
  readonly members: readonly number[];
  /** Their surfaces. */
  readonly targets: ColumnTargets;
  /** `members × 16`: the scan's table frame → the member's, affine; of mirror images the determinant is negative. */
  readonly transforms: GpuBuffer<"f32">;
  /** Whether the best is a mirror image. */
  readonly mirrored: boolean;
}

/**
 * Fits the candidates of a registration, filled up with those of its mirror image where there are fewer than wanted, with `mirrors`, and
 * keeps the best, each shape once; those that fit far worse than the first are left out. Shapes are compared by the mean distance of the scan's surface to theirs, and of its outline, the
 * worst `trim` of that left out. Read back, in one wait, or two with `mirrors`: these distances. @throws {ScanRefused} without a shape
 */
export async function alignShapes(
  scan: Pick<Prepared, "name">,
  registration: Registration,
  outline: Outline,
  shapes: readonly (NormalShape | undefined)[],
  { candidates, shapes: kept, stretch, trim }: NearestNormalOptions,
  extent: number,
  mirrors: boolean,
  run: Run,
): Promise<AlignedShapes> {
  const { gpu } = run;
  const usable = (found: readonly RoughAlignment[], most: number) =>
    found.filter(({ member }) => (shapes[member]?.outline.count ?? 0) > 0).slice(0, most);
  const upright = usable(registration.candidates, candidates), left = candidates - upright.length;
  const rough = mirrors && left > 0 ? [...upright, ...usable(await registration.mirrored(run), left)] : upright;
  if (rough.length === 0) {
    throw new ScanRefused(scan.name, "no-shape", "no normal scan can stand for it as a whole shape");
  }
  const { source, surfacesOf } = registration, step = Math.max(1, Math.floor(source.count / USED));
  using owned = new DisposableStack();
  const surfaces = owned.use(surfacesOf(rough.map(({ member }) => member)));
  const outlines = owned.use(
    gatherColumns(gpu, rough.map(({ member }) => shapes[member]!.outline), outlineColumns(surfaces.shape)),
  );
  const edge = { values: owned.use(gpu.upload("f32", outline.points)), count: outline.count };
  const directions = owned.use(gpu.upload("f32", outline.directions));
  const transforms = owned.use(gpu.upload("f32", Float32Array.from(rough.flatMap(({ motion }) => Array.from(motion)))));
  const stretches = owned.use(gpu.zeros("f32", 8 * rough.length));
  for (let done = 0; done < STEPS; done++) {
    affineIcp(gpu, {
      surface: { source, step, targets: surfaces },
      outline: { source: edge, directions, targets: outlines },
      transforms,
      stretches,
      extent,
      surfaceRadius: surfaceRadius(done / STEPS) * extent,
      outlineRadius: outlineRadius(done / STEPS) * extent,
      stiffness: stretch > 0 ? (NOISE / stretch) ** 2 / INDEPENDENT : RIGID,
      iterations: 1,
    });
  }
  const cap = surfaceRadius(1) * extent, reach = outlineRadius(1) * extent;
  using found = alignmentCost(gpu, { source, step, targets: surfaces, transforms, cap });
  using flat = flattened(gpu, transforms, rough.length);
  using near = nearestInColumns(gpu, { queries: edge, targets: outlines, transforms: flat, k: 1, reach });
  const [costs, squares] = await Promise.all([gpu.read(found), gpu.read(near.squaredDistances)]);
  const misfit = rough.map((_, i) => costs[i] + OUTLINE_WEIGHT * trimmedMean(squares, rough.length, i, trim, reach));
  const ranked = rough.map((_, i) => i).sort((a, b) => misfit[a] - misfit[b] || a - b);
  const worst = WORST * Math.max(misfit[ranked[0]], NOISE * extent); // copies of the scan itself leave no misfit at all
  const firsts = ranked.filter((i, at) => ranked.findIndex((other) => rough[other].member === rough[i].member) === at);
  const best = firsts.slice(0, kept).filter((i) => misfit[i] <= worst);
  const members = best.map((i) => rough[i].member);
  using made = new DisposableStack();
  const targets = made.use(surfacesOf(members)), chosen = made.use(gpu.buffer("f32", 16 * best.length));
  best.forEach((i, to) => gpu.copy(transforms, chosen, { from: 16 * i, to: 16 * to, length: 16 }));
  const all = made.move();
  return {
    members,
    targets,
    transforms: chosen,
    mirrored: best[0] >= upright.length,
    [Symbol.dispose]: () => all.dispose(),
  };
}

/** A copy of the transforms that lays what it moves on the table: z is 0. */
function flattened(gpu: Gpu, transforms: GpuBuffer<"f32">, count: number): GpuBuffer<"f32"> {
  using zeros = gpu.zeros("f32", 4);
  const flat = gpu.buffer("f32", 16 * count);
  gpu.copy(transforms, flat, { length: 16 * count });
  for (let i = 0; i < count; i++) gpu.copy(zeros, flat, { to: 16 * i + 8, length: 4 });
  return flat;
}

/** Mean distance over all queries but the farthest, of target `index` of `targets`; none is beyond `reach`. */
function trimmedMean(squares: Float32Array, targets: number, index: number, trim: number, reach: number): number {
  const distances = Float64Array.from(
    { length: squares.length / targets },
    (_, i) => Math.min(reach, Math.sqrt(squares[i * targets + index])),
  ).sort();
  const used = Math.max(1, Math.floor(distances.length * (1 - trim)));
  return distances.subarray(0, used).reduce((sum, distance) => sum + distance, 0) / used;
}
