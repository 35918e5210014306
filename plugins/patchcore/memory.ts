/** What the extractor remembers of the normal scans, and what it measures of a scan against it. @module */
import type { MapFrame, NormalScanSource, Prepared, Registration } from "../../core/mod.ts";
import {
  type Cloud,
  type ColumnShape,
  type Four,
  gatherColumns,
  type Gpu,
  type GpuBuffer,
  leastRowDistance,
  meanRows,
  nearestInColumns,
  nearestRow,
  offsetChannels,
  placeSpread,
  putColumn,
  type Rows,
  rowSpread,
  type StoredColumns,
  surfaceOffsets,
} from "../../kernels/mod.ts";
import type { Channel, Quantiles } from "./channels.ts";
import type { Patches } from "./patches.ts";

/** Patches of each member that stand for a place. */
const PLACE_PATCHES = 8;

/** Deviation, map pixels, of the smoothing that takes noise out of an offset. */
const OFFSET_SIGMA = 2;

/** Shares of the part's extent: farthest surface that is looked for. */
const SURFACE_REACH = 1 / 12;

/** Weight of the prior at a place, in patches, and share of the prior deviation that is always added. */
export const PLACE_WEIGHT = 4, PLACE_FLOOR = 0.1;

/** The patches of one normal scan, in the order of their columns. */
export interface StoredScan extends Disposable {
  /** The scan's. */
  readonly name: string;
  /** Features of each patch, along the principal axes where there are some. */
  readonly rows: Rows;
  /** Where each patch lies in the scan's table frame. */
  readonly centres: StoredColumns;
  /** The map that the patches lie in; null where the scan was refused. */
  readonly frame: MapFrame | null;
  /** Map pixel of each patch. */
  readonly pixels: Uint32Array;
  /** `count × 4`: what the patch measured against all other normal scans, by {@linkcode placeColumns}. */
  values: GpuBuffer<"f32">;
}

/** Mean and deviation of the stored values over all normal scans, by column. */
export interface Prior {
  /** In the units of each column. */
  readonly mean: Four;
  /** 0 where a column never varied. */
  readonly deviation: Four;
}

/** All that was learned. Owns GPU memory. */
export interface Memory extends Disposable {
  /** Rows are projected on these. */
  readonly axes: Rows | undefined;
  /** Rows drawn from all scans, in the scans' order. */
  readonly bank: Rows;
  /** How many bank rows come from each scan, in the scans' order. */
  readonly bankCounts: Uint32Array;
  /** Map pixel, in its own scan, of each bank row's patch. */
  readonly bankPixels: Uint32Array;
  /** All scans that were learned, in the same order. */
  readonly sources: readonly NormalScanSource[];
  /** `bank × 2`: mean and 1 / deviation of the distances to each row. */
  readonly rowSpread: GpuBuffer<"f32">;
  /** By the numbers of the registry; empty where no channel goes by place. */
  readonly scans: readonly StoredScan[];
  /** The columns in which the scans' patches are sorted. */
  readonly columns: ColumnShape;
  /** The registry's, metres; 0 without one. */
  readonly extent: number;
  /** What a place leans on where few patches are. */
  readonly prior: Prior;
  /** What normal patches reach, by channel. */
  readonly quantiles: Quantiles;
  /** The channels of a scan that was brought to the normal ones. */
  readonly form: readonly Channel[];
  /** The channels of a scan that could not be. */
  readonly fallback: readonly Channel[];
  /** Median cost of the held-out normal scans' registrations, metres; 0 where none was registered. */
  readonly usualCost: number;
  /** Depth, pixels, that gaps of most normal scans don't pass. */
  readonly usualGap: number;
}

/**
 * How far a registration of this cost is to be trusted: wholly up to a quarter above the usual cost, not at all from twice the usual on,
 * where the normal scans are no longer near the scan's pose.
 */
export const trustOf = (cost: number | null, usual: number): number =>
  cost === null || usual === 0 ? 0 : Math.min(1, Math.max(0, (2 * usual - cost) / (0.75 * usual)));

/** The part of a memory that measuring needs. */
export type Known = Pick<Memory, "bank" | "scans" | "columns" | "extent">;

/** The normal patches that one scan's patches are compared with. */
export interface Neighbourhood extends Disposable {
  /** `patches × width`: places in `rows` and `values`. */
  readonly places: GpuBuffer<"u32">;
  /** Most normal patches of a place. */
  readonly width: number;
  /** All patches of the members, one member after another. */
  readonly rows: Rows;
  /** `rows × 4`: what those patches measured, by {@linkcode placeColumns}. */
  readonly values: GpuBuffer<"f32">;
}

