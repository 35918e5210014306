/**
 * Registration: a scan brought to the normal scans of like pose. @module
 *
 * Height rasters find the candidates over turns about the vertical (on the host: some megaflops), point-to-plane ICP from wide to
 * narrow brings them close (on the GPU, all candidates at once), the nearest surfaces stay and are refined. Lengths are shares of the
 * part's extent, so that small and large parts are treated alike.
 * Source: Chen and Medioni, "Object modelling by registration of multiple range images", 1992 (point to plane); weights: Tukey.
 */
import {
  alignmentCost,
  type Cloud,
  type ColumnShape,
  type ColumnTargets,
  gatherColumns,
  type GpuBuffer,
  icp,
  inColumnOrder,
  nearestNeighbours,
  normals as normalsOf,
  pointColumns,
  type StoredColumns,
} from "../kernels/mod.ts";
import { heightRaster, mostAlike, mostCovering, RASTER } from "./height_raster.ts";
import type { ModelFolder } from "./model_folder.ts";
import type { ScanSource } from "./plugin.ts";
import type { RoughAlignment } from "./registered.ts";
import type { ScanRegistry } from "./scan_registry.ts";
import { type Run, throwIfAborted } from "./run.ts";
import { directionsToTable, tableFrame, toTable } from "./table_frame.ts";

/** Scans that are aligned roughly, and those of them that are refined and used. */
const CANDIDATES = 20, MEMBERS = 6;

/** Passes of ICP: radius of Tukey's weight as a share of the extent, steps, every which point of the scan. */
const COARSE = [{ radius: 1 / 9, iterations: 6, step: 5 }, { radius: 1 / 18, iterations: 5, step: 5 }];
const FINE = [{ radius: 1 / 24, iterations: 6, step: 3 }, { radius: 1 / 45, iterations: 6, step: 3 }];

/**
 * A part whose best rough alignment costs more than this share of the most is looked for anew as a piece of normal ones: it may lack an end.
 * Normal scans hardly ever cost as much, so that this takes time of strange and incomplete ones alone.
 */
const FAR_OFF = 0.35;

/** A distance at which a point counts as not covered, as a share of the extent. */
export const CAP = 1 / 18;

const NORMAL_NEIGHBOURS = 30;

/** One normal scan in its table frame, on the host. */
interface NormalScan {
  readonly name: string;
  /** `count × 4` each. */
  readonly points: Float32Array<ArrayBuffer>;
  readonly normals: Float32Array<ArrayBuffer>;
}

/** Walks the normal scans once. Read back: the normals of each. @throws {RunAborted} */
export async function fitRegistry(source: ScanSource, run: Run): Promise<ScanRegistry> {
  const scans: NormalScan[] = [];
  for await (const scan of source.walk()) {
    const cloud = { values: scan.points, count: scan.count };
    using neighbours = nearestNeighbours(run.gpu, { cloud, k: NORMAL_NEIGHBOURS });
    using own = normalsOf(run.gpu, { cloud, neighbours, k: NORMAL_NEIGHBOURS, orient: "sensor" });
    const frame = tableFrame(scan);
    scans.push({
      name: scan.name,
      points: toTable(frame, scan.hostPoints),
      normals: directionsToTable(frame, await run.gpu.read(own)),
    });
  }
  return makeRegistry(scans, run);
}

/** Opens what {@linkcode ScanRegistry.save} kept. @throws {ModelRefused} */
export function loadRegistry(model: ModelFolder, names: readonly string[], run: Run): ScanRegistry {
  const { values: counts } = model.tensor("registry.counts");
  const points = model.tensor("registry.points").values, normals = model.tensor("registry.normals").values;
  let first = 0;
  const scans = names.map((name, i) => {
    const end = first + counts[i];
    const scan = { name, points: widened(points, first, end), normals: widened(normals, first, end) };
    first = end;
    return scan;
  });
  return makeRegistry(scans, run);
}

