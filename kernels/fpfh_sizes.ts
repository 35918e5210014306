/** From points to features in one call: neighbours, normals, histograms, features, for several numbers of neighbours. @module */
import { fpfh } from "./fpfh.ts";
import { nearestNeighbours, type Neighbours } from "./nearest_neighbours.ts";
import { normals as normalsOf, type Orientation } from "./normals.ts";
import { type Cloud, type Rows, strideOf } from "./rows.ts";
import { type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";
import { fpfhColumns, type FpfhForm, spfh, STEP } from "./spfh.ts";

/** Normals as they are to be made, or normals that are there. */
export type NormalChoice = {
  /** Neighbours of a normal, the point included. */
  readonly normalK: number;
  /** Whether normals are turned to the sensor. */
  readonly orient: Orientation;
  /** None: they are made. */
  readonly normals?: undefined;
} | {
  /** Normals of all points, `count × 4`; they stay the caller's. */
  readonly normals: GpuBuffer<"f32">;
};

/** What to make features of, and how. */
export type FpfhSizesOptions = NormalChoice & {
  /** In metres, the camera at the origin. */
  readonly cloud: Cloud;
  /** Neighbours of a histogram, the point included; one or more sizes. */
  readonly sizes: readonly number[];
  /** Whose definition of the pair features and weights. */
  readonly form: FpfhForm;
  /** Columns of a row where others are to stand behind the sizes' own; zeros until then. The sizes' own alone unless said. */
  readonly columns?: number;
  /** The most bytes of neighbours held at once; more are searched for in pieces, three times over. The device's limit unless said. */
  readonly mostBytes?: number;
};

/** Features of every point, and what they were made with. */
export interface FpfhSizes extends Disposable {
  /** A row a point: for each size in turn 33 columns, the first at a multiple of 36; what lies between is 0. */
  readonly rows: Rows;
  /** Normals, `count × 4`; those that were given where there were any. */
  readonly normals: GpuBuffer<"f32">;
}

/**
 * The `fpfh` of every point of a cloud, from one search for all sizes; a cloud may be empty. Nothing is read back. Disposing what is
 * given disposes rows and own normals; either may be disposed before.
 * @throws {ShapeMismatch} for numbers of neighbours or columns that cannot be
 * @throws {GpuOutOfMemory}
 */
export function fpfhSizes(gpu: Gpu, options: FpfhSizesOptions): FpfhSizes {
  const { cloud, sizes, form, mostBytes = gpu.limits.bindingBytes } = options;
  const { columns = fpfhColumns(sizes.length) } = options, stride = strideOf(columns);
  if (sizes.length === 0) throw new ShapeMismatch("fpfh-sizes", "one size or more", "none");
  using owned = new DisposableStack();
  const give = (values: GpuBuffer<"f32">, normals: GpuBuffer<"f32">): FpfhSizes => {
    const kept = owned.move();
    const rows = { values, count: cloud.count, columns, stride, [Symbol.dispose]: () => values[Symbol.dispose]() };
    return { rows, normals, [Symbol.dispose]: () => kept.dispose() };
  };
  if (cloud.count === 0) {
    return give(owned.use(gpu.buffer("f32", 0)), options.normals ?? owned.use(gpu.buffer("f32", 0)));
  }
  const most = Math.max(...sizes), k = options.normals ? most : Math.max(options.normalK, most);
  const makeNormals = (neighbours: Neighbours, { normalK, orient }: Exclude<NormalChoice, { normals: object }>) =>
    normalsOf(gpu, { cloud, neighbours, k: normalK, orient });
  if (cloud.count * k * 8 <= mostBytes) {
    using neighbours = nearestNeighbours(gpu, { cloud, k });
    const normals = options.normals ?? owned.use(makeNormals(neighbours, options));
    const { values } = owned.use(fpfh(gpu, { cloud, normals, neighbours, sizes, form, columns }));
    return give(values, normals);
  }
  const inPieces = (
    k: number,
    stride: number,
    make: (neighbours: Neighbours) => { values: GpuBuffer<"f32"> } & Disposable,
  ) => {
    using unfinished = new DisposableStack();
    const whole = unfinished.use(gpu.buffer("f32", cloud.count * stride));
    const size = Math.max(1, Math.floor(mostBytes / (8 * k)));
    for (let first = 0; first < cloud.count; first += size) {
      using neighbours = nearestNeighbours(gpu, { cloud, k, first, count: Math.min(size, cloud.count - first) });
      using piece = make(neighbours);
      gpu.copy(piece.values, whole, { to: first * stride });
      gpu.submit(); // so that the next piece can use this one's memory
    }
    unfinished.move();
    return whole;
  };
  const normals = options.normals ?? owned.use(inPieces(options.normalK, 4, (neighbours) => {
    const values = makeNormals(neighbours, options);
    return { values, [Symbol.dispose]: () => values[Symbol.dispose]() };
  }));
  const common = { cloud, normals, sizes, form }, step = STEP * sizes.length;
  using simple = inPieces(most, step, (neighbours) => spfh(gpu, { ...common, neighbours }));
  const histograms: Rows = {
    values: simple,
    count: cloud.count,
    columns: fpfhColumns(sizes.length),
    stride: step,
    [Symbol.dispose]: () => {},
  };
  const values = owned.use(
    inPieces(most, stride, (neighbours) => fpfh(gpu, { ...common, neighbours, histograms, columns })),
  );
  return give(values, normals);
}