/** The patches of the members that lie nearest to each of the scan's patches. Nothing is read back. */
export function neighbourhood(
  gpu: Gpu,
  centres: Cloud,
  { members, motions }: Pick<Registration, "members" | "motions">,
  { scans, columns, extent }: Known,
): Neighbourhood {
  using owned = new DisposableStack();
  const of = members.map((member) => scans[member]);
  const { columns: rowColumns, stride } = of[0].rows;
  using targets = gatherColumns(gpu, of.map((scan) => scan.centres), columns);
  const values = owned.use(gpu.buffer("f32", 4 * targets.total));
  const rowValues = owned.use(gpu.buffer("f32", stride * targets.total));
  let at = 0;
  for (const { rows, values: stored } of of) {
    gpu.copy(rows.values, rowValues, { to: at * stride, length: rows.count * stride });
    gpu.copy(stored, values, { to: 4 * at, length: 4 * rows.count });
    at += rows.count;
  }
  const found = nearestInColumns(gpu, {
    queries: centres,
    targets,
    transforms: motions,
    k: PLACE_PATCHES,
    reach: 2 * extent,
  });
  owned.use(found.squaredDistances);
  owned.use(found.indices);
  const kept = owned.move();
  return {
    places: found.indices,
    width: PLACE_PATCHES * members.length,
    rows: { values: rowValues, count: targets.total, columns: rowColumns, stride, [Symbol.dispose]: () => {} },
    values,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** A scan measured against the memory. */
export interface Measured extends Disposable {
  /** `patches × 4`, by {@linkcode placeColumns}; zeros where the scan was not registered, but for the first. */
  readonly values: GpuBuffer<"f32">;
  /** Distance to the nearest bank row. */
  readonly distances: GpuBuffer<"f32">;
  /** That row. */
  readonly nearest: GpuBuffer<"u32">;
  /** The normal patch at the same place that is most alike, in the neighbourhood's rows; where the scan was registered. */
  readonly local?: GpuBuffer<"u32">;
}

/** Measures every patch; `skip` names bank rows that it may not meet: its own. Nothing is read back. */
export function measure(
  gpu: Gpu,
  scan: Prepared,
  patches: Patches,
  { bank, extent }: Known,
  registered: { readonly registration: Registration; readonly around: Neighbourhood } | undefined,
  skip?: { readonly first: number; readonly count: number },
): Measured {
  using owned = new DisposableStack();
  const { distances, indices } = owned.use(nearestRow(gpu, { queries: patches.rows, bank, skip }));
  const values = owned.use(gpu.zeros("f32", 4 * patches.layout.count));
  putColumn(gpu, { values: distances, table: values, columns: 4, column: 0 });
  let local: GpuBuffer<"u32"> | undefined;
  if (registered) {
    const { around, registration } = registered;
    const least = owned.use(leastRowDistance(gpu, {
      rows: patches.rows,
      others: around.rows,
      indices: around.places,
      width: around.width,
    }));
    local = least.indices;
    putColumn(gpu, { values: least.distances, table: values, columns: 4, column: 1 });
    using offsets = offsetsOf(gpu, scan, patches, registration, extent);
    for (const [first, column] of [[0, 2], [1, 3]]) {
      putColumn(gpu, { values: offsets.values, step: offsets.stride, first, table: values, columns: 4, column });
    }
  }
  const kept = owned.move();
  return { values, distances, nearest: indices, local, [Symbol.dispose]: () => kept.dispose() };
}

/** One row a patch: means of what its points' offsets from the registered normal surfaces tell, metres. */
function offsetsOf(gpu: Gpu, scan: Prepared, patches: Patches, registration: Registration, extent: number): Rows {
  const { source, normals: ownNormals, targets, motions } = registration, cap = extent * SURFACE_REACH;
  const found = nearestInColumns(gpu, { queries: source, targets, transforms: motions, k: 1, reach: 1.5 * cap });
  using nearest = found.indices, _distances = found.squaredDistances;
  using offsets = surfaceOffsets(gpu, { points: source, ownNormals, targets, motions, nearest, cap });
  using pixels = gpu.upload("u32", scan.pixels as Uint32Array<ArrayBuffer>);
  using channels = offsetChannels(gpu, {
    offsets,
    pixels,
    pointOf: scan.pointOf,
    size: scan.frame.size,
    sigma: OFFSET_SIGMA,
  });
  return meanRows(gpu, { rows: channels, members: patches.members, width: patches.layout.width });
}

/** Deviations from normal, of one scan. */
export interface Deviations extends Disposable {
  /** `patches × 4`, by {@linkcode placeColumns}. */
  readonly places: GpuBuffer<"f32">;
  /** One a patch: the distance against what normal patches have to the same bank row. */
  readonly rows: GpuBuffer<"f32">;
}

/** What was measured, in units of the spread of normal scans. Nothing is read back. */
export function deviations(
  gpu: Gpu,
  { values, distances, nearest }: Pick<Measured, "values" | "distances" | "nearest">,
  around: Neighbourhood | undefined,
  prior: Prior,
  spread: GpuBuffer<"f32">,
): Deviations {
  using owned = new DisposableStack();
  const places = owned.use(
    around
      ? placeSpread(gpu, {
        values,
        stored: around.values,
        places: around.places,
        width: around.width,
        prior: { ...prior, weight: PLACE_WEIGHT },
        floor: PLACE_FLOOR,
      })
      : gpu.zeros("f32", values.length),
  );
  const rows = owned.use(rowSpread(gpu, { distances, rows: nearest, spread }));
  const kept = owned.move();
  return { places, rows, [Symbol.dispose]: () => kept.dispose() };
}
