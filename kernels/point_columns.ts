/**
 * Clouds sorted into square columns over the x-y plane, and several such clouds side by side on the GPU. @module
 *
 * For surfaces seen from above (z is height): a point's column is (⌊(x − least)/side⌋, ⌊(y − least)/side⌋), both cut to
 * 0 … across − 1. So a border column also holds what lies outside behind it. Cutting keeps the order of coordinates: a point within r
 * of a place lies between the columns of place − r and place + r, cut alike. A search that visits those is exact for points and places
 * inside and outside; many points outside only make the border columns long, and the search slow.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** The square of columns: `across × across`, the corner of least x and y at `least`, `side` metres each. 4 to 8 points a column are best. */
export interface ColumnShape {
  /** Least x and least y. */
  readonly least: readonly [number, number];
  /** Metres. */
  readonly side: number;
  /** Columns in a row, and rows. */
  readonly across: number;
}

/** How a cloud is sorted: by row of y, in it by x, in a column by number. */
export interface PointColumns {
  /** Number of the point at each sorted place. */
  readonly order: Uint32Array<ArrayBuffer>;
  /** `across² + 1`: points before each column, and behind the last. */
  readonly starts: Uint32Array<ArrayBuffer>;
}

/** A sorted cloud that lies on the GPU. */
export interface StoredColumns {
  /** `count × 4`, sorted, the fourth is 0. */
  readonly points: GpuBuffer<"f32">;
  /** `count × 4`, unit length, in the points' order. */
  readonly normals?: GpuBuffer<"f32">;
  /** `across² + 1`, as {@linkcode PointColumns.starts}. */
  readonly starts: GpuBuffer<"u32">;
  /** How many points. */
  readonly count: number;
}

/** Several sorted clouds on the GPU, one behind the other. */
export interface ColumnTargets extends Disposable {
  /** `total × 4`, the fourth is 0. */
  readonly points: GpuBuffer<"f32">;
  /** `total × 4`, where all clouds have normals. */
  readonly normals?: GpuBuffer<"f32">;
  /** `targets × (across² + 1)`, as places in `points`. */
  readonly starts: GpuBuffer<"u32">;
  /** Number of clouds. */
  readonly targets: number;
  /** The columns of all of them. */
  readonly shape: ColumnShape;
  /** Points of all clouds. */
  readonly total: number;
  /** Points of the largest cloud. */
  readonly most: number;
}

/** Columns and one behind the last: what `starts` has for a cloud. */
export const columnStarts = ({ across }: ColumnShape): number => across ** 2 + 1;

/** Cost of the launch that makes starts absolute: each read and written. The copies beside it are no launches. */
export const gatherColumnsCost = (starts: number): { flops: number; bytes: number } => ({
  flops: starts,
  bytes: 2 * 4 * starts,
});

/**
 * Counting sort of a cloud, on the host. `points` has `stride` floats a point, finite, x and y first.
 * @throws {ShapeMismatch} for a shape without columns
 */
export function pointColumns(shape: ColumnShape, points: Float32Array, stride: 3 | 4): PointColumns {
  const { least: [leastX, leastY], side, across } = shape, count = points.length / stride;
  if (!(Number.isInteger(across) && across >= 1 && side > 0)) {
    throw new ShapeMismatch("point-columns", "at least one column, with a side", `${across} across, ${side} m`);
  }
  const along = (v: number) => Math.min(across - 1, Math.max(0, Math.floor(v / side)));
  const columns = new Uint32Array(count), starts = new Uint32Array(across ** 2 + 1);
  for (let i = 0; i < count; i++) {
    columns[i] = across * along(points[i * stride + 1] - leastY) + along(points[i * stride] - leastX);
    starts[columns[i] + 1]++;
  }
  for (let c = 0; c < across ** 2; c++) starts[c + 1] += starts[c];
  const order = new Uint32Array(count), next = starts.slice();
  for (let i = 0; i < count; i++) order[next[columns[i]]++] = i;
  return { order, starts };
}

/** Points or normals, `stride` floats each, in a cloud's sorted order and as four floats, the fourth 0. */
export function inColumnOrder(order: Uint32Array, values: Float32Array, stride: 3 | 4): Float32Array<ArrayBuffer> {
  const sorted = new Float32Array(4 * order.length);
  for (let i = 0; i < order.length; i++) {
    const at = order[i] * stride;
    sorted[4 * i] = values[at];
    sorted[4 * i + 1] = values[at + 1];
    sorted[4 * i + 2] = values[at + 2];
  }
  return sorted;
}

const addBases = defineKernel({
  name: "gather-columns",
  workgroup: { gpu: 64, software: 32 },
  bindings: { bases: "read u32", starts: "read_write u32" },
  sizes: { each: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x < sizes.each) { starts[thread.y * sizes.each + thread.x] += bases[thread.y]; }
    }`,
});

/**
 * Copies sorted clouds that lie on the GPU into one. Reads nothing back.
 * @throws {ShapeMismatch} for no clouds, buffers shorter than they should be, or normals of some clouds only
 * @throws {GpuOutOfMemory}
 */
export function gatherColumns(gpu: Gpu, clouds: readonly StoredColumns[], shape: ColumnShape): ColumnTargets {
  const each = columnStarts(shape), targets = clouds.length, withNormals = clouds[0]?.normals !== undefined;
  const fits = ({ points, normals, starts, count }: StoredColumns) =>
    points.length >= 4 * count && starts.length >= each &&
    (withNormals ? normals !== undefined && normals.length >= 4 * count : normals === undefined);
  const misfit = clouds.findIndex((cloud) => !fits(cloud));
  if (targets === 0 || misfit >= 0) {
    const wanted = `clouds with 4 floats a point, ${each} starts, and normals all or none`;
    throw new ShapeMismatch("gather-columns", wanted, targets === 0 ? "none" : `one that has not: number ${misfit}`);
  }
  const bases = new Uint32Array(targets);
  for (let i = 1; i < targets; i++) bases[i] = bases[i - 1] + clouds[i - 1].count;
  const total = bases[targets - 1] + clouds[targets - 1].count;
  using owned = new DisposableStack();
  const points = owned.use(gpu.buffer("f32", 4 * total)), starts = owned.use(gpu.buffer("u32", targets * each));
  const normals = withNormals ? owned.use(gpu.buffer("f32", 4 * total)) : undefined;
  clouds.forEach((cloud, i) => {
    const range = { to: 4 * bases[i], length: 4 * cloud.count };
    gpu.copy(cloud.points, points, range);
    if (normals) gpu.copy(cloud.normals!, normals, range);
    gpu.copy(cloud.starts, starts, { to: i * each, length: each });
  });
  using uploaded = gpu.upload("u32", bases);
  addBases.dispatch(gpu, {
    buffers: { bases: uploaded, starts },
    sizes: { each },
    constants: {},
    threads: [each, targets],
  });
  const kept = owned.move(), most = Math.max(...clouds.map(({ count }) => count));
  return { points, normals, starts, targets, shape, total, most, [Symbol.dispose]: () => kept.dispose() };
}