function makeRegistry(scans: readonly NormalScan[], { gpu }: Run): ScanRegistry {
  const extents = scans.map(({ points }) => extentOf(points));
  const extent = extents.toSorted((a, b) => a - b)[Math.floor(extents.length / 2)] ?? 0;
  const side = 2.2 * extent / RASTER; // so that a part of the median extent leaves a tenth free around it
  const rasters = scans.map(({ points }) => heightRaster(points, side));
  const shape = columnShape(scans, Math.max(...extents, 0), rasters, side);
  using owned = new DisposableStack();
  const stored = scans.map(({ points, normals }): StoredColumns => {
    const { order, starts } = pointColumns(shape, points, 4);
    return {
      points: owned.use(gpu.upload("f32", inColumnOrder(order, points, 4))),
      normals: owned.use(gpu.upload("f32", inColumnOrder(order, normals, 4))),
      starts: owned.use(gpu.upload("u32", starts)),
      count: order.length,
    };
  });
  const kept = owned.move();

  const gather = (members: readonly number[]) => gatherColumns(gpu, members.map((i) => stored[i]), shape);
  const align = (
    source: Cloud,
    targets: ColumnTargets,
    motions: GpuBuffer<"f32">,
    passes: typeof COARSE,
  ) => {
    for (const { radius, iterations, step } of passes) {
      icp(gpu, { source, step, targets, transforms: motions, radius: radius * extent, iterations });
    }
  };

  /** Normal scans and the motions by which the source may come to them, aligned roughly: the nearest first, ties as given. */
  const roughly = async (
    source: Cloud,
    starts: readonly { readonly member: number; readonly motion: readonly number[] }[],
  ): Promise<RoughAlignment[]> => {
    using targets = gather(starts.map(({ member }) => member));
    using motions = gpu.upload("f32", Float32Array.from(starts.flatMap(({ motion }) => motion)));
    align(source, targets, motions, COARSE);
    const { step } = COARSE[0];
    using found = alignmentCost(gpu, { source, step, targets, transforms: motions, cap: CAP * extent });
    const [costs, moved] = await Promise.all([gpu.read(found), gpu.read(motions)]);
    return starts.map(({ member }, i): RoughAlignment => ({
      member,
      cost: costs[i],
      motion: moved.slice(16 * i, 16 * i + 16),
    })).sort((a, b) => a.cost - b.cost);
  };

  /** The normal scans most like the points, or their mirror image (`hand` −1), brought to each other, the nearest first. */
  const bring = async (points: Float32Array, source: Cloud, without: ReadonlySet<number>, hand: 1 | -1) => {
    const seen = hand === 1 ? points : points.map((value, i) => i % 4 === 0 ? -value : value);
    const wanted = { most: CANDIDATES, without };
    const likely = mostAlike(seen, side, rasters, wanted);
    const found = await roughly(
      source,
      likely.map(({ index, turn }) => ({ member: index, motion: turned(turn, hand) })),
    );
    if (!(found[0]?.cost > FAR_OFF * CAP * extent)) return found;
    const pieces = mostCovering(seen, side, rasters, wanted);
    const others = await roughly(
      source,
      pieces.map(({ index, turn, shift }) => ({ member: index, motion: turned(turn, hand, shift) })),
    );
    const gone = new Set<number>(), all = [...found, ...others].sort((a, b) => a.cost - b.cost);
    return all.filter(({ member }) => !gone.has(member) && gone.add(member)).slice(0, CANDIDATES);
  };

  /** Points in a table frame on the GPU, with their normals. */
  const surfaceOf = (points: Float32Array<ArrayBuffer>) => {
    using made = new DisposableStack();
    const source = { values: made.use(gpu.upload("f32", points)), count: points.length / 4 };
    using neighbours = nearestNeighbours(gpu, { cloud: source, k: NORMAL_NEIGHBOURS });
    const normals = made.use(normalsOf(gpu, { cloud: source, neighbours, k: NORMAL_NEIGHBOURS, orient: "none" }));
    const owned = made.move();
    return { source, normals, [Symbol.dispose]: () => owned.dispose() };
  };

  return {
    names: scans.map(({ name }) => name),
    extent,
    columns: shape,

    async register(scan, run, { without } = {}) {
      throwIfAborted(run);
      const frame = tableFrame(scan), points = toTable(frame, scan.hostPoints);
      const leftOut = new Set(scans.flatMap(({ name }, i) => name === without ? [i] : []));
      if (leftOut.size === scans.length) return undefined;
      using made = new DisposableStack();
      const { source, normals } = made.use(surfaceOf(points));
      const candidates = await bring(points, source, leftOut, 1);
      const best = candidates.slice(0, MEMBERS), members = best.map(({ member }) => member);
      const cost = best.reduce((sum, one) => sum + one.cost / best.length, 0);
      const chosen = Float32Array.from(best.flatMap(({ motion }) => Array.from(motion)));
      const targets = made.use(gather(members)), motions = made.use(gpu.upload("f32", chosen));
      align(source, targets, motions, FINE);
      const owned = made.move();
      return {
        members,
        cost,
        candidates,
        frame,
        source,
        normals,
        targets,
        motions,
        surfacesOf: gather,
        mirrored: async (run) => {
          throwIfAborted(run);
          return await bring(points, source, leftOut, -1);
        },
        [Symbol.dispose]: () => owned.dispose(),
      };
    },

    save(model) {
      const counts = Uint32Array.from(scans, ({ points }) => points.length / 4);
      const total = counts.reduce((sum, count) => sum + count, 0);
      model.putTensor("registry.counts", { shape: [counts.length], values: counts });
      model.putTensor("registry.points", { shape: [total, 3], values: tight(scans.map((scan) => scan.points), total) });
      model.putTensor("registry.normals", {
        shape: [total, 3],
        values: tight(scans.map((scan) => scan.normals), total),
      });
    },

    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** Columns over all parts that hold about six points each where there is a part. */
function columnShape(
  scans: readonly NormalScan[],
  most: number,
  rasters: readonly Float32Array[],
  side: number,
): ColumnShape {
  const half = 1.1 * most + side;
  const densities = scans.map(({ points }, i) =>
    points.length / 4 / rasters[i].reduce((n, h) => n + (h !== 0 ? 1 : 0), 1)
  );
  const density = densities.toSorted((a, b) => a - b)[Math.floor(densities.length / 2)] / side ** 2; // points a square metre
  const across = Math.max(8, Math.min(192, Math.round(2 * half / Math.sqrt(6 / density))));
  return { least: [-half, -half], side: 2 * half / across, across };
}

function extentOf(points: Float32Array): number {
  let most = 0;
  for (let i = 0; i < points.length; i += 4) most = Math.max(most, Math.abs(points[i]), Math.abs(points[i + 1]));
  return most;
}

/** The turn about z and the shift as `motions` hold them, of what was mirrored in x before where `hand` is −1. */
function turned(turn: number, hand: 1 | -1, [x, y]: readonly [number, number] = [0, 0]): number[] {
  const c = Math.cos(turn), s = Math.sin(turn);
  return [hand * c, -s, 0, x, hand * s, c, 0, y, 0, 0, 1, 0, 0, 0, 0, 0];
}

/** `count × 4` of all scans to `total × 3`. */
function tight(parts: readonly Float32Array[], total: number): Float32Array {
  const values = new Float32Array(3 * total);
  let at = 0;
  for (const part of parts) for (let i = 0; i < part.length; i += 4, at += 3) values.set(part.subarray(i, i + 3), at);
  return values;
}

function widened(values: ArrayLike<number>, first: number, end: number): Float32Array<ArrayBuffer> {
  const wide = new Float32Array(4 * (end - first));
  for (let i = first; i < end; i++) {
    for (let axis = 0; axis < 3; axis++) wide[4 * (i - first) + axis] = values[3 * i + axis];
  }
  return wide;
}
